// frameTimeout and idleTimeout: a remote that stalls is found, and a slow consumer on this side never makes a
// healthy remote look stalled. Time passes as an event: see support/stall-clock.ts.

import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { framed, lengthPrefixed } from '../../src/entries/main.ts';
import { hex, join } from '../support/bytes.ts';
import { tcpPair, write } from '../support/sockets.ts';
import { stallElsewhere } from '../support/stall-clock.ts';
import { deferred, emitted, rejection, settled, until } from '../support/waiting.ts';
import { framedWays } from '../support/ways-of-reading.ts';

const codec = lengthPrefixed();
const SHORT_MS = 40;

describe('frameTimeout', () => {
  test.each([
    ['inside a prefix', hex('0000'), 2],
    ['after a prefix', hex('00000005'), 4],
    ['inside a payload', hex('00000005 6865'), 6],
  ])('ends a connection whose remote stops %s', async (_, bytes, received) => {
    const { near, far } = await tcpPair();
    const connection = framed(near, codec, { frameTimeout: SHORT_MS });
    const { remoteAddress } = connection;
    await write(far, join([hex('00000000'), bytes]));
    expect(await connection.receive()).toHaveLength(0);
    expect(await rejection(connection.receive())).toMatchObject({
      name: 'ConnectionError',
      code: 'ERR_FRAME_STALLED',
      limit: SHORT_MS,
      received,
      remoteAddress,
    });
    expect(near.destroyed).toBe(true);
  });

  test('ends a connection whose remote drips byte after byte', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near, codec, { frameTimeout: SHORT_MS });
    const stalled = rejection(connection.receive());
    await write(far, hex('00100000'));
    while (!near.destroyed) {
      far.write(hex('61'));
      await turn();
    }
    expect(await stalled).toMatchObject({ code: 'ERR_FRAME_STALLED' });
  });

  test.each(framedWays)('is reported by $name', async ({ name }) => {
    const { near, far } = await tcpPair();
    const connection = framed(near, codec, { frameTimeout: SHORT_MS });
    await write(far, hex('00000001 61 00000001 62 0000'));
    const seen: string[] = [];
    const ways: Record<string, () => Promise<void>> = {
      'for await': async () => {
        for await (const value of connection) {
          seen.push(String(value));
        }
      },
      receive: async () => {
        for (;;) {
          seen.push(String(await connection.receive()));
        }
      },
      scan: () =>
        connection.scan((bytes, start, end) => {
          seen.push(Buffer.from(bytes.subarray(start, end)).toString());
        }),
      batches: async () => {
        for await (const batch of connection.batches()) {
          seen.push(...batch.map(String));
        }
      },
    };
    expect(await rejection(ways[name]?.() ?? Promise.resolve())).toMatchObject({
      code: 'ERR_FRAME_STALLED',
    });
    expect(seen).toEqual(['a', 'b']);
  });

  test('lets a remote rest between frames', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near, codec, { frameTimeout: SHORT_MS });
    const first = connection.receive();
    await write(far, hex('00000001 61'));
    await first;
    const second = connection.receive();
    await stallElsewhere(2 * SHORT_MS);
    await write(far, hex('00000001 62'));
    expect(String(await second)).toBe('b');
  });

  test('does not count the time of a slow consumer', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near, codec, { frameTimeout: SHORT_MS });
    // Chunks end inside frames, so the consumer leaves an unfinished frame behind.
    const chunk = join(codec.encode(Buffer.alloc(50_000)));
    for (let i = 0; i < 40; i++) {
      far.write(chunk);
    }
    far.end();
    let seen = 0;
    for await (const frame of connection) {
      expect(frame).toHaveLength(50_000);
      if (++seen % 10 === 1) {
        await settled(() => near.bytesRead, 20);
        await stallElsewhere(2 * SHORT_MS);
      }
    }
    expect(seen).toBe(40);
  });

  test('is not held off by a reader with a short timeout that asks again and again', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near, codec, { frameTimeout: SHORT_MS });
    await write(far, hex('0000'));
    const codes = new Set<unknown>();
    while (!near.destroyed) {
      codes.add(Object(await rejection(connection.receive({ timeout: SHORT_MS / 8 }))).code);
    }
    codes.add(Object(await rejection(connection.receive())).code);
    expect([...codes]).toEqual(['ERR_TIMEOUT', 'ERR_FRAME_STALLED']);
  });

  test('starts again after bytes that nobody waited for', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near, codec, { frameTimeout: 400 });
    await write(far, hex('0000'));
    expect(await rejection(connection.receive({ timeout: 5 }))).toMatchObject({
      code: 'ERR_TIMEOUT',
    });
    await write(far, hex('0002 61'));
    await until(() => connection.stats.buffered === 5, 'they came');
    await stallElsewhere(500);
    const reading = connection.receive();
    await write(far, hex('62'));
    expect(String(await reading)).toBe('ab');
  });

  test('starts when somebody waits for the frame', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near, codec, { frameTimeout: SHORT_MS });
    await write(far, hex('0000'));
    await settled(() => connection.stats.buffered);
    await stallElsewhere(2 * SHORT_MS);
    const reading = connection.receive();
    await write(far, hex('0001 61'));
    expect(String(await reading)).toBe('a');
  });
});

