// docs/errors.md, the table of codes and the code that throws agree: every code has a heading, every heading
// a code, every code is thrown somewhere, and the messages shown are real.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorCodes, UnstickError } from '../../src/entries/main.ts';
import type { ErrorCode } from '../../src/entries/main.ts';
import { readMarkdown, root, sectionOf } from './markdown.ts';
import { against } from './programs.ts';
import { provocations, provoked } from './provocations.ts';

const document = readMarkdown('docs/errors.md');
// Marked cast: the record is total over ErrorCode, and the test of headings compares it.
const codes = Object.keys(provocations) as ErrorCode[];
/** What every error has, and the facts that the message states already. */
const everywhere = new Set(['name', 'code', 'hint', 'message', 'stack']);

interface Entry {
  readonly className: string;
  readonly meaning: string;
  readonly fields: readonly string[];
  readonly message: string;
}

function entryOf(code: ErrorCode): Entry {
  const section = sectionOf(document, code);
  const [, className = '', meaning = '', fields = ''] =
    /^`(\w+)`: (.+)\. Fields: (.+)\.$/m.exec(section) ?? [];
  const [, message = ''] = /^```text\n([\s\S]*?)\n```$/m.exec(section) ?? [];
  return { className, meaning, fields: fields.match(/(?<=`)\w+(?=`)/g) ?? [], message };
}

function sourceFiles(): { readonly path: string; readonly text: string }[] {
  return readdirSync(join(root, 'src'), { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('.ts') && path !== 'errors.ts')
    .map((path) => ({ path, text: readFileSync(join(root, 'src', path), 'utf8') }));
}

describe('docs/errors.md', () => {
  test('has a heading for every code and for nothing else', () => {
    const headings = document.headings.filter(({ level }) => level === 3).map(({ title }) => title);
    expect(headings.toSorted()).toEqual(Object.keys(errorCodes).toSorted());
  });

  for (const code of codes) {
    test(`describes ${code} as it is when it is provoked`, async () => {
      const { className, meaning, fields, message } = entryOf(code);
      const error = await provoked(code);
      if (!(error instanceof UnstickError)) {
        throw new Error(`${code} was not provoked`, { cause: error });
      }
      expect(error.code).toBe(code);
      expect(className).toBe(error.name);
      expect(meaning).toBe(errorCodes[code]);
      const own = Object.getOwnPropertyNames(error).filter((name) => !everywhere.has(name));
      expect(own.filter((name) => !fields.includes(name))).toEqual([]);
      expect(against(message, error.message)).toBe(message);
    });
  }
});

describe('the source', () => {
  const files = sourceFiles();

  test('throws every code somewhere', () => {
    const thrown = files.map(({ text }) => text).join('\n');
    expect(Object.keys(errorCodes).filter((code) => !thrown.includes(`'${code}'`))).toEqual([]);
  });

  test('names no code that the table lacks', () => {
    const strangers = files.flatMap(({ path, text }) =>
      (text.match(/\bERR_[A-Z_]+\b/g) ?? [])
        .filter((code) => !Object.hasOwn(errorCodes, code) && !isOfNode(code))
        .map((code) => `${path}: ${code}`),
    );
    expect(strangers).toEqual([]);
  });
});

/** Codes of Node's own errors, which the source may look for. */
function isOfNode(code: string): boolean {
  return /^ERR_(?:STREAM|SOCKET|INVALID|SCRIPT|SERVER|TLS|SSL|OUT_OF|BUFFER_OUT_OF)_/.test(code);
}
