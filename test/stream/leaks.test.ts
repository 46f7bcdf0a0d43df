// A connection that is over leaves nothing behind, whatever ended it: no timer, no handle, no listener.

import { getEventListeners } from 'node:events';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { framed, messageStream } from '../../src/entries/main.ts';
import type { Connection, FramedOptions } from '../../src/entries/main.ts';
import { hex } from '../support/bytes.ts';
import { liveTimers, openSockets } from '../support/leaks.ts';
import { resetAfter, tcpPair, write } from '../support/sockets.ts';
import type { Pair } from '../support/sockets.ts';
import { emitted, rejection, until } from '../support/waiting.ts';

type Frames = Connection<Uint8Array, Uint8Array>;

const endings: Record<string, (connection: Frames, pair: Pair) => Promise<unknown>> = {
  'close from both sides': async (connection, { far }) => {
    far.end();
    await connection.receive();
    await connection.end();
  },
  'close, then the end of the remote': async (connection, { far }) => {
    await connection.end();
    far.end();
  },
  destroy: async (connection) => connection.destroy(),
  'a pending receive with a timeout, then destroy': async (connection) => {
    const reading = rejection(connection.receive({ timeout: 60_000 }));
    connection.destroy();
    await reading;
  },
  'a receive that times out, then destroy': async (connection) => {
    await rejection(connection.receive({ timeout: 1 }));
    connection.destroy();
  },
  'a reset inside a frame': async (connection, pair) => {
    const reading = rejection(connection.receive());
    await write(pair.far, hex('0000'));
    await resetAfter(pair, 2);
    await reading;
  },
  'an end inside a frame, then destroy': async (connection, { far }) => {
    far.end(hex('0000'));
    await rejection(connection.receive());
    connection.destroy();
  },
  'a bad frame, then destroy': async (connection, { far }) => {
    far.write(hex('ffffffff'));
    await rejection(connection.receive());
    connection.destroy();
  },
  'release, then destroy of the duplex': async (connection) => connection.release().destroy(),
};

test.each(Object.entries(endings))('%s leaves no timer, no handle, no listener', async (_, end) => {
  const timers = liveTimers(/\/src\/stream\//);
  const before = openSockets();
  const { signal } = new AbortController();
  const options: FramedOptions = { signal, idleTimeout: 60_000, frameTimeout: 60_000 };
  for (let i = 0; i < 20; i++) {
    const pair = await tcpPair();
    const over = Promise.all([emitted(pair.near, 'close'), emitted(pair.far.resume(), 'close')]);
    const connection = framed(pair.near, undefined, options);
    await connection.send(hex('61'));
    // Check that the count sees the things that it should count.
    expect(timers.size).toBeGreaterThan(0);
    await end(connection, pair);
    await over;
  }
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  await until(() => timers.size === 0, `all timers gone: ${[...timers.values()].join('\n')}`);
  await until(() => openSockets() <= before, 'all sockets are gone');
});

test('a released duplex has the listeners that it had before', async () => {
  const { near } = await tcpPair();
  const count = (): Record<string, number> =>
    Object.fromEntries(near.eventNames().map((name) => [String(name), near.listenerCount(name)]));
  const before = count();
  framed(near).release();
  messageStream(near).release();
  expect(count()).toEqual(before);
});

test('a body source that is sent leaves no listener on the duplex', async () => {
  const { near, far } = await tcpPair();
  far.resume();
  const stream = messageStream(near);
  const before = near.listenerCount('close');
  for (let i = 0; i < 20; i++) {
    await stream.send({ header: {}, body: Readable.from(['x']), bodyLength: 1 });
  }
  expect(near.listenerCount('close')).toBe(before);
});
