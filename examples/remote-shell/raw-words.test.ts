// Words that are not UTF-8 arrive byte for byte, or are refused. No command ever gets a different name.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeWords } from '../support/node-words.ts';
import { isRaw, isWord, toBytes, toWord } from '../support/raw-text.ts';
import { readOrder } from './both/protocol.ts';
import { finished, Trial } from './testing/trial.ts';
import type { Ran } from './testing/trial.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

/** 中文 in GBK, and bytes that are not text in any encoding. */
const GBK = Buffer.from([0xd6, 0xd0, 0xce, 0xc4]);
const WILD = Buffer.from([0xff, 0xfe, 0x25, 0x5c, 0x27, 0x0a, 0x80, 0x0a]);

describe('a word', () => {
  test('holds any bytes, and gives them back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const word = toWord(bytes);
        expect(toBytes(word).equals(Buffer.from(bytes))).toBe(true);
        expect(isWord(word)).toBe(true);
        expect(JSON.parse(JSON.stringify(word))).toBe(word);
      }),
    );
  });

  test('is its text where the bytes are UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(toWord(Buffer.from(text))).toBe(text);
        expect(isRaw(text)).toBe(false);
      }),
    );
  });

  test.each(['\udc00', '\udc7f', '\ud800', '\udfff'])('is not %j, which is no byte', (word) => {
    expect(() => readOrder({ id: 1, argv: ['echo', word] })).toThrow('argv must hold');
    expect(() => readOrder({ id: 1, argv: ['echo'], cwd: word })).toThrow('cwd must be a path');
  });
});

let trial: Trial;
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'unstick-words-'));
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), GBK]), 'in GBK');
  mkdirSync(Buffer.concat([Buffer.from(`${folder}/d`), GBK]));
  trial = await Trial.start(['--cwd', folder]);
});
afterAll(async () => {
  await trial.end();
  rmSync(folder, { recursive: true });
});

/** Node starts programs with strings only, so a shell makes the bytes of the words. */
function run(start: string, words: readonly (string | Uint8Array)[]): Promise<Ran> {
  const octal = words.map((word) =>
    Array.from(Buffer.from(word), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
  );
  const made = octal.map((text, at) => `w${at}=$(printf '${text}.')`).join('; ');
  const line = `${made}; exec ${start} ${octal.map((_, at) => `"\${w${at}%.}"`).join(' ')}`;
  // Drop the variable that npm sets for its scripts: the tests may run under npm.
  const { npm_lifecycle_event: _npm, ...inherited } = process.env;
  const env = { ...inherited, NO_COLOR: '1', XDG_RUNTIME_DIR: trial.runtime };
  const child = spawn('sh', ['-c', line], { env, cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  return finished(child);
}

const direct = [process.execPath, ...nodeWords(main)].join(' ');

describe('exec', () => {
  test('gives the words to the command byte for byte', async () => {
    const words = [WILD, 'a b', GBK, '', '粘包', Buffer.from([0x80])];
    const { stdout, stderr } = await run(direct, ['exec', 'printf', '%s|', ...words]);
    expect(stderr).toBe('');
    expect(stdout).toEqual(
      Buffer.concat(words.flatMap((word) => [Buffer.from(word), Buffer.from('|')])),
    );
  });

  test('gives the command the environment that it has without such words', async () => {
    const script = 'env | sort';
    const plain = await run(direct, ['exec', 'sh', '-c', script, 'x']);
    const raw = await run(direct, ['exec', 'sh', '-c', script, WILD]);
    expect(raw.stdout.toString()).toBe(plain.stdout.toString());
  });

  test('opens the file that exec ls shows', async () => {
    expect((await run(direct, ['exec', 'cat', GBK])).stdout.toString()).toBe('in GBK');
  });

  test('goes to the folder that --cwd names', async () => {
    const name = Buffer.concat([Buffer.from('d'), GBK]);
    const { stdout } = await run(direct, ['--cwd', name, 'exec', 'pwd', '-P']);
    expect(stdout).toEqual(Buffer.concat([Buffer.from(`${folder}/d`), GBK, Buffer.from('\n')]));
  });

  test.each([
    [[GBK], 127, /command not found/],
    [['cat', Buffer.concat([GBK, GBK])], 1, /No such file/],
  ])('fails as with any word: %#', async (words, code, says) => {
    const { status, stderr } = await run(direct, ['exec', ...words]);
    expect(stderr).toMatch(says);
    expect(status).toBe(code);
  });

  test('is refused where npm has replaced the bytes', async () => {
    const { status, stderr } = await run('npm run -s shell --', ['exec', 'echo', WILD]);
    expect(stderr).toMatch(/^shell: A word of the command line is not UTF-8, .*node --import tsx/);
    expect(status).toBe(255);
  });

  test('takes a U+FFFD that was typed', async () => {
    expect((await run(direct, ['exec', 'echo', '\uFFFD'])).stdout.toString()).toBe('\uFFFD\n');
  });
});
