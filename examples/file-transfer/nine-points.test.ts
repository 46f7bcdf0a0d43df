// Points (2) to (8) of the nine points of the homework, with server and clients as processes. (1) is in
// login.test.ts, (9) in broken.test.ts.

import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, beginPut, NOTHING, sha256, sizeOf, World, writeRandom } from './testing/world.ts';

const MiB = 1024 * 1024;
let world: World;

beforeAll(async () => {
  world = await World.open({ quota: 1024 * MiB });
});
afterAll(() => world.end());

describe('(2) many users at once', () => {
  test('serves twenty connections of two users, each in its own home', async () => {
    const other = await World.open();
    try {
      const peers = await Promise.all(
        Array.from({ length: 20 }, (_, n) => other.peer(n % 2 === 0 ? 'alice' : 'bob')),
      );
      await Promise.all(
        peers.map(async (peer, n) => {
          const [ticket, channel] = await beginPut(peer, `empty ${n}`, 0);
          channel.end();
          await ask(peer, 'finish', { ticket, sha256: NOTHING });
        }),
      );
      const [first, second] = await Promise.all(
        peers.slice(0, 2).map(async (peer) => {
          const { body } = await peer.request('ls', {});
          return (JSON.parse(Buffer.from(body).toString()) as unknown[]).length;
        }),
      );
      expect([first, second]).toEqual([10, 10]);
    } finally {
      await other.end();
    }
  });
});

describe('(3) each in their own home', () => {
  test('shows nobody the files of another, however they are named', async () => {
    await writeFile(world.home('private', 'bob'), 'of bob');
    const peer = await world.peer('alice');
    const names = [
      ['../bob/private', 'E_OUTSIDE'],
      ['/../bob/private', 'E_OUTSIDE'],
      ['docs/../../bob/private', 'E_OUTSIDE'],
      [world.home('private', 'bob'), 'E_NO_FILE'],
      ['/etc/passwd', 'E_NO_FILE'],
      ['..\\bob\\private', 'E_NAME'],
      ['C:\\bob', 'E_NAME'],
      ['private\0', 'E_NAME'],
    ] as const;
    for (const [path, remoteCode] of names) {
      const get = peer.request('get', { path, have: 0, sha256: NOTHING });
      await expect(get).rejects.toMatchObject({ remoteCode });
      await expect(peer.request('stat', { path })).rejects.toMatchObject({ remoteCode });
    }
    await expect(ask(peer, 'pwd')).resolves.toEqual({ path: '/' });
  });
});

describe('(4) disk quota', () => {
  test('refuses what does not fit before a byte is sent, and shows what is used', async () => {
    await writeFile(world.here('huge'), '');
    await truncate(world.here('huge'), 1025 * MiB);
    const client = await world.run('put', 'huge');
    const facts = `${1025 * MiB} bytes are needed, and ${1024 * MiB} of your ${1024 * MiB} are free`;
    expect(client.stderr).toContain(`${facts}. [E_QUOTA]`);
    expect(client.code).toBe(1);
    expect(await sizeOf(world.home('huge'))).toBeUndefined();
    await writeFile(world.here('small'), '12345');
    await world.run('put', 'small');
    const { stdout } = await world.run('quota');
    expect(stdout).toMatch(
      /^5 of \d+ bytes used \(0 by unfinished uploads\), 0 reserved, \d+ free\n$/,
    );
  });
});

describe('(5) cd, pwd, mkdir and (6) ls', () => {
  test('work at a prompt that reads a script', async () => {
    const client = world.start([]);
    client.type('pwd\nmkdir 文件\ncd 文件\nmkdir "a b"\npwd\ncd "a b"\npwd\ncd ../..\npwd\n');
    client.type('help\nls 文件\ncd\nrm "文件/a b"\nrm 文件\nbye\n');
    const { code, stdout } = await client.ended;
    const answers = stdout.trim().split('\n');
    const inside = ['/文件', '/文件', '/文件/a b', '/文件', '/文件/a b', '/文件/a b'];
    expect(answers.slice(0, 9)).toEqual(['/', ...inside, '/', '/']);
    expect(answers[9]).toMatch(/^Commands: pwd, .* help\.$/);
    expect(answers[12]).toMatch(/^ +0 {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}a b\/$/);
    expect(code).toBe(0);
  });

  test('describes a command on `help` with its name', async () => {
    const client = world.start([]);
    client.type('help get\nbye\n');
    const { code, stdout } = await client.ended;
    expect(stdout).toMatch(/^Usage: get .*<files\.\.\.>/);
    expect(code).toBe(0);
  });

  test('goes on after a line that failed, and tells at the end', async () => {
    const client = world.start([]);
    client.type('cd nowhere\nfly\ncd ..\npwd\n');
    client.endInput();
    const { code, stdout, stderr } = await client.ended;
    expect(stderr).toContain('There is no /nowhere in your home (/ is your home). [E_NO_FILE]');
    expect(stderr).toContain("unknown command 'fly'");
    expect(stderr).toContain('".." leaves your home. [E_OUTSIDE]');
    expect(stdout).toBe('/\n');
    expect(code).toBe(1);
  });

  test('lists a directory that does not fit into one answer', async () => {
    await mkdir(world.home('many'));
    const names = Array.from({ length: 1201 }, (_, n) => `file ${String(n).padStart(5, '0')}`);
    await Promise.all(names.map((name) => writeFile(world.home(join('many', name)), '')));
    const { stdout } = await world.run('ls', 'many');
    expect(stdout.match(/file \d+/g)).toEqual(names);
  });
});

