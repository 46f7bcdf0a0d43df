// 200 commands of all sizes, eight at a time, over streams that are cut by seed. Every output must be the
// one that was sent, and every status that of its own command. UNSTICK_SEED=n uses other seeds.

import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chop } from '../../src/entries/testing.ts';
import type { ChopProxy } from '../../src/entries/testing.ts';
import { cert, key } from '../../test/support/self-signed.ts';
import type { ShellClient } from './client/shell-client.ts';
import { Trial } from './testing/trial.ts';

const SEED = Number(process.env['UNSTICK_SEED'] ?? 1) >>> 0;
const COMMANDS = 200;
const AT_ONCE = 8;
/** Time limit in ms. The test takes seconds; the limit is for a machine that is very busy. */
const PATIENCE_MS = 240_000;
/** How each connection is cut, and the most bytes that a command sends there: many small pieces take long. */
const cuts: readonly { readonly plan: string; readonly most: number }[] = [
  { plan: 'mtu:37', most: 300 },
  { plan: 'random', most: 2_000 },
  { plan: 'halves', most: 50_000 },
  { plan: 'mtu:211', most: 3_000 },
  { plan: 'mtu:1460', most: 100_000 },
  { plan: 'coalesce', most: 300_000 },
];

let trial: Trial;
const proxies: ChopProxy[] = [];
const clients: ShellClient[] = [];

beforeAll(async () => {
  trial = await Trial.startWithTls({ cert, key });
  for (const [i, { plan }] of cuts.entries()) {
    const to = { host: trial.state.host, port: trial.port };
    const proxy = await chop({ listen: '127.0.0.1:0', to, plan, seed: SEED + i });
    proxies.push(proxy);
    clients.push(await trial.connect(proxy.port));
  }
}, PATIENCE_MS);
afterAll(async () => {
  await trial.end();
  await Promise.all(proxies.map((proxy) => proxy.close()));
});

async function sha256(output: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of output as AsyncIterable<Buffer>) {
    hash.update(piece);
  }
  return hash.digest('hex');
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The connection for the command of this number. */
function atNumber(number: number): { client: ShellClient; plan: string; most: number } {
  const at = number % cuts.length;
  const [client, cut] = [clients[at], cuts[at]];
  if (client === undefined || cut === undefined) {
    throw new Error('There is no connection.');
  }
  return { client, ...cut };
}

/** The size of a command, from 0 to `most`, more often small. It depends only on the number and the seed. */
function sizeOf(number: number, most: number): number {
  const share = hashOf(Buffer.from(`${SEED} ${number}`));
  const fraction = Number.parseInt(share.slice(0, 8), 16) / 2 ** 32;
  return number % 17 === 0 ? number % 3 : Math.floor(most * fraction ** 3);
}

/**
 * Runs a command that copies stdin to stdout, writes numbers to stderr at the same time, and has its own
 * status.
 */
async function oneCommand(number: number): Promise<void> {
  const { client, plan, most } = atNumber(number);
  const input = Buffer.alloc(sizeOf(number, most), `command ${number}\n`);
  const count = Math.floor(sizeOf(number + COMMANDS, most) / 8);
  const numbers = Array.from({ length: count }, (_, i) => `${i + 1}\n`).join('');
  const status = number % 128;
  // A shell gives background commands an empty stdin, so `cat` runs in the foreground.
  const argv = ['sh', '-c', `seq 1 ${count} >&2 & cat; wait; exit ${status}`];
  const { stdin, stdout, stderr, ended } = client.start({ argv });
  stdin.end(input);
  const [out, error, ending] = await Promise.all([sha256(stdout), sha256(stderr), ended]);
  const wanted = { out: hashOf(input), error: hashOf(Buffer.from(numbers)) };
  expect({ number, plan, out, error, ending }).toEqual({
    number,
    plan,
    ...wanted,
    ending: { code: status, signal: null },
  });
}

describe('the soak', () => {
  test(
    `runs ${COMMANDS} commands over cut streams, each with its own bytes (seed ${SEED})`,
    async () => {
      let next = 0;
      const worker = async (): Promise<void> => {
        while (next < COMMANDS) {
          await oneCommand(next++);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      const exits = trial.audit.filter(({ event }) => event === 'exit');
      expect(exits).toHaveLength(COMMANDS);
    },
    PATIENCE_MS,
  );
});
