// Large outputs arrive whole, in constant memory, at the pace of the reader.

import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { residentLength, Trial } from './testing/trial.ts';

const GIBIBYTE = 1024 ** 3;
const MEBIBYTE = 1024 ** 2;
const script = `seq 1 200000000 | head -c ${GIBIBYTE}`;
/** The SHA-256 of the script's output: `seq 1 200000000 | head -c 1073741824 | sha256sum`. */
const HASH = '5d4406b85df2402c69b2d17c415f342960e73bc32a2385730f19e023b1900ca9';

/**
 * Maximum growth in MiB. Node 24 collects garbage later and so holds more, but an output of 3 GiB takes no
 * more than one of 1 GiB.
 */
const MOST = Number.parseInt(process.versions.node, 10) < 24 ? 64 : 112;

let trial: Trial;
beforeAll(async () => {
  trial = await Trial.start();
});
afterAll(() => trial.end());

async function sha256(output: Readable): Promise<{ hash: Hash; length: number }> {
  const hash = createHash('sha256');
  let length = 0;
  for await (const piece of output as AsyncIterable<Buffer>) {
    hash.update(piece);
    length += piece.length;
  }
  return { hash, length };
}

function outputOf({ stdout }: ChildProcess): Readable {
  if (stdout === null) {
    throw new Error('The process has no output.');
  }
  return stdout;
}

/** Measures by how many bytes the memory of a process grows at most, from construction to `end`. */
class Growth {
  readonly #pid: number;
  readonly #start: number;
  readonly #timer: NodeJS.Timeout;
  #most: number;

  constructor(pid: number | undefined) {
    this.#pid = pid ?? 0;
    this.#start = residentLength(this.#pid);
    this.#most = this.#start;
    this.#timer = setInterval(() => this.#look(), 20);
  }

  #look(): void {
    try {
      this.#most = Math.max(this.#most, residentLength(this.#pid));
    } catch {
      // The process has ended.
    }
  }

  end(): number {
    clearInterval(this.#timer);
    this.#look();
    return this.#most - this.#start;
  }
}

/** Number of bytes that a process has written so far. */
function writtenBy(pid: number): number {
  return Number(/^wchar: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
}

describe('an output of 1 GiB', () => {
  test(`comes whole, while client and server each grow by less than ${MOST} MiB`, async () => {
    const child = trial.process(['exec', 'sh', '-c', script]);
    const output = outputOf(child);
    await once(output, 'readable');
    const growths = [new Growth(child.pid), new Growth(trial.server.pid)];
    const { hash, length } = await sha256(output);
    const [client, server] = growths.map((growth) => growth.end() / MEBIBYTE);
    console.log(`1 GiB: client + ${client?.toFixed(1)} MiB, server + ${server?.toFixed(1)} MiB`);
    if (child.exitCode === null) {
      await once(child, 'exit');
    }
    expect(child.exitCode).toBe(0);
    expect(length).toBe(GIBIBYTE);
    expect(hash.digest('hex')).toBe(HASH);
    expect(client).toBeLessThan(MOST);
    expect(server).toBeLessThan(MOST);
  });
});

describe('a reader that stops', () => {
  test('stops the command, and loses nothing when it goes on', async () => {
    const child = trial.process(['exec', 'sh', '-c', 'echo $$; exec seq 1 6000000']);
    const output = outputOf(child);
    await once(output, 'readable');
    const growth = new Growth(trial.server.pid);
    const pid = Number(/^\d+/.exec((output.read() as Buffer).toString('latin1', 0, 10))?.[0]);
    // Nobody reads now, so the command stops as soon as all buffers on the way are full.
    let before = -1;
    const stopped = (): boolean => {
      const written = writtenBy(pid);
      const isSame = written === before;
      before = written;
      return isSame;
    };
    await expect.poll(stopped, { timeout: 20_000, interval: 300 }).toBe(true);
    expect(before).toBeLessThan(8 * MEBIBYTE);
    expect(growth.end()).toBeLessThan(64 * MEBIBYTE);
    let last = '';
    for await (const piece of output as AsyncIterable<Buffer>) {
      last = piece.toString('latin1');
    }
    if (child.exitCode === null) {
      await once(child, 'exit');
    }
    expect(child.exitCode).toBe(0);
    expect(last.endsWith('5999999\n6000000\n')).toBe(true);
  });
});
