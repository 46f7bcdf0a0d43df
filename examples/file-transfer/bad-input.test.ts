// What the homework forgets, part one: wrong input and wrong clients. In each case both sides get a clear
// message, no half-written file has the final name, and the server goes on.

import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Peer } from '../../src/entries/peer.ts';
import { until } from '../../test/support/waiting.ts';
import { ask, beginPut, NOTHING, sizeOf, untilSize, World, writeRandom } from './testing/world.ts';

const MiB = 1024 * 1024;
const QUOTA = 64 * MiB;
let world: World;
let peer: Peer;

beforeAll(async () => {
  world = await World.open({ quota: QUOTA, args: ['--workers', '2'] });
  peer = await world.peer();
});
afterEach(async () => {
  // After every test the server still answers, and no transfer that has ended keeps a reservation.
  const { reserved } = await ask(peer, 'quota');
  if (reserved !== 0) {
    throw new Error(`${String(reserved)} bytes stay reserved`);
  }
});
afterAll(() => world.end());

async function sent(path: string, bytes: Uint8Array): Promise<[number, string]> {
  const [ticket, channel] = await beginPut(peer, path, bytes.length);
  channel.resume().end(bytes);
  return [ticket, createHash('sha256').update(bytes).digest('hex')];
}

describe('names', () => {
  test('are never followed through symbolic links, by no command', async () => {
    await writeFile(join(world.root, 'outside'), 'secret');
    await symlink('../../outside', world.home('link'));
    await symlink('..', world.home('up'));
    const all = ['stat', 'get', 'put', 'cd', 'mkdir', 'ls', 'rm'] as const;
    for (const name of all) {
      const params = { path: 'up/alice', have: 0, sha256: NOTHING, size: 1 };
      const refused = { remoteCode: 'E_LINK' };
      await expect(peer.request(name, params)).rejects.toMatchObject(refused);
    }
    const get = await world.run('get', 'link');
    expect(get.stderr).toContain('/link is a symbolic link, and links are not followed. [E_LINK]');
    await world.log(
      'get "link" refused: "/link is a symbolic link, and links are not followed." [E_LINK]',
    );
    await writeFile(world.here('link'), 'mine');
    const put = await world.run('put', 'link', '--yes');
    expect(put.stderr).toContain('[E_LINK]');
    expect(await readFile(join(world.root, 'outside'), 'utf8')).toBe('secret');
  });

  test('of directories are not those of files', async () => {
    await mkdir(world.home('folder'));
    await mkdir(world.here('folder'));
    await writeFile(world.here('plain'), 'x');
    const get = await world.run('get', 'folder', '--as', 'new');
    expect(get.stderr).toContain('/folder is a directory. [E_IS_DIRECTORY]');
    const put = await world.run('put', 'folder');
    expect(put.stderr).toContain('folder is a directory; put takes files. [E_IS_DIRECTORY]');
    const over = await world.run('put', 'plain', '--as', 'folder', '--yes');
    expect(over.stderr).toContain('/folder is a directory. [E_IS_DIRECTORY]');
    const below = await world.run('put', 'plain', '--as', 'nowhere/plain');
    expect(below.stderr).toContain(
      'There is no /nowhere in your home (/ is your home). [E_NO_FILE]',
    );
    const codes = [get, put, over, below].map(({ code }) => code);
    expect(codes).toEqual([1, 1, 1, 1]);
    expect(await sizeOf(world.fetching('new'))).toBeUndefined();
  });
});

