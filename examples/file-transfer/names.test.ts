// Names on a disk that are not plain text: they are listed, fetched, sent, renamed and removed byte for byte,
// and nothing of them is printed raw.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectHarmless } from '../../test/support/hostile-text.ts';
import { runs } from '../../test/support/seed.ts';
import { onDisk, toWord } from '../support/raw-text.ts';
import { fromShown, toShown } from './both/shown-name.ts';
import { World } from './testing/world.ts';

/** Each name as a user sees it, and its bytes. */
const names: Readonly<Record<string, Buffer>> = {
  // "中文" in GBK, and "café" in Latin-1.
  '\\xd6\\xd0\\xce\\xc4.txt': Buffer.from('d6d0cec42e747874', 'hex'),
  'caf\\xe9': Buffer.from('636166e9', 'hex'),
  'a\\x5cb': Buffer.from('a\\b'),
  '..\\x5c..\\x5cx': Buffer.from('..\\..\\x'),
  'literal \\x5cxff': Buffer.from('literal \\xff'),
  'two\\x0alines': Buffer.from('two\nlines'),
  '\\x1b[2J\\x07': Buffer.from('\u001b[2J\u0007'),
  'c\\x3a drive': Buffer.from('c: drive'),
  '\\xe2\\x80\\xaegpj.exe': Buffer.from('\u202egpj.exe'),
  'zero\\xe2\\x80\\x8bwidth': Buffer.from('zero\u200bwidth'),
  '\uFFFD is a character': Buffer.from('\uFFFD is a character'),
  'half \\xe4\\xb8 of 中': Buffer.from('68616c6620e4b8206f6620e4b8ad', 'hex'),
};

