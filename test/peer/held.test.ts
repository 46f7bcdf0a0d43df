// How much memory a remote can make a server hold by channels, requests and headers. The server is a process
// of its own, the remote is played by hand, and memory is measured after a garbage collection.

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/message/json-header.ts';
import { HELLO, messageBytes } from '../support/peers.ts';
import { sampleName, sampled } from '../support/sample.ts';
import { until } from '../support/waiting.ts';
import type { HeldReport } from '../support/held-server.ts';

const WINDOW = 256 * 1024;
const MIB = 2 ** 20;

interface Victim {
  readonly socket: Socket;
  readonly say: (...messages: readonly Uint8Array[]) => Promise<void>;
  /** Everything that was said before has been heard. */
  readonly caughtUp: () => Promise<void>;
  readonly report: () => Promise<HeldReport>;
}

/** The remote grants no credit beyond the first byte. */
const STINGY = messageBytes({
  kind: 'hello',
  version: 1,
  window: 1,
  maxChannels: 128,
  maxPendingRequests: 128,
  maxHeaderLength: 16_384,
  maxBodyLength: 1_048_576,
});

let child: ChildProcess | undefined;
let port = 0;

beforeAll(async () => {
  const server = fileURLToPath(new URL('../support/held-server.ts', import.meta.url));
  child = fork(server, { execArgv: ['--expose-gc', '--import', 'tsx'] });
  const [given]: number[] = await once(child, 'message');
  port = Number(given);
  // Code that runs for the first time takes memory of its own.
  const first = await speaker(HELLO);
  for (const [at, name] of ['echo', 'unread', 'slow'].entries()) {
    const bytes = messageBytes({ kind: 'bytes', channel: at + 1 }, 'x');
    await first.say(messageBytes({ kind: 'open', channel: at + 1, name }));
    for (let i = 0; i < 50; i++) {
      await first.say(...Array.from({ length: 1000 }, () => bytes));
    }
  }
  await first.caughtUp();
  first.socket.destroy();
});

afterAll(() => void child?.kill());

/** A connection of its own to the server. */
async function victim(): Promise<Victim> {
  const server = child;
  if (server === undefined) {
    throw new Error('no server');
  }
  const one = await speaker(STINGY);
  onTestFinished(() => void one.socket.destroy());
  return {
    ...one,
    report: async () => {
      server.send('report');
      const [report]: HeldReport[] = await once(server, 'message');
      if (report === undefined) {
        throw new Error('no report');
      }
      return report;
    },
  };
}

async function speaker(hello: Uint8Array): Promise<Omit<Victim, 'report'>> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  let tail = '';
  socket.on('data', (bytes: Buffer) => (tail = tail.slice(-200) + bytes.toString('latin1')));
  let pings = 0;
  const say = async (...messages: readonly Uint8Array[]): Promise<void> => {
    if (!socket.write(Buffer.concat(messages))) {
      await once(socket, 'drain');
    }
  };
  await say(hello);
  return {
    socket,
    say,
    caughtUp: async () => {
      await say(messageBytes({ kind: 'ping', id: ++pings }));
      await until(() => tail.includes(`"pong","id":${pings},`), 'it caught up');
    },
  };
}

const PIECES: readonly (readonly [string, number, number])[] = [
  ['1 byte', 1, 2000],
  ['100 bytes', 100, 1000],
  ['5000 bytes', 5000, 50],
  ['40 000 bytes', 40_000, 6],
];

/** Held when it is due: what the objects of one channel and of a running program take besides. */
const SLACK = 384 * 1024;

// `slow` has a reader that stops at once, `unread` none, `echo` a writer that has no credit.
const HOLDERS = ['slow', 'unread', 'echo'].flatMap((name) =>
  PIECES.map(([pieces, length, count]) => ({ name, pieces, length, count })),
);

describe(`a channel holds no more than twice its window, ${sampleName}`, () => {
  test.each(sampled(HOLDERS, 3))(
    'when $name gets pieces of $pieces',
    async ({ name, length, count }) => {
      const { say, caughtUp, report } = await victim();
      // Fills the chunk that each piece comes in.
      const filler = messageBytes({ kind: 'event', name: 'filler' }, Buffer.alloc(60 * 1024));
      const bytes = messageBytes({ kind: 'bytes', channel: 1 }, Buffer.alloc(length));
      await say(messageBytes({ kind: 'open', channel: 1, name }));
      await say(bytes, filler);
      await caughtUp();
      const before = await report();
      for (let i = 1; i < count; i++) {
        await say(bytes, filler);
      }
      await caughtUp();
      const after = await report();
      expect(after.held - before.held).toBeLessThan(2 * WINDOW + SLACK);
      expect(after.peers).toBeGreaterThan(0);
    },
  );

  test('when the writing side has no credit and the window is full of single bytes', async () => {
    const { say, caughtUp, report } = await victim();
    await say(messageBytes({ kind: 'open', channel: 1, name: 'echo' }));
    await caughtUp();
    const before = await report();
    const one = messageBytes({ kind: 'bytes', channel: 1 }, 'x');
    for (let i = 0; i < 260; i++) {
      await say(...Array.from({ length: 1000 }, () => one));
    }
    await caughtUp();
    const after = await report();
    expect(after.held - before.held).toBeLessThan(2 * WINDOW + SLACK);
  });
});

test('requests, channels and events of long headers hold 20 bytes for each byte that is allowed', async () => {
  const { say, caughtUp, report } = await victim();
  await caughtUp();
  const before = await report();
  // The dearest JSON: objects without anything in them.
  const params = Array.from({ length: 5000 }, () => ({}));
  const long = (header: JsonObject): Uint8Array => messageBytes({ ...header, params });
  for (let id = 1; id <= 128; id++) {
    await say(long({ kind: 'request', id, name: 'never' }));
  }
  for (let channel = 1; channel <= 128; channel++) {
    await say(long({ kind: 'open', channel, name: 'unread' }));
  }
  await caughtUp();
  const after = await report();
  expect(after.held - before.held).toBeLessThan(2 * 20 * WINDOW + 4 * MIB);
  expect(after.calls - before.calls).toBeLessThan(40);
});
