// Transfers that break, in both directions, at 30 % and elsewhere, and how they are resumed.

import { readFile, truncate, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { breakAndResume } from './testing/break-and-resume.ts';
import {
  ask,
  beginPut,
  NOTHING,
  sha256,
  sizeOf,
  untilSize,
  World,
  writeRandom,
} from './testing/world.ts';

const MiB = 1024 * 1024;
let world: World;

beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.end());

describe.each(['put', 'get'] as const)('(9) %s', (verb) => {
  test('of 256 MiB, client killed at 30 %, goes on there, through constant memory', async () => {
    const report = await breakAndResume(world, { verb, size: 256 * MiB });
    expect(report.resumedAt).toBeGreaterThan(0.25 * report.size);
    expect(report.resumedAt).toBeLessThan(0.35 * report.size);
    expect(report.received).toBe(report.sent);
    expect(report.clientPeak).toBeLessThan(230); // MiB; about 140, most of it Node and tsx.
  });

  test('through a network that cuts it anywhere, killed at 30 %, goes on there', async () => {
    const cuts = { plan: 'random', seed: 7 };
    const report = await breakAndResume(world, { verb, size: 384 * 1024, cuts });
    expect(report.resumedAt).toBeGreaterThan(0);
    expect(report.resumedAt).toBeLessThan(0.35 * report.size);
    expect(report.received).toBe(report.sent);
  });

  test('goes on after the server was killed at 30 %', async () => {
    const other = await World.open();
    try {
      const report = await breakAndResume(other, { verb, size: 32 * MiB, kill: 'server' });
      const hint = 'The part is kept; --resume continues it.';
      expect(report.broken.stderr).toMatch(
        /file: the connection broke at \d+ of \d+ bytes \(\d+ %\)/,
      );
      expect(report.broken.stderr).toContain(hint);
      expect(report.broken.code).toBe(1);
      expect(report.resumedAt).toBeGreaterThan(0.25 * report.size);
      expect(report.received).toBe(report.sent);
    } finally {
      await other.end();
    }
  });
});

describe('a part that is there', () => {
  test('is not gone on with when it is not the beginning of the file', async () => {
    const peer = await world.peer();
    const [, channel] = await beginPut(peer, 'other.bin', 2 * MiB);
    channel.write(Buffer.alloc(MiB, 1));
    await untilSize(world.part('other.bin'), MiB);
    peer.destroy();
    await world.log('put /other.bin broke off at 1048576 of 2097152 bytes (50 %)');
    await writeRandom(world.here('other.bin'), 2 * MiB);
    const put = await world.run('put', 'other.bin', '--resume');
    expect(put.stderr).toContain(
      'The part on the server does not match other.bin: sending it from the start',
    );
    expect(put.stdout).not.toContain('resumed');
    expect(await sha256(world.home('other.bin'))).toBe(await sha256(world.here('other.bin')));

    await writeFile(world.fetching('copy'), Buffer.alloc(MiB, 1));
    const get = await world.run('get', 'other.bin', '--as', 'copy', '--resume');
    expect(get.stderr).toContain(
      'The part does not match copy on the server: fetching it from the start',
    );
    expect(await sha256(world.here('copy'))).toBe(await sha256(world.here('other.bin')));
  });

  test('is used or thrown away, but never without being told', async () => {
    await writeRandom(world.here('told.bin'), MiB);
    const peer = await world.peer();
    const [, channel] = await beginPut(peer, 'told.bin', MiB);
    channel.write(Buffer.alloc(1000));
    await untilSize(world.part('told.bin'), 1000);
    channel.reset();
    await world.log(/put \/told.bin broke off/);
    const unsure = await world.run('put', 'told.bin');
    const choice = '--resume continues, --yes starts again. [E_UNFINISHED]';
    expect(unsure.stderr).toContain(choice);
    expect(await ask(peer, 'quota')).toMatchObject({ unfinished: 1000, reserved: 0 });
    const sure = await world.run('put', 'told.bin', '--yes');
    expect(sure.code).toBe(0);
    expect(await ask(peer, 'quota')).toMatchObject({ unfinished: 0, reserved: 0 });
    await writeFile(world.fetching('lost'), 'x');
    const get = await world.run('get', 'told.bin', '--as', 'lost');
    expect(get.stderr).toContain(choice);
    expect(await sizeOf(world.here('lost'))).toBeUndefined();
  });

  test('of nothing but zeros, as long as the file, needs no byte', async () => {
    await writeFile(world.here('zeros'), '');
    await truncate(world.here('zeros'), MiB);
    await world.run('put', 'zeros');
    await writeFile(world.fetching('all'), Buffer.alloc(MiB));
    const get = await world.run('get', 'zeros', '--as', 'all', '--resume');
    expect(get.stdout).toContain('resumed at 1048576 (100 %)');
    expect(await sha256(world.here('all'))).toBe(await sha256(world.here('zeros')));
  });
});

describe('the part of a fetched file', () => {
  test('is no file of the user, whatever its name', async () => {
    await writeRandom(world.home('mine'), MiB);
    await writeFile(world.home('mine.part'), 'on the server');
    await writeFile(world.here('mine.part'), 'notes of the user');
    const get = await world.run('get', 'mine');
    expect(get.code).toBe(0);
    expect(await readFile(world.here('mine.part'), 'utf8')).toBe('notes of the user');
    const both = await world.run('get', 'mine', 'mine.part', '--yes');
    expect(both.code).toBe(0);
    expect(await readFile(world.here('mine.part'), 'utf8')).toBe('on the server');
    expect(await sha256(world.here('mine'))).toBe(await sha256(world.home('mine')));
    const part = await world.run('get', 'mine', '--as', '.Fetching-other');
    expect(part.stderr).toContain('[E_NAME]');
  });
});

describe('a transfer', () => {
  test('does not hold up ls, nor other transfers', async () => {
    await writeRandom(world.home('slow.bin'), 16 * MiB);
    await writeFile(world.here('quick'), '12345');
    const peer = await world.peer();
    const { ticket } = await ask(peer, 'get', { path: 'slow.bin', have: 0, sha256: NOTHING });
    const channel = peer.open('bytes', { ticket: Number(ticket), from: 0 });
    channel.end();
    await new Promise((resolve) => channel.once('readable', resolve)); // It runs; then stop reading it.
    const [{ body }, put] = await Promise.all([peer.request('ls', {}), world.run('put', 'quick')]);
    expect(Buffer.from(body).toString()).toContain('slow.bin');
    expect(put.code).toBe(0);
    channel.reset();
    await world.log(/get \/slow.bin broke off/);
  });

  test('runs behind the prompt, which goes on', async () => {
    const client = world.start([]);
    client.type('get slow.bin --as behind.bin &\njobs\npwd\nwait\njobs\n');
    client.endInput();
    const { code, stdout, stderr } = await client.ended;
    expect(stderr).toMatch(/^peak memory .*\n$/);
    const lines = stdout.trim().split('\n');
    expect(lines.slice(0, 2)).toEqual(['running: get slow.bin --as behind.bin', '/']);
    expect(lines[2]).toMatch(/^got behind.bin: 16777216 bytes/);
    expect(lines[3]).toBe('nothing is running');
    expect(code).toBe(0);
  });
});
