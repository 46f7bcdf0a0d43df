// Many files, directory trees and names, with real processes: what users of sftp do every day.

import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { partPathOf } from './client/part-path.ts';
import { matches } from './client/many.ts';
import { networkOf } from './server/attempts.ts';
import type { Ending } from '../support/stage.ts';
import { ask, beginPut, sizeOf, World, writeRandom } from './testing/world.ts';

const MiB = 1024 * 1024;
const hasScript = spawnSync('script', ['--version']).status === 0;
let world: World;

beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.end());

/** What a client wrote to stderr, without the line with its peak memory that the tests make it write. */
function said({ stderr }: Ending): string {
  return stderr.replace(/^peak memory .*\n/m, '');
}

const names = Array.from({ length: 40 }, (_, at) => `many-${String(at).padStart(2, '0')}.txt`);

describe('put and get of many names', () => {
  test('move all of them: those beyond the limit of the server wait', async () => {
    await Promise.all(names.map((name) => writeFile(world.here(name), name)));
    const put = await world.run('put', ...names);
    expect(said(put)).toBe('');
    expect(put.code).toBe(0);
    await mkdir(world.here('back'));
    const get = await world.start(['--directory', world.here('back'), 'get', 'many-*.txt']).ended;
    expect([said(get), get.code]).toEqual(['', 0]);
    expect((await readdir(world.here('back'))).sort()).toEqual(names);
    expect(await readFile(world.here('back/many-17.txt'), 'utf8')).toBe('many-17.txt');
  });

  test('name the file that an error is about', async () => {
    const put = await world.run('put', 'many-00.txt', 'nope.txt', '--yes');
    expect(said(put)).toMatch(/nope\.txt.*\[E_NO_FILE\]\n$/);
    expect(put.code).toBe(1);
    const get = await world.run('get', 'many-01.txt', 'not-there', '--yes');
    expect(said(get)).toMatch(/not-there.*\[E_NO_FILE\]\n$/);
    const none = await world.run('get', '*.none');
    expect(said(none)).toBe('No name matches *.none. [E_NO_FILE]\n');
    const nowhere = await world.start(['--directory', '/nowhere', 'get', 'many-00.txt']).ended;
    expect(said(nowhere)).toBe('There is no folder /nowhere here. [E_NO_FILE]\n');
  });
});

describe('a directory', () => {
  test('goes there and comes back with -r, and goes with rm -r', async () => {
    await mkdir(world.here('tree/deep/空'), { recursive: true });
    await writeFile(world.here('tree/a'), 'a');
    await writeFile(world.here('tree/deep/b c'), 'bc');
    expect((await world.run('put', '-r', 'tree')).code).toBe(0);
    await mkdir(world.here('again'));
    const get = await world.start(['--directory', world.here('again'), 'get', '-r', 'tree']).ended;
    expect([said(get), get.code]).toEqual(['', 0]);
    expect(await readFile(world.here('again/tree/deep/b c'), 'utf8')).toBe('bc');
    expect((await stat(world.here('again/tree/deep/空'))).isDirectory()).toBe(true);
    const before = await ask(await world.peer(), 'quota');
    expect((await world.run('rm', 'tree')).stderr).toContain('[E_NOT_EMPTY]');
    expect((await world.run('rm', '-r', 'tree')).stdout).toBe('/tree\n');
    expect(await sizeOf(world.home('tree'))).toBeUndefined();
    const after = await ask(await world.peer(), 'quota');
    expect(Number(before['used']) - Number(after['used'])).toBe(3);
  });

  test('is renamed by mv, moved into another one, and never into itself', async () => {
    const peer = await world.peer();
    await ask(peer, 'mkdir', { path: 'one' });
    await ask(peer, 'mkdir', { path: 'two' });
    expect(await ask(peer, 'mv', { path: 'one', to: 'uno' })).toEqual({ path: '/uno' });
    expect(await ask(peer, 'mv', { path: 'uno', to: 'two' })).toEqual({ path: '/two/uno' });
    const refused = (path: string, to: string): Promise<unknown> =>
      ask(peer, 'mv', { path, to }).catch((error: { remoteCode: string }) => error.remoteCode);
    expect(await refused('two', 'two/uno')).toBe('E_NAME');
    expect(await refused('two', 'two/x')).toBe('E_NAME');
    expect(await refused('nope', 'x')).toBe('E_NO_FILE');
    expect(await refused('two', 'many-00.txt')).toBe('E_EXISTS');
    expect(await refused('/', 'x')).toBe('E_NAME');
    expect(await refused('two', '../x')).toBe('E_OUTSIDE');
  });
});