describe('the shown form of a name', () => {
  test.each(Object.entries(names))('%s', (shown, bytes) => {
    expect(toShown(toWord(bytes))).toBe(shown);
    expect(fromShown(shown)).toBe(toWord(bytes));
    expect(fromShown(shown.replaceAll(/\\x../g, (run) => `\\x${run.slice(2).toUpperCase()}`))).toBe(
      toWord(bytes),
    );
  });

  test('gives back every name of bytes, and is harmless to print', () => {
    const name = fc.uint8Array({ minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(name, (bytes) => {
        const shown = toShown(toWord(bytes));
        expect(Buffer.from(onDisk(fromShown(shown) ?? ''))).toEqual(Buffer.from(bytes));
        expectHarmless(shown);
      }),
      runs(500),
    );
  });

  test.each([
    ['a\\b', 'a backslash that begins no escape'],
    ['\\x2f', 'a / in disguise'],
    ['\\x2e\\x2e', 'two dots in disguise'],
    ['\\x41', 'a letter in disguise'],
    ['\\xe4\\xb8\\xad', 'a character of UTF-8 in disguise'],
    ['\\xf', 'half an escape'],
  ])('%s is that of no name: %s', (shown) => {
    expect(fromShown(shown)).toBeUndefined();
  });
});

/** The content of each file in a folder, by the name of the file in hex. */
function contents(folder: string): Record<string, string> {
  const found = readdirSync(onDisk(folder), { encoding: 'buffer' });
  return Object.fromEntries(
    found.map((name) => [
      name.toString('hex'),
      readFileSync(onDisk(`${folder}/${toWord(name)}`), 'utf8'),
    ]),
  );
}

function fill(folder: string): Record<string, string> {
  mkdirSync(onDisk(folder), { recursive: true });
  for (const [shown, bytes] of Object.entries(names)) {
    writeFileSync(onDisk(`${folder}/${toWord(bytes)}`), `This is ${shown}`);
  }
  return contents(folder);
}

describe('on a disk', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(() => world.end());

  /** Runs lines at the prompt of one client. Expects no error, and returns the output. */
  async function type(lines: readonly string[]): Promise<string> {
    const client = world.start([]);
    client.type(`${lines.join('\n')}\nbye\n`);
    client.endInput();
    const { code, stdout, stderr } = await client.ended;
    expect(stderr.replace(/^peak memory .*\n/m, '')).toBe('');
    expect(code).toBe(0);
    expectHarmless(stdout);
    return stdout;
  }

  test('they are listed as they are typed, and stat, get, mv and rm take them', async () => {
    const filled = fill(world.home('odd'));
    const all = Object.keys(names);
    const listed = await type(['ls -l odd']);
    expect(listed.match(/(?<=\d\d:\d\d {2}).*/g)).toEqual(all.toSorted());
    await type([
      'cd odd',
      ...all.flatMap((name) => [`stat '${name}'`, `get '${name}'`]),
      ...all.flatMap((name, at) => [`mv '${name}' ${at}`, `mv ${at} '${name}'`]),
    ]);
    expect(contents(world.local)).toEqual(filled);
    expect(contents(world.home('odd'))).toEqual(filled);
    await type(['cd odd', ...all.map((name) => `rm '${name}'`)]);
    expect(contents(world.home('odd'))).toEqual({});
    await type(['rm odd']);
    for (const name of readdirSync(world.local, { encoding: 'buffer' })) {
      rmSync(onDisk(world.here(toWord(name))));
    }
  });

  test('put and get take them by pattern and recursively, also as names of directories', async () => {
    const inner = toWord(Buffer.from('d6d0', 'hex'));
    const filled = fill(world.here(`tree/${inner}`));
    await type(['put -r tree', 'mkdir flat', 'cd flat']);
    expect(contents(world.home(`tree/${inner}`))).toEqual(filled);
    rmSync(world.here('tree'), { recursive: true });
    await type(['get -r tree', "cd 'tree/\\xd6\\xd0'", 'pwd', 'get *']);
    expect(contents(world.here(`tree/${inner}`))).toEqual(filled);
    rmSync(world.here('tree'), { recursive: true });
    // * does not match a name with a leading dot.
    const { [Buffer.from('..\\..\\x').toString('hex')]: _hidden, ...plain } = filled;
    expect(contents(world.local)).toEqual(plain);
    await type(['cd /flat', 'put *']);
    expect(contents(world.home('flat'))).toEqual(plain);
    await type(['rm -r tree', 'rm -r flat', 'quota']);
    expect(readdirSync(world.home(''))).toEqual([]);
  });

  test('a home that has them is counted when its user comes for the first time', async () => {
    fill(world.home('', 'bob'));
    const client = world.start(['quota'], { user: 'bob' });
    const bytes = Object.values(contents(world.home('', 'bob'))).join('');
    expect((await client.ended).stdout).toContain(`${Buffer.byteLength(bytes)} of `);
  });

  test('their bytes on the command line are taken as they are, as a shell gives them', async () => {
    const bytes = Buffer.from('raw caf\xe9', 'latin1');
    writeFileSync(onDisk(`${world.local}/${toWord(bytes)}`), 'bytes');
    const raw = `"$(printf 'raw caf\\351')"`;
    const run = async (words: string): Promise<string> => {
      const { stdout, stderr } = await world.piped(`--directory ${world.local} ${words}`, 'cat')
        .ended;
      expect(stderr).toBe('');
      return stdout;
    };
    expect(await run(`put ${raw}`)).toContain('put raw caf\\xe9: 5 bytes');
    expect(contents(world.home(''))[bytes.toString('hex')]).toBe('bytes');
    expect(await run(`stat ${raw}`)).toContain('raw caf\\xe9');
    expect(await run(`get ${raw} --as back`)).toContain('got back: 5 bytes');
    expect(await run(`mv ${raw} plain`)).toContain('/plain');
    // And the shown form names a file here, too.
    expect(await run(`put "raw caf\\\\xe9" --as ${raw}`)).toContain('put raw caf\\xe9: 5 bytes');
    expect(await run(`rm ${raw}`)).toContain('raw caf\\xe9');
  });
});
