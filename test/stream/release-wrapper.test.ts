// After the remote's end a node stream takes no bytes back, so `release` gives a new Duplex. A connection on
// that Duplex gets what the socket below gives: its reset, its address, its close, and the progress of its
// writes.

import { describe, expect, test } from 'vitest';
import { framed, lengthPrefixed } from '../../src/entries/main.ts';
import type { Connection } from '../../src/entries/main.ts';
import { bytesTaken } from '../../src/stream/transport.ts';
import { join, utf8 } from '../support/bytes.ts';
import { fateOf } from '../support/servers.ts';
import type { Fate } from '../support/servers.ts';
import { ownTlsPair, tcpPair, tlsPair, unixPair } from '../support/sockets.ts';
import type { Pair } from '../support/sockets.ts';
import { emitted, rejection, until } from '../support/waiting.ts';

const codec = lengthPrefixed();
const frame = (words: string): Uint8Array => join(codec.encode(utf8(words)));

interface Stage extends Pair {
  /** A connection on the duplex that `release` made. Two frames are unread. */
  readonly again: Connection<Uint8Array, Uint8Array>;
  readonly fate: Promise<Fate>;
}

/** Makes a stage on which the remote has ended behind three frames, one of which was read. */
async function released(open: () => Promise<Pair>, times = 1): Promise<Stage> {
  const { near, far } = await open();
  const fate = fateOf(far);
  let again = framed(near);
  const reading = again.receive();
  far.end(join([frame('one'), frame('two'), frame('three')]));
  await reading;
  await until(() => near.readableEnded, 'the end was seen');
  for (let made = 0; made < times; made++) {
    const duplex = again.release();
    expect(duplex).not.toBe(near);
    again = framed(duplex);
  }
  return { near, far, again, fate };
}

const transports: Record<string, { open: () => Promise<Pair>; how: Fate['how'] }> = {
  TCP: { open: tcpPair, how: 'RST' },
  'TLS of our making': { open: ownTlsPair, how: 'RST' },
  "TLS of the user's": { open: tlsPair, how: 'FIN' },
  'a unix socket': { open: unixPair, how: 'FIN' },
};

describe.each(Object.entries(transports))('over %s', (name, { open, how }) => {
  test.each([1, 2])('the address is known after %i releases', async (times) => {
    const { near, again } = await released(open, times);
    const address = name === 'a unix socket' ? undefined : `127.0.0.1:${near.remotePort}`;
    expect(again.remoteAddress).toBe(address);
  });

  test.each([1, 2])('destroy() shows its failure after %i releases', async (times) => {
    const { near, again, fate } = await released(open, times);
    again.destroy();
    expect(await fate).toEqual({ how, received: '' });
    expect(near.destroyed).toBe(true);
  });

  test('an orderly end stays one, and what is unread can be read behind it', async () => {
    const { near, again, fate } = await released(open);
    await again.send(utf8('answer'));
    await again.end();
    await until(() => near.closed, 'both sides are over');
    expect(await fate).toEqual({
      how: 'FIN',
      received: Buffer.from(frame('answer')).toString('latin1'),
    });
    expect(String(await again.receive())).toBe('two');
    expect(String(await again.receive())).toBe('three');
    expect(await again.receive()).toBeUndefined();
    expect(await again.closed).toBeUndefined();
  });

  test('a reset behind an end leaves no socket', async () => {
    const { near, again } = await released(open);
    const gone = emitted(near, 'close');
    const ended = again.end();
    again.destroy();
    await again.closed;
    await ended.catch(() => undefined);
    await gone;
    expect(again.duplex.destroyed).toBe(true);
  });

  test('a reset behind an end of the socket below leaves no socket', async () => {
    const { near, again } = await released(open);
    const gone = emitted(near, 'close');
    near.end();
    again.destroy();
    await gone;
    expect(again.duplex.destroyed).toBe(true);
  });

  test('it breaks when the socket below is closed, and what is unread can be read', async () => {
    const { near, again } = await released(open);
    near.destroy();
    await again.closed;
    expect(await rejection(again.send(utf8('late')))).toMatchObject({
      code: 'ERR_CONNECTION_CLOSED',
    });
    expect(String(await again.receive())).toBe('two');
    expect(String(await again.receive())).toBe('three');
  });

  test('what the kernel takes of a large write is seen', async () => {
    const { near, far, again } = await released(open, 2);
    far.pause();
    const before = bytesTaken(again.duplex) ?? NaN;
    void again.send(Buffer.alloc(8_000_000)).catch(() => undefined);
    await until(() => near.writableLength > 0, 'it is written');
    expect(bytesTaken(again.duplex)).toBeGreaterThan(before);
    expect(bytesTaken(again.duplex)).toBe(bytesTaken(near));
  });
});