describe('a file', () => {
  test('keeps its mode and its time, both ways', async () => {
    await writeFile(world.here('kept'), 'kept');
    await chmod(world.here('kept'), 0o751);
    await utimes(world.here('kept'), 1_000_000_000.25, 1_000_000_000.25);
    await world.run('put', 'kept');
    await world.run('get', 'kept', '--as', 'kept back');
    for (const path of [world.home('kept'), world.here('kept back')]) {
      const { mode, mtimeMs } = await stat(path);
      expect([mode & 0o777, mtimeMs]).toEqual([0o751, 1_000_000_000_250]);
    }
  });

  test.each(['n'.repeat(255), '名'.repeat(85), '.fetching', 'a b;c$d&e'])(
    'called %s comes and goes',
    async (name) => {
      await writeFile(world.here(name), name);
      const put = await world.run('put', name);
      expect([said(put), put.code]).toEqual(['', 0]);
      const get = await world.run('get', name, '--yes');
      expect([said(get), get.code]).toEqual(['', 0]);
      expect(await readFile(world.here(name), 'utf8')).toBe(name);
    },
  );

  test.each(['NFC', 'NFD'] as const)(
    'that has its name in %s on the disk is reached',
    async (form) => {
      const name = `caf\u00e9-${form}`;
      await writeFile(world.home(name.normalize(form)), 'there');
      for (const typed of [name.normalize('NFC'), name.normalize('NFD')]) {
        const get = await world.run('get', typed, '--as', `back-${form}`, '--yes');
        expect([said(get), get.code]).toEqual(['', 0]);
      }
      expect((await world.run('rm', name)).code).toBe(0);
      expect(await sizeOf(world.home(name.normalize(form)))).toBeUndefined();
    },
  );

  test('is fetched by one program at a time', async () => {
    await writeRandom(world.home('one at a time'), MiB);
    const lock = `${partPathOf(world.here('one at a time'))}.lock`;
    await writeFile(lock, String(process.pid));
    const second = await world.run('get', 'one at a time', '--yes');
    expect(second.stderr).toContain('being fetched already, by another program. [E_BUSY]');
    await writeFile(lock, ''); // A program has just made it, and writes its number next.
    const soon = Date.now() / 1000 + 60; // The client may need long to start, and then look.
    await utimes(lock, soon, soon);
    expect((await world.run('get', 'one at a time')).stderr).toContain('[E_BUSY]');
    await utimes(lock, 0, 0); // A program was killed before it wrote its number.
    expect((await world.run('get', 'one at a time')).code).toBe(0);
    await rm(world.here('one at a time'));
    await writeFile(lock, String(2 ** 30)); // The lock of a program that was killed.
    expect((await world.run('get', 'one at a time')).code).toBe(0);
    expect(await sizeOf(lock)).toBeUndefined();
  });
});

test('output into head ends without a trace', async () => {
  for (const words of ['ls', 'stat many-00.txt']) {
    const client = world.piped(words, 'head -0');
    expect(said(await client.ended)).toBe('');
  }
});