describe('two uploads to one name', () => {
  test('are one too many: the second is refused, the first goes on', async () => {
    const [ticket, channel] = await beginPut(peer, 'one', 5);
    await writeFile(world.here('one'), 'other');
    const second = await world.run('put', 'one');
    expect(second.stderr).toContain('/one is being uploaded already. [E_BUSY]');
    await world.log('put "one" refused: "/one is being uploaded already." [E_BUSY]');
    channel.resume().end('first');
    await ask(peer, 'finish', {
      ticket,
      sha256: createHash('sha256').update('first').digest('hex'),
    });
    expect(await readFile(world.home('one'), 'utf8')).toBe('first');
  });

  test('does not replace a file that appeared meanwhile', async () => {
    const [ticket, sum] = await sent('late', Buffer.from('mine'));
    await writeFile(world.home('late'), 'of somebody on the machine');
    const finish = peer.request('finish', { ticket, sha256: sum });
    await expect(finish).rejects.toMatchObject({ remoteCode: 'E_EXISTS' });
    expect(await readFile(world.home('late'), 'utf8')).toBe('of somebody on the machine');
    await expect(ask(peer, 'discard')).resolves.toEqual({ freed: 4 }); // Kept, to be sent again.
  });
});

describe('a file that changes while it is sent', () => {
  test('is refused on the way there', async () => {
    await writeRandom(world.here('log'), MiB);
    // Both workers are taken, so the client waits after it has looked at the file and before it sends.
    const [[, first], [, second]] = [await beginPut(peer, 'w1', 1), await beginPut(peer, 'w2', 1)];
    const client = world.start(['put', 'log']);
    await world.log('put /log waits for a worker, 0 before it');
    await client.line('put /log waits: all workers of the server are busy', { from: 'stderr' });
    await appendFile(world.here('log'), 'one line more');
    first.reset();
    second.reset();
    const { code, stderr } = await client.ended;
    expect(stderr).toContain('The file changed while it was sent; send it again. [E_CHANGED]');
    expect(code).toBe(1);
    await world.log(/put \/log broke off at .*: "The file changed while it was sent/);
    expect(await sizeOf(world.home('log'))).toBeUndefined();
    expect(await sizeOf(world.part('log'))).toBeUndefined();
  });

  test('is refused on the way back', async () => {
    await writeRandom(world.home('live'), MiB);
    const { ticket } = await ask(peer, 'get', { path: 'live', have: 0, sha256: NOTHING });
    await appendFile(world.home('live'), 'one line more');
    const channel = peer.open('bytes', { ticket: Number(ticket), from: 0 });
    channel.resume().end();
    await expect(ask(peer, 'finish', { ticket: Number(ticket) })).rejects.toMatchObject({
      remoteCode: 'E_CHANGED',
    });
    await world.log(/get \/live broke off .*: "The file changed while it was sent/);
  });
});

describe('bytes', () => {
  test('more than announced, or fewer, make no file, whatever the quota', async () => {
    const [more, long] = await beginPut(peer, 'long', 10);
    long.write(Buffer.alloc(MiB));
    const refused = { remoteCode: 'E_LENGTH' };
    await expect(ask(peer, 'finish', { ticket: more })).rejects.toMatchObject(refused);
    const [fewer, short] = await beginPut(peer, 'short', 10);
    short.resume().end('12345');
    await expect(ask(peer, 'finish', { ticket: fewer })).rejects.toMatchObject(refused);
    await world.log('put /long broke off at 0 of 10 bytes (0 %): "More bytes came than the 10');
    await world.log('put /short broke off at 5 of 10 bytes (50 %): "Only 5 of 10 bytes came');
    for (const name of ['long', 'short']) {
      expect(await sizeOf(world.home(name))).toBeUndefined();
      expect(await sizeOf(world.part(name))).toBeUndefined();
    }
  });

  test('damaged on the way make no file', async () => {
    const [ticket] = await sent('damaged', Buffer.from('as sent'));
    const finish = ask(peer, 'finish', { ticket, sha256: NOTHING });
    await expect(finish).rejects.toMatchObject({ remoteCode: 'E_CHECKSUM' });
    await world.log(/put \/damaged broke off .*: "The checksums differ/);
    expect(await sizeOf(world.home('damaged'))).toBeUndefined();
    expect(await sizeOf(world.part('damaged'))).toBeUndefined();
  });
});

describe('the quota', () => {
  test('is reserved at the start, so two uploads that fit one by one do not both begin', async () => {
    const before = await ask(peer, 'quota');
    const free = QUOTA - Number(before['used']);
    const [, channel] = await beginPut(peer, 'half', free - MiB);
    await expect(ask(peer, 'quota')).resolves.toMatchObject({ reserved: free - MiB });
    await writeRandom(world.here('rest'), 2 * MiB);
    const { stderr } = await world.run('put', 'rest');
    expect(stderr).toContain(`${free - MiB} are reserved by other uploads). [E_QUOTA]`);
    // 30 bytes come, then the upload is aborted. The bytes still count, and the reservation ends.
    channel.write(Buffer.alloc(30));
    await untilSize(world.part('half'), 30);
    channel.reset();
    await world.log(/put \/half broke off at 30 of/);
    const after = { used: Number(before['used']) + 30, unfinished: 30, reserved: 0 };
    await expect(ask(peer, 'quota')).resolves.toMatchObject(after);
    await expect(world.run('put', 'rest')).resolves.toMatchObject({ code: 0 });
    const { stdout } = await world.run('discard');
    expect(stdout).toBe('30 B of unfinished uploads removed\n');
    await expect(ask(peer, 'rm', { path: 'rest' })).resolves.toEqual({ path: '/rest' });
    await expect(ask(peer, 'quota')).resolves.toMatchObject({
      used: before['used'],
      unfinished: 0,
    });
  });
});

describe('a client', () => {
  test('that vanishes gives everything back', async () => {
    const other = await world.peer();
    const [, channel] = await beginPut(other, 'vanished', 10);
    channel.write('123');
    await untilSize(world.part('vanished'), 3);
    other.destroy();
    await world.log(/put \/vanished broke off at 3 of 10 bytes \(30 %\)/);
    expect(await sizeOf(world.home('vanished'))).toBeUndefined();
    await expect(ask(peer, 'discard')).resolves.toEqual({ freed: 3 });
  });

  test('that sends nonsense gets a refusal each time', async () => {
    const nonsense = [
      ['get', { path: 5, have: 0, sha256: '' }, 'E_REQUEST'],
      ['get', { path: 'x' }, 'E_REQUEST'],
      ['put', { path: 'x', size: -1 }, 'E_REQUEST'],
      ['put', { path: 'x', size: 2 ** 60 }, 'E_REQUEST'],
      ['put', { path: '', size: 1 }, 'E_NAME'],
      ['put', { path: '/', size: 1 }, 'E_NAME'],
      ['put', { path: 'x'.repeat(300), size: 1 }, 'E_NAME'],
      ['finish', { ticket: 99_999 }, 'E_REQUEST'],
      ['ls', null, 'E_REQUEST'],
      ['ls', [], 'E_REQUEST'],
      ['rm', { path: '/' }, 'E_NAME'],
      ['mkdir', { path: '/' }, 'E_EXISTS'],
    ] as const;
    for (const [name, params, remoteCode] of nonsense) {
      await expect(peer.request(name, params)).rejects.toMatchObject({ remoteCode });
    }
    const channel = peer.open('bytes', { ticket: 99_999, from: 0 });
    await expect(once(channel.resume(), 'end')).rejects.toHaveProperty('code', 'ERR_CHANNEL_RESET');
  });

  test('gets so many tickets and no more, and none that are not its own', async () => {
    const other = await world.peer('bob');
    const [ticket] = await beginPut(other, 'mine', 1);
    const refused = { remoteCode: 'E_REQUEST' };
    await expect(ask(peer, 'finish', { ticket: ticket + 7 })).rejects.toMatchObject(refused);
    const rejections: unknown[] = [];
    for (let n = 0; n < 40; n++) {
      other.request('put', { path: `many ${n}`, size: 1 }).catch((error) => rejections.push(error));
    }
    // The others have a ticket, or wait for one.
    await until(() => rejections.length >= 24, 'what is too much is refused');
    for (const error of rejections) {
      expect(String(error)).toMatch(/may have 16 transfers/);
    }
    other.destroy();
    await world.log(/put \/mine broke off/);
  });
});
