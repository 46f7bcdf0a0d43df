// What the homework forgets, part two: trouble outside of the program. A disk that gets full, a client that
// does not send, a port that is taken.

import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Stage } from '../support/stage.ts';
import { ask, beginPut, NOTHING, sha256, sizeOf, World, writeRandom } from './testing/world.ts';

const MiB = 1024 * 1024;
describe('a disk', () => {
  test('that gets full in the middle ends the upload, and not the server', async () => {
    const disk = await smallDisk();
    const { path: root, fileLimit } = disk;
    const small = await World.open({ root, fileLimit, quota: 2 ** 30 });
    try {
      const one = await small.peer();
      const [[first, a], [second, b]] = [
        await beginPut(one, 'a', 5 * MiB),
        await beginPut(one, 'b', 5 * MiB),
      ];
      const bytes = Buffer.alloc(5 * MiB, 7);
      a.resume().end(bytes);
      b.resume().end(bytes);
      const codes = await Promise.all(
        [first, second].map((ticket) =>
          ask(one, 'finish', { ticket, sha256: NOTHING }).catch(({ remoteCode }) =>
            String(remoteCode),
          ),
        ),
      );
      expect(codes).toContain('E_DISK_FULL');
      await small.log(/There is no space left on the disk/);
      expect(await sizeOf(small.home('b'))).toBeUndefined();
      expect(await sizeOf(small.part('b'))).toBeUndefined();
      await writeRandom(small.here('fits'), 100_000);
      expect((await small.run('put', 'fits')).code).toBe(0);
      expect(await sha256(small.home('fits'))).toBe(await sha256(small.here('fits')));
    } finally {
      await small.end();
      await disk.end();
    }
  });
});

describe('a transfer that hardly moves', () => {
  test.each([
    ['sends nothing', false],
    ['dribbles', true],
  ])('because its client %s is ended, as others wait for its place', async (_, dribbles) => {
    const strict = await World.open({ args: ['--idle', '3', '--workers', '1'] });
    let timer: NodeJS.Timeout | undefined;
    try {
      const one = await strict.peer();
      const [ticket, channel] = await beginPut(one, 'slow', 1_000_000);
      channel.on('error', () => clearInterval(timer));
      if (dribbles) {
        timer = setInterval(() => channel.write('x'), 200);
      }
      await writeRandom(strict.here('quick'), 1000);
      const waiting = strict.run('put', 'quick');
      const finish = ask(one, 'finish', { ticket });
      await expect(finish).rejects.toMatchObject({ remoteCode: 'E_STALLED' });
      expect((await waiting).code).toBe(0);
    } finally {
      clearInterval(timer);
      await strict.end();
    }
  });
});

describe('the programs', () => {
  test('say in one line what is wrong with their arguments, or with the world', async () => {
    const stage = new Stage(new URL('.', import.meta.url).pathname);
    const taken = createServer();
    await once(taken.listen(0, '127.0.0.1'), 'listening');
    const { port } = taken.address() as AddressInfo;
    const env = { FILES_PASSWORD: 'x' };
    const wrong = [
      ['client.ts', ['--port', '1', '--user', 'a', 'pwd'], /refused|No connection/],
      ['client.ts', ['--port', 'x', '--user', 'a', 'pwd'], /--port is "x"/],
      ['client.ts', ['--user', 'a', 'fly'], /unknown command 'fly'[^]*--help lists the commands/],
      ['server.ts', ['--port', String(port)], /Cannot listen/],
      ['server.ts', ['--tls-key', 'x'], /TLS needs both/],
      ['server.ts', ['--host', '0.0.0.0'], /Give --root/],
      ['server.ts', ['add-user', 'a', '--quota', '1GB'], /needs --root/],
      ['server.ts', ['--root', 'x', 'add-user', 'a', '--quota', 'much'], /--quota is much/],
    ] as const;
    const endings = await Promise.all(
      wrong.map(([file, args]) => {
        const program = stage.start(file, args, { env });
        program.endInput();
        return program.ended;
      }),
    );
    taken.close();
    for (const [n, { code, stderr }] of endings.entries()) {
      expect(stderr).toMatch(wrong[n]?.[2] ?? /never/);
      expect(stderr).not.toContain('    at ');
      expect(code).toBeGreaterThan(0);
    }
  });
});

interface Disk {
  readonly path: string;
  readonly fileLimit?: number;
  readonly end: () => Promise<void>;
}

/** A disk with room for 8 MiB: a tmpfs if this user may mount one, else a limit on the length of a file. */
async function smallDisk(): Promise<Disk> {
  const path = await mkdtemp(join(tmpdir(), 'unstick-disk-'));
  const remove = (): Promise<void> => rm(path, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'none', path], { stdio: 'ignore' });
  } catch {
    return { path, fileLimit: 8192, end: remove };
  }
  return {
    path,
    end: async () => {
      execFileSync('umount', [path]);
      await remove();
    },
  };
}
