// All connections share their listeners, which find the connection by `this`. Not every duplex calls its
// listeners on itself: a connection on a wrapper must read, end and leave as on the duplex below.

import type { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { framed } from '../../src/entries/main.ts';
import { hex } from '../support/bytes.ts';
import { tcpPair, write } from '../support/sockets.ts';

const EVENTS = ['data', 'end', 'pause', 'error', 'close'];

/** Gets and sets everything on the duplex below, as getters with a private field demand. */
function throughProxy(duplex: Duplex): Duplex {
  return new Proxy(duplex, { get: (below, name) => Reflect.get(below, name) as unknown });
}

const wrappers: Record<string, (duplex: Duplex) => Duplex> = {
  'the duplex itself': (duplex) => duplex,
  'a proxy': throughProxy,
  'a proxy of a proxy': (duplex) => throughProxy(throughProxy(duplex)),
  'an object that inherits from a duplex': (duplex) => Object.create(duplex) as Duplex,
};

describe.each(Object.entries(wrappers))('on %s', (_, wrap) => {
  test('a connection reads, sees the end, and closes', async () => {
    const { near, far } = await tcpPair();
    const connection = framed(wrap(near));
    const read = connection.receive();
    await write(far, hex('00000001 61'));
    expect(String(await read)).toBe('a');
    far.end();
    expect(await connection.receive()).toBeUndefined();
    await connection.close();
    expect(await connection.closed).toBeUndefined();
  });

  test('a released connection leaves no listener', async () => {
    const { near } = await tcpPair();
    const counts = (): number[] => EVENTS.map((event) => near.listenerCount(event));
    const before = counts();
    const connection = framed(wrap(near));
    expect(counts()).not.toEqual(before);
    connection.release();
    expect(counts()).toEqual(before);
  });
});

test('two connections on two duplexes get their own chunks, and none of each other', async () => {
  const pairs = [await tcpPair(), await tcpPair()];
  const reads = pairs.map(({ near }) => framed(near).receive());
  await Promise.all(pairs.map(({ far }, i) => write(far, Buffer.from([0, 0, 0, 1, 97 + i]))));
  expect((await Promise.all(reads)).map(String)).toEqual(['a', 'b']);
});