describe('the number of entries', () => {
  test('has a limit, for files and for directories', async () => {
    const small = await World.open({ args: ['--max-entries', '3'] });
    onTestFinished(() => small.end());
    const peer = await small.peer();
    await ask(peer, 'mkdir', { path: 'a' });
    await ask(peer, 'mkdir', { path: 'a/b' });
    await writeFile(small.here('f'), '');
    expect((await small.run('put', 'f')).code).toBe(0);
    const full = 'You have 3 files and directories; 3 are allowed.';
    await expect(ask(peer, 'mkdir', { path: 'c' })).rejects.toThrow(full);
    await expect(beginPut(peer, 'g', 1)).rejects.toThrow(full);
    expect((await small.run('put', 'f', '--yes')).code).toBe(0);
    await ask(peer, 'rm', { path: 'a', recursive: true });
    await ask(peer, 'mkdir', { path: 'c' });
  });
});

describe.skipIf(!hasScript)('the prompt in a terminal (needs script)', () => {
  test('cancels one transfer on Ctrl-C, keeps its part, and goes on', async () => {
    await writeRandom(world.home('slow'), 64 * MiB);
    const proxy = await world.proxy({ direction: 'to-client', faults: ['throttle:400kB'] });
    const shell = world.inTerminal('--port', String(proxy.port));
    await shell.line('help');
    shell.type('get slow\r');
    await expect.poll(() => sizeOf(world.fetching('slow'))).toBeGreaterThan(0);
    shell.type('\u0003');
    await shell.line('get slow: cancelled. The part is kept; --resume continues it. [E_CANCELLED]');
    expect(await sizeOf(world.fetching('slow'))).toBeGreaterThan(0);
    shell.type('half a line\u0003pwd\r');
    await shell.line(/\[K\/\r?$/);
    shell.type('quit\r');
    expect((await shell.ended).code).toBe(1);
  });

  test('never takes a typed line for the answer to a question from behind', async () => {
    await writeFile(world.home('asked'), 'new');
    await writeFile(world.here('asked'), 'old');
    const shell = world.inTerminal();
    await shell.line('help');
    shell.type('get asked &\r');
    await shell.line('asked exists here; --yes overwrites it. [E_EXISTS]');
    shell.type('pwd\r');
    await shell.line(/\[K\/\r?$/);
    shell.type('bye\r');
    await shell.ended;
    expect(await readFile(world.here('asked'), 'utf8')).toBe('old');
  });
});

describe('a line at the prompt', () => {
  test('is quoted as in a shell, and exit, quit and bye leave', async () => {
    await writeFile(world.here('my file'), 'x');
    for (const [line, leave] of [
      [String.raw`put my\ file --as q1`, 'exit'],
      ['put my" "file --as "q"2', 'quit'],
      [`put 'my file' --as q3`, 'bye'],
    ]) {
      const shell = world.start([]);
      shell.type(`${line}\n${leave}\nrm q1\n`);
      const ended = await shell.ended;
      expect([said(ended), ended.code]).toEqual(['', 0]);
    }
    expect(await sizeOf(world.home('q1'))).toBe(1);
    expect(await sizeOf(world.home('q2'))).toBe(1);
    expect(await sizeOf(world.home('q3'))).toBe(1);
  });

  test('changes the local folder with lcd', async () => {
    await mkdir(world.here('elsewhere'));
    const shell = world.start([]);
    shell.type('lcd elsewhere\nget kept\nlpwd\nexit\n');
    const { stdout } = await shell.ended;
    expect(stdout).toContain(`${world.here('elsewhere')}\n`);
    expect(await sizeOf(world.here('elsewhere/kept'))).toBe(4);
  });
});

describe('a pattern', () => {
  test('fits as a regular expression would', () => {
    const chars = fc.constantFrom('a', 'b', '*', '?', '中');
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '中') });
    fc.assert(
      fc.property(text, fc.string({ unit: chars }), (name, pattern) => {
        const source = pattern.replaceAll('*', '.*').replaceAll('?', '.');
        expect(matches(name, pattern)).toBe(new RegExp(`^${source}$`, 'u').test(name));
      }),
    );
  });

  test('with many stars is decided at once', () => {
    expect(matches('a'.repeat(10_000), `${'*a'.repeat(50)}b`)).toBe(false);
  });
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:DB8:0:1:ffff::2', '2001:db8:0:1::/64'],
  ['2001:db8:0:1:1:2:3:4', '2001:db8:0:1::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
