// `unstick inspect --fields` and `--head` as people start it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../support/command.ts';
import type { Ran } from '../support/command.ts';
import { root } from '../docs/markdown.ts';

const PACKAGE = pathToFileURL(join(root, 'node_modules/binary-parser/dist/binary_parser.js')).href;

function run(words: readonly string[], head?: string): Promise<Ran> {
  const cwd = mkdtempSync(join(tmpdir(), 'unstick-heads-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  if (head !== undefined) {
    const text = `import pkg from ${JSON.stringify(PACKAGE)};\nconst { Parser } = pkg;\n${head}`;
    writeFileSync(join(cwd, 'head.mjs'), text);
  }
  return runCommand(['inspect', ...words], { cwd });
}

/** The fields of all frames in the JSON Lines. */
function fieldsIn({ stdout }: Ran): unknown[] {
  const lines = stdout.trim().split('\n');
  const frames = lines.map((line): unknown => JSON.parse(line));
  return frames.flatMap((line) =>
    Reflect.get(line as object, 'kind') === 'frame' ? [Reflect.get(line as object, 'fields')] : [],
  );
}

describe('unstick inspect --fields', () => {
  test('prints the fields of each frame in JSON, with their places in the stream', async () => {
    const words = ['--hex', '5a0000000549 5a00000005 54', '--frames', 'postgres', '--json'];
    const ran = await run([...words, '--fields']);
    expect(ran.stderr).toBe('');
    expect(fieldsIn(ran)).toEqual([
      [
        { name: 'type', offset: 0, length: 1, value: 'Z' },
        { name: 'length', offset: 1, length: 4, value: 5 },
      ],
      [
        { name: 'type', offset: 6, length: 1, value: 'Z' },
        { name: 'length', offset: 7, length: 4, value: 5 },
      ],
    ]);
    expect(fieldsIn(await run(words))).toEqual([undefined, undefined]);
    expect(ran.stdout).not.toContain('bytes":"');
  });

  test('is refused for a format without a head', async () => {
    const ran = await run(['--hex', '00', '--frames', 'u8', '--fields']);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/--fields needs a format with a declared head, or --head/);
  });
});

describe('unstick inspect --head', () => {
  test('reads heads with the parser of a file, with trees, bits and lists', async () => {
    const ran = await run(
      ['--hex', '00000006 f1 0a 0b 01 02 03', '--frames', 'u32be', '--json', '--head', 'head.mjs'],
      `export default new Parser().endianess('big').uint32('length').bit4('a').bit4('b')
         .nest('pair', { type: new Parser().uint8('x').uint8('y') })
         .array('rest', { type: 'uint8', length: 3 });`,
    );
    expect(ran.stderr).toBe('');
    expect(fieldsIn(ran)).toEqual([
      [
        { name: 'length', offset: 0, length: 4, value: 6 },
        { name: 'a', offset: 4, length: 1, value: 15 },
        { name: 'b', offset: 4, length: 1, value: 1 },
        {
          name: 'pair',
          offset: 5,
          length: 2,
          value: [
            { name: 'x', offset: 5, length: 1, value: 10 },
            { name: 'y', offset: 6, length: 1, value: 11 },
          ],
        },
        { name: 'rest', offset: 7, length: 3, value: '[1,2,3]' },
      ],
    ]);
  });

  test('escapes text of a remote in the tree', async () => {
    const ran = await run(
      ['--hex', '04 1b5b324a', '--frames', 'u8', '--head', 'head.mjs'],
      "export const head = new Parser().uint8('length').string('name', { length: 4 });",
    );
    expect(ran.stdout).toContain(String.raw`└ name "\u{1b}[2J" @1+4`);
    expect(ran.stdout).not.toContain('\u001b');
  });

  test('gives no fields where the parser wants more bytes than there are', async () => {
    const ran = await run(
      ['--hex', '01 61', '--frames', 'u8', '--json', '--head', 'head.mjs'],
      "export default new Parser().uint8('length').uint32('id');",
    );
    expect(fieldsIn(ran)).toEqual([undefined]);
    expect(ran.code).toBe(0);
  });

  test.each([
    ['exports no parser', 'export default 1;'],
    ['throws', "throw new Error('no');"],
  ])('says so when the file %s', async (_, text) => {
    const ran = await run(['--hex', '01 61', '--frames', 'u8', '--head', 'head.mjs'], text);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toMatch(/head\.mjs/);
  });
});