describe('idleTimeout', () => {
  test('ends a connection on which nothing moves', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near, codec, { idleTimeout: SHORT_MS });
    const { remoteAddress } = connection;
    const closed = emitted(far.resume(), 'close');
    expect(await rejection(connection.receive())).toMatchObject({
      name: 'ConnectionError',
      code: 'ERR_IDLE',
      limit: SHORT_MS,
      remoteAddress,
    });
    expect(await rejection(connection.send(hex('61')))).toMatchObject({ code: 'ERR_IDLE' });
    await closed;
  });

  test('ends it also when nobody reads or sends', async () => {
    const { near } = await tcpPair();
    const closed = emitted(near, 'close');
    const connection = framed(near, codec, { idleTimeout: SHORT_MS });
    await closed;
    expect(await rejection(connection.receive())).toMatchObject({ code: 'ERR_IDLE' });
  });

  test.each(['receiving', 'sending'])('starts again with %s', async (how) => {
    const { near, far } = await tcpPair();
    const limit = 600;
    const connection = framed(near, codec, { idleTimeout: limit });
    far.resume();
    const idled = rejection(connection.receive());
    await write(far, hex('00700000'));
    const started = performance.now();
    // Send a byte in every turn, for longer than the limit.
    while (performance.now() - started < 1.5 * limit) {
      if (how === 'receiving') {
        far.write(hex('00'));
      } else {
        await connection.send(hex('61'));
      }
      await turn();
    }
    expect(near.destroyed).toBe(false);
    expect(await idled).toMatchObject({ code: 'ERR_IDLE' });
  });

  test('rests while values wait for a slow consumer', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(near, codec, { idleTimeout: SHORT_MS });
    const gate = deferred();
    far.end(hex('00000001 61 00000001 62'));
    const seen: string[] = [];
    const reading = (async () => {
      for await (const value of connection) {
        seen.push(String(value));
        await gate.promise;
      }
    })();
    await stallElsewhere(3 * SHORT_MS);
    gate.resolve();
    await reading;
    expect(seen).toEqual(['a', 'b']);
  });
});

test.each([
  ['frameTimeout', 0],
  ['sendTimeout', 0],
  ['idleTimeout', 0],
  ['maxQueuedLength', 0.5],
  ['highWaterMark', Infinity],
])('the option %s refuses what is no number of its kind', async (name, wrong) => {
  const { near } = await tcpPair();
  for (const value of [-1, Number.NaN, '60', wrong]) {
    expect(() => framed(near, codec, { [name]: value })).toThrow(
      expect.objectContaining({ name: 'UsageError', code: 'ERR_OPTION' }),
    );
  }
});
