// src/heads/compiled.ts is what binary-parser compiles from declarations.ts, and reads what the live parser
// reads. To write it: UPDATE_HEADS=1 npx vitest run --project unit test/heads/compiled.test.ts

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { format, resolveConfig } from 'prettier';
import { describe, expect, test } from 'vitest';
import { COMPILED } from '../../src/heads/compiled.ts';
import { fieldsOf } from '../../src/heads/fields.ts';
import { instrumented, isBinaryParser, plannedHead } from '../../src/heads/instrument.ts';
import type { BinaryParser } from '../../src/heads/instrument.ts';
import { root } from '../docs/markdown.ts';
import { FORMAT_NAMES, framesOf } from '../support/format-vectors.ts';
import { runs } from '../support/seed.ts';
import { DECLARATIONS } from './declarations.ts';

const path = join(root, 'src/heads/compiled.ts');

function parserOf(declared: unknown): BinaryParser {
  if (!isBinaryParser(declared)) {
    throw new TypeError('no parser');
  }
  return declared;
}

const heads = Object.entries(DECLARATIONS).map(
  ([name, declared]) => [name, parserOf(declared)] as const,
);

const HEADER = `// Generated from test/heads/declarations.ts by binary-parser. To change a head, edit that file, then run:
// UPDATE_HEADS=1 npx vitest run --project unit test/heads/compiled.test.ts

// @ts-nocheck -- the code of binary-parser has no types
/* oxlint-disable */

import type { PlannedHead } from './head-field.ts';

export const COMPILED: Readonly<Record<string, PlannedHead>> = {
`;

async function compiledText(): Promise<string> {
  const rows = heads.map(([name, declared]) => {
    const { parser, plan } = instrumented(declared);
    const key = JSON.stringify(name);
    return `${key}: { plan: ${JSON.stringify(plan)}, read(buffer) {\n${parser.getCode()}\n} },\n`;
  });
  const options = await resolveConfig(path);
  return format(`${HEADER}${rows.join('')}};\n`, { ...options, parser: 'typescript' });
}

test('the compiled heads are those that are declared', async () => {
  const text = await compiledText();
  if (process.env['UPDATE_HEADS'] !== undefined) {
    writeFileSync(path, text);
  }
  expect(readFileSync(path, 'utf8')).toBe(text);
  expect(text).not.toMatch(/\beval\b|new Function/);
});

describe.each(heads)('the head of %s', (name, declared) => {
  const compiled = COMPILED[name] ?? { plan: [], read: () => ({}) };
  const live = plannedHead(declared);
  const row = FORMAT_NAMES.find((one) => one === name.split(' ')[0]);

  test('reads random bytes as the live parser does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(1000), (bytes, offset) => {
        const fields = fieldsOf(compiled, Buffer.from(bytes), offset);
        expect(fields).toEqual(fieldsOf(live, Buffer.from(bytes), offset));
      }),
      runs(50),
    );
  });

  test('belongs to a format, and has fields one behind the other in its golden frames', () => {
    const frames = row === undefined ? [] : framesOf(row);
    expect(frames.length).toBeGreaterThan(0);
    const all = frames.map((frame) => fieldsOf(compiled, frame, 0));
    expect(all.some((fields) => fields !== undefined && fields.length > 0)).toBe(true);
    for (const fields of all) {
      const ends = (fields ?? []).map(({ offset, length }) => offset + length);
      expect(ends).toEqual(ends.toSorted((one, other) => one - other));
    }
  });
});
