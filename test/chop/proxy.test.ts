// What real sockets see on both sides of the proxy: pieces, seeds, recordings, memory, bad input.

import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { ChopOptions } from '../../src/chop/chop-options.ts';
import { KernelTables } from '../../src/deliver/kernel-tables.ts';
import type { ConnectionReport } from '../../src/chop/connection-report.ts';
import { chop } from '../../src/chop/proxy.ts';
import type { FrameFinder } from '../../src/chop/plan/slicing.ts';
import { formatSchedules, parseOp, parseSchedules } from '../../src/schedule/schedule.ts';
import type { Direction, Schedule } from '../../src/schedule/schedule.ts';
import { connect, hear, listener, proxyTo, serveWith, text, untilClosed } from './sockets.ts';

const tables = KernelTables.open();
const sample = Buffer.from(Array.from({ length: 600 }, (_, index) => index % 251));

function scheduleOf(direction: Direction, ...ops: string[]): Schedule {
  return { v: 1, seed: 0, direction, ops: ops.map(parseOp) };
}

/** Frames that end with a line feed. */
function finder(): FrameFinder {
  let offset = 0;
  return (chunk) => {
    const start = offset;
    offset += chunk.length;
    return [...chunk].flatMap((byte, index) => (byte === 10 ? [start + index + 1] : []));
  };
}

/** How long the pieces are that a seed makes of the sample. */
async function lengths(seed: number): Promise<readonly number[]> {
  const { chunks } = await sendThrough({ plan: 'random', seed, quietTime: 2000 }, sample);
  return chunks.map(({ length }) => length);
}

/** Sends bytes through a proxy that is made with the options; what the server's reads saw. */
async function sendThrough(
  options: Omit<ChopOptions, 'listen' | 'to'>,
  ...writes: readonly Uint8Array[]
): Promise<{ chunks: readonly Buffer[]; recording: readonly Schedule[] }> {
  const server = await listener();
  const proxy = await proxyTo(server.port, { patience: 10_000, ...options });
  const client = await connect(proxy.port);
  for (const bytes of writes) {
    client.write(bytes);
  }
  client.end();
  const { chunks } = await server.next();
  await proxy.close();
  return { chunks, recording: proxy.recording() };
}

describe.skipIf(tables === undefined)(
  'a proxy that sees the receiver (needs /proc/net/tcp)',
  () => {
    test('shows the server each piece alone', async () => {
      const { chunks } = await sendThrough({ plan: 'dribble' }, sample.subarray(0, 40));
      expect(chunks.map(({ length }) => length)).toEqual(Array.from({ length: 40 }, () => 1));
    });

    test('shows the client each piece of an answer alone', async () => {
      const port = await serveWith((socket) => socket.end('an answer'));
      const proxy = await proxyTo(port, {
        plan: 'mtu:4',
        direction: 'to-client',
        patience: 10_000,
      });
      const heard = await hear(await connect(proxy.port));
      expect(heard.chunks.map(String)).toEqual(['an a', 'nswe', 'r']);
    });

    test('joins what comes without a pause', async () => {
      const { chunks } = await sendThrough(
        { plan: 'coalesce', quietTime: 2000 },
        ...Array.from({ length: 50 }, () => Buffer.from('x')),
      );
      expect(chunks.map(({ length }) => length)).toEqual([50]);
    });

    test('cuts alike for the same seed, and otherwise for another', async () => {
      const first = await lengths(7);
      expect(await lengths(7)).toEqual(first);
      expect(await lengths(8)).not.toEqual(first);
    });

    test('does exactly again what it recorded, from the file, however the bytes come', async () => {
      const first = await sendThrough(
        { plan: 'random', seed: 3, record: true, faults: ['delay:0-2ms'], quietTime: 2000 },
        sample,
      );
      const schedules = parseSchedules(formatSchedules(first.recording));
      const halves = [sample.subarray(0, 301), sample.subarray(301)];
      const again = await sendThrough({ schedules, record: true }, ...halves);
      expect(again.chunks).toEqual(first.chunks);
      expect(again.recording.map(({ ops }) => ops)).toEqual(first.recording.map(({ ops }) => ops));
    });

    test('plays a schedule at its own connection only', async () => {
      const server = await listener();
      const schedules = [
        { ...scheduleOf('to-server', 'hold 1', 'hold 4'), connection: 1 },
        scheduleOf('to-server', 'hold 3', 'hold 2'),
      ];
      const proxy = await proxyTo(server.port, { schedules, patience: 10_000 });
      const seen: string[][] = [];
      for (let connection = 0; connection < 3; connection++) {
        (await connect(proxy.port)).end('hello');
        seen.push((await server.next()).chunks.map(String));
      }
      expect(seen).toEqual([
        ['hel', 'lo'],
        ['h', 'ello'],
        ['hel', 'lo'],
      ]);
    });

    test('cuts at the frames that a finder finds', async () => {
      const lines = Buffer.from('one line\nand another\nlast\n'.repeat(20));
      const { chunks } = await sendThrough(
        { plan: { finder, prefixLength: 1 }, seed: 1, quietTime: 2000 },
        lines,
      );
      expect(Buffer.concat(chunks)).toEqual(lines);
      expect(chunks.length).toBeGreaterThan(10);
    });
  },
);