describe('(7) get and put with checksum', () => {
  test('moves several files at once, there and back, with SHA-256 and MD5', async () => {
    const names = ['one.bin', '文件 😀.bin', 'empty'];
    await writeRandom(world.here('one.bin'), 3 * MiB + 1);
    await writeRandom(world.here('文件 😀.bin'), 70_000);
    await writeFile(world.here('empty'), '');
    const put = await world.run('put', '--md5', ...names);
    expect(put.stderr).not.toContain('E_');
    for (const name of names) {
      const sum = await sha256(world.here(name));
      expect(await sha256(world.home(name))).toBe(sum);
      expect(put.stdout).toMatch(
        new RegExp(`put ${name}: .*sha256 ${sum}, md5 \\(integrity only\\)`),
      );
    }
    const gets = names.map((name, n) => world.run('get', name, '--as', `copy ${n}`));
    for (const { code, stdout } of await Promise.all(gets)) {
      expect(stdout).toMatch(/^got copy \d: \d+ bytes .*, sha256 [0-9a-f]{64}\n$/);
      expect(code).toBe(0);
    }
    for (const [n, name] of names.entries()) {
      expect(await sha256(world.here(`copy ${n}`))).toBe(await sha256(world.here(name)));
    }
    expect(await sizeOf(world.fetching('copy 0'))).toBeUndefined();
    await world.log(/put \/one.bin: 3145729 bytes, sha256/);
  });
});

describe('(8) progress bar', () => {
  test('shows bytes, rate and time left on a terminal, and asks before it overwrites', async () => {
    await writeRandom(world.here('big.bin'), 8 * MiB);
    await world.run('put', 'big.bin', '--yes');
    const client = world.inTerminal('get', 'big.bin');
    client.type('n\n');
    const refused = await client.ended;
    expect(refused.stdout).toContain('big.bin exists here. Overwrite? [y/N]');
    expect(refused.stdout).toContain('big.bin exists here, and was not overwritten. [E_EXISTS]');
    expect(refused.code).toBe(1);
    const willing = world.inTerminal('get', 'big.bin');
    willing.type('y\n');
    const { code, stdout } = await willing.ended;
    expect(stdout).toMatch(
      /big\.bin \[[^\]]+\] 100% \| 8\.4 MB of 8\.4 MB \| \S+ [kMG]B\/s \| \S+ left/,
    );
    // A client that is interrupted here leaves the terminal with its cursor and with line wrapping.
    expect(stdout).not.toContain('\u001b[?7l');
    expect(stdout).not.toContain('\u001b[?25l');
    expect(code).toBe(0);
  });

  test('is not there where there is no terminal; then nothing is overwritten unasked', async () => {
    await writeFile(world.here('mine'), 'old');
    await world.run('put', 'mine');
    await writeFile(world.here('mine'), 'newer');
    const [put, get] = [await world.run('put', 'mine'), await world.run('get', 'mine')];
    expect(put.stderr).toContain('mine exists on the server; --yes overwrites it. [E_EXISTS]');
    expect(get.stderr).toContain('mine exists here; --yes overwrites it. [E_EXISTS]');
    expect(put.stderr + get.stderr).not.toContain('%');
    expect(await readFile(world.home('mine'), 'utf8')).toBe('old');
    expect(await readFile(world.here('mine'), 'utf8')).toBe('newer');
    await world.run('put', 'mine', '--yes');
    expect(await readFile(world.home('mine'), 'utf8')).toBe('newer');
  });
});