describe('a proxy', () => {
  test.each(['dribble', 'halves', 'random', 'coalesce', 'mtu:7'])(
    'brings every byte through in both directions under %s',
    async (plan) => {
      const port = await serveWith((socket) => void socket.pipe(socket));
      const proxy = await proxyTo(port, { plan, pause: 0 });
      const client = await connect(proxy.port);
      client.end(sample.subarray(0, 60));
      const heard = await hear(client);
      expect(Buffer.concat(heard.chunks)).toEqual(sample.subarray(0, 60));
      expect(heard.end).toBe('FIN');
    },
  );

  test('lets a conversation of short messages go on under a plan that holds bytes', async () => {
    const port = await serveWith((socket) => void socket.pipe(socket));
    const proxy = await proxyTo(port, { plan: 'mtu:536', quietTime: 1 });
    const client = await connect(proxy.port);
    for (const word of ['one', 'two', 'three']) {
      client.write(word);
      const [answer]: unknown[] = await once(client, 'data');
      expect(String(answer)).toBe(word);
    }
  });

  test('changes bytes only when it is asked to, and says nothing else about them', async () => {
    const server = await listener();
    const proxy = await proxyTo(server.port, { faults: ['corrupt:1'] });
    (await connect(proxy.port)).end(sample);
    const whole = Buffer.concat((await server.next()).chunks);
    expect(whole.length).toBe(sample.length);
    expect(whole.some((byte, index) => byte === sample[index])).toBe(false);
  });

  test('gives each of many connections its own seed and a report', async () => {
    const server = await listener();
    const reports: ConnectionReport[] = [];
    const proxy = await proxyTo(server.port, {
      plan: 'random',
      pause: 0,
      onClose: (report) => reports.push(report),
    });
    const clients = await Promise.all(Array.from({ length: 20 }, () => connect(proxy.port)));
    for (const client of clients) {
      client.end('hello, world').resume();
    }
    const heard = await Promise.all(clients.map(() => server.next()));
    await Promise.all(clients.map(untilClosed));
    await proxy.close();
    expect(heard.map(text)).toEqual(clients.map(() => 'hello, world'));
    expect(new Set(reports.map(({ seed }) => seed)).size).toBe(20);
    expect(reports.map(({ end, toServer }) => [end, toServer.bytes])).toEqual(
      clients.map(() => ['closed', 12]),
    );
  });
});

describe('a proxy refuses', () => {
  const good = { listen: '127.0.0.1:0', to: '127.0.0.1:9' };
  test.each<[string, Partial<ChopOptions>, string]>([
    [
      'an address without a port',
      { to: 'localhost' },
      'to must be an address such as host:port, not the string "localhost"',
    ],
    [
      'port 0 as target',
      { to: '127.0.0.1:0' },
      'to: port must be a whole number from 1 to 65535, not 0',
    ],
    [
      'a seed that is none',
      { seed: 1.5 },
      'seed must be a whole number from 0 to 4294967295, not 1.5',
    ],
    ['a plan that nobody knows', { plan: 'slices' }, 'Plans are dribble'],
    ['a fault that nobody knows', { faults: ['explode@3'] }, 'Faults are slice:SIZE-SIZE'],
    ['an empty range', { faults: ['delay:9-1ms'] }, 'the range is empty'],
    ['pieces of nothing', { faults: ['slice:0-4'] }, '1 byte or more'],
    ['two ways of cutting', { plan: 'random', faults: ['slice:1-4'] }, 'one way only'],
    [
      'a plan beside a schedule',
      { plan: 'random', schedules: [scheduleOf('to-server', 'cut 1')] },
      'schedules cannot be given beside a plan',
    ],
    [
      'two schedules for the same',
      { schedules: [scheduleOf('to-client', 'cut 1'), scheduleOf('to-client', 'cut 2')] },
      'two schedules for to-client',
    ],
    [
      'a hold that memory would have to hold',
      { schedules: [scheduleOf('to-client', 'hold 99999999')] },
      'a hold is longer',
    ],
    [
      'a time that is none',
      { pause: -1 },
      'pause must be a whole number from 0 to 2147483647, not -1',
    ],
  ])('%s', async (_, options, message) => {
    await expect(chop({ ...good, ...options })).rejects.toThrow(message);
    await expect(chop({ ...good, ...options })).rejects.toMatchObject({ name: 'UsageError' });
  });

  test('a port that is taken', async () => {
    const port = await serveWith((socket) => socket.destroy());
    const taken = { ...good, listen: `127.0.0.1:${port}` };
    await expect(chop(taken)).rejects.toMatchObject({
      name: 'ConnectionError',
      code: 'ERR_LISTEN',
      reason: 'EADDRINUSE',
    });
  });
});
