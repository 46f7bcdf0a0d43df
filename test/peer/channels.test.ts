// Channels over real sockets: streams of bytes that end apart, wait apart, and are reset apart.

import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, test } from 'vitest';
import { RemoteError } from '../../src/entries/peer.ts';
import type { Channel, Peer } from '../../src/entries/peer.ts';
import { twoPeers } from '../support/peers.ts';
import { deferred, emitted, settled, turns, until } from '../support/waiting.ts';

/** `take` keeps the channels that come, in order. */
function keeping(): { setup: (peer: Peer) => void; taken: Channel[] } {
  const taken: Channel[] = [];
  return {
    taken,
    setup: (peer) => {
      peer.handleChannel('take', (channel) => void taken.push(channel));
      peer.handleChannel('echo', (channel) => void channel.pipe(channel));
      peer.handle('echo', (params) => params);
    },
  };
}

async function opened(
  here: Peer,
  taken: Channel[],
  params: string = '',
): Promise<[Channel, Channel]> {
  const near = here.open('take', params);
  await until(() => taken.some((channel) => channel.params === params), 'it came');
  const far = taken.find((channel) => channel.params === params);
  if (far === undefined) {
    throw new Error('it did not come');
  }
  return [near, far];
}

const { setup: anyOf } = keeping();

/** All that comes until the other side ends; iterating would destroy the channel then. */
function buffer(channel: Channel): Promise<Buffer> {
  const chunks: Buffer[] = [];
  channel.on('data', (bytes: Buffer) => chunks.push(bytes));
  return new Promise((resolve, reject) => {
    channel.once('end', () => resolve(Buffer.concat(chunks)));
    channel.once('error', reject);
  });
}

async function text(channel: Channel): Promise<string> {
  return String(await buffer(channel));
}

function sha(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

test('a channel carries bytes both ways, and ends both ways', async () => {
  const { here } = await twoPeers(anyOf);
  const channel = here.open('echo');
  channel.write('any number ');
  channel.end('of bytes');
  expect(await text(channel)).toBe('any number of bytes');
});

test('name and params reach the other side', async () => {
  const { setup, taken } = keeping();
  const { here } = await twoPeers(setup);
  const [near, far] = await opened(here, taken, 'log');
  expect([near.id, near.name, near.params]).toEqual([1, 'take', 'log']);
  expect([far.id, far.name, far.params]).toEqual([-1, 'take', 'log']);
});

test('4 MiB through pipeline arrive whole, in both directions at once', async () => {
  const { setup, taken } = keeping();
  const { here } = await twoPeers(setup);
  const [near, far] = await opened(here, taken);
  const bytes = Buffer.alloc(4 * 2 ** 20);
  for (let at = 0; at < bytes.length; at += 4) {
    bytes.writeUInt32LE(at, at);
  }
  const pieces = function* (length: number): Generator<Buffer> {
    for (let at = 0; at < bytes.length; at += length) {
      yield bytes.subarray(at, at + length);
    }
  };
  const [, , there, back] = await Promise.all([
    pipeline(Readable.from(pieces(100_001)), near),
    pipeline(Readable.from(pieces(7919)), far),
    buffer(far),
    buffer(near),
  ]);
  expect([sha(there), sha(back)]).toEqual([sha(bytes), sha(bytes)]);
});

describe('half of a channel', () => {
  test('ends, and the other half goes on', async () => {
    const { setup, taken } = keeping();
    const { here } = await twoPeers(setup);
    const [near, far] = await opened(here, taken);
    near.end('question');
    expect(await text(far)).toBe('question');
    await turns(10);
    far.write('long ');
    far.end('answer');
    expect(await text(near)).toBe('long answer');
    await until(() => near.closed && far.closed, 'both are over');
    expect([near.errored, far.errored]).toEqual([null, null]);
  });

  test('ends from the side that did not open it, and the other goes on', async () => {
    const { setup, taken } = keeping();
    const { here } = await twoPeers(setup);
    const [near, far] = await opened(here, taken);
    far.end();
    expect(await text(near)).toBe('');
    near.end('still');
    expect(await text(far)).toBe('still');
  });

  test('ends without a byte, both at once', async () => {
    const { here } = await twoPeers(anyOf);
    const channel = here.open('echo');
    channel.end();
    expect(await text(channel)).toBe('');
  });
});

describe('a reset', () => {
  test('ends both directions over there, with its reason', async () => {
    const { setup, taken } = keeping();
    const { here } = await twoPeers(setup);
    const [near, far] = await opened(here, taken);
    const broken = emitted(far, 'error');
    near.reset('changed my mind');
    await broken;
    expect(far.errored).toMatchObject({
      name: 'ConnectionError',
      code: 'ERR_CHANNEL_RESET',
      remoteReason: 'changed my mind',
    });
    expect(near.destroyed).toBe(true);
    expect(near.errored).toBeNull();
  });

  test('comes of destroy, too', async () => {
    const { setup, taken } = keeping();
    const { here } = await twoPeers(setup);
    const [near, far] = await opened(here, taken);
    const broken = emitted(near, 'error');
    far.destroy(new Error('of its own'));
    await broken;
    expect(near.errored).toMatchObject({ code: 'ERR_CHANNEL_RESET' });
    expect(Object(near.errored).reason).toBeUndefined();
  });

  test('leaves the connection and its other channels alone', async () => {
    const { setup, taken } = keeping();
    const { here } = await twoPeers(setup);
    const [one] = await opened(here, taken, 'one');
    const other = here.open('echo');
    one.write(Buffer.alloc(2 ** 20));
    one.reset();
    other.end('other');
    expect(await text(other)).toBe('other');
    expect((await here.request('echo', 1)).result).toBe(1);
  });

  test('fails a pipeline on the other side, and a pending write', async () => {
    const { setup, taken } = keeping();
    const { here } = await twoPeers(setup);
    const [near, far] = await opened(here, taken);
    const sending = pipeline(Readable.from([Buffer.alloc(2 ** 20)]), near);
    await emitted(far, 'readable');
    far.reset('full');
    await expect(sending).rejects.toMatchObject({
      code: 'ERR_CHANNEL_RESET',
      remoteReason: 'full',
    });
  });

  test('of a channel whose name nobody handles says so', async () => {
    const { here } = await twoPeers(() => undefined);
    const channel = here.open('nobody');
    await emitted(channel, 'error');
    expect(channel.errored).toMatchObject({ code: 'ERR_CHANNEL_RESET', reason: 'NO_HANDLER' });
  });

  test.each([
    [
      'throws',
      'HANDLER_FAILED',
      () => {
        throw new Error('secret');
      },
    ],
    ['rejects', 'HANDLER_FAILED', () => Promise.reject(new Error('secret'))],
    [
      'throws a RemoteError',
      'E_FULL',
      () => {
        throw new RemoteError('E_FULL', 'No room.');
      },
    ],
  ])('comes of a handler that %s', async (_, reason, handler) => {
    const { here, errors } = await twoPeers((peer) => peer.handleChannel('x', handler));
    const channel = here.open('x');
    await emitted(channel, 'error');
    expect(channel.errored).toMatchObject({ code: 'ERR_CHANNEL_RESET', remoteReason: reason });
    expect(errors).toHaveLength(reason === 'HANDLER_FAILED' ? 1 : 0);
  });
});

describe('a reader that stops', () => {
  test('stops its writer when the window is full, and nobody else', async () => {
    const { setup, taken } = keeping();
    const window = 64 * 1024;
    const { here } = await twoPeers(setup, { window });
    const [near, far] = await opened(here, taken);
    let written = 0;
    const source = new Readable({
      read() {
        written += 16 * 1024;
        this.push(Buffer.alloc(16 * 1024, 1));
      },
    });
    source.pipe(near);
    await settled(() => written);
    // The window, what the two streams hold, and the source's own buffer.
    expect(written).toBeLessThan(window + 300 * 1024);
    const other = here.open('echo');
    other.end('other');
    expect(await text(other)).toBe('other');
    expect((await here.request('echo', 1)).result).toBe(1);
    let read = 0;
    far.on('data', (bytes: Buffer) => {
      read += bytes.length;
    });
    await until(() => read > 4 * 2 ** 20, 'it goes on');
    source.destroy();
    near.destroy();
  });

  test('loses nothing when it goes on', async () => {
    const { setup, taken } = keeping();
    const { here } = await twoPeers(setup, { window: 1000 });
    const [near, far] = await opened(here, taken);
    near.end(Buffer.from(Array.from({ length: 20_000 }, (_, i) => i % 251)));
    const seen: Buffer[] = [];
    for await (const bytes of far) {
      seen.push(Buffer.from(bytes));
      await turns(3);
    }
    const whole = Buffer.concat(seen);
    expect(whole).toHaveLength(20_000);
    expect(whole.every((byte, i) => byte === i % 251)).toBe(true);
  });

  test('that never reads costs its window: thousands of one-byte writes are few bytes', async () => {
    const { setup, taken } = keeping();
    const { here } = await twoPeers(setup, { window: 4096 });
    const [near, far] = await opened(here, taken);
    let done = 0;
    for (let i = 0; i < 100_000; i++) {
      near.write(Buffer.of(i & 0xff), () => done++);
    }
    await settled(() => done);
    expect(done).toBeLessThan(100_000);
    let next = 0;
    let inOrder = true;
    far.on('data', (bytes: Buffer) => {
      for (const byte of bytes) {
        inOrder &&= byte === (next++ & 0xff);
      }
    });
    await until(() => next === 100_000, 'all came');
    expect(inOrder).toBe(true);
  });
});

describe('many channels', () => {
  test('300 at once take turns in 128 places, and all are served', async () => {
    let open = 0;
    let most = 0;
    const { here } = await twoPeers((peer) => {
      peer.handleChannel('echo', (channel) => {
        most = Math.max(most, ++open);
        channel.pipe(channel);
        channel.once('close', () => open--);
      });
    });
    const texts = await Promise.all(
      Array.from({ length: 300 }, (_, i) => {
        const channel = here.open('echo', i);
        channel.write(`number `);
        channel.end(String(i));
        return text(channel);
      }),
    );
    expect(texts).toEqual(Array.from({ length: 300 }, (_, i) => `number ${i}`));
    expect(most).toBeLessThanOrEqual(256);
    expect(most).toBeGreaterThan(1);
  });

  test('beyond the limit wait, with what was written to them, until one is closed', async () => {
    const { setup, taken } = keeping();
    const { here } = await twoPeers(setup, { maxChannels: 2 });
    const channels = ['a', 'b', 'c'].map((params) => {
      const channel = here.open('take', params);
      channel.write(params);
      return channel;
    });
    await until(() => taken.length === 2, 'two came');
    await turns(20);
    expect(taken).toHaveLength(2);
    channels[0]?.reset();
    await until(() => taken.length === 3, 'the third came');
    const [third] = taken.slice(2);
    if (third === undefined) {
      throw new Error('no third');
    }
    const [bytes]: unknown[] = await third.take(1).toArray();
    expect(String(bytes)).toBe('c');
  });

  test('that are opened and reset at once leave room for those after them', async () => {
    const { here } = await twoPeers(anyOf);
    for (let i = 0; i < 1000; i++) {
      here.open('take').reset();
    }
    const channel = here.open('echo');
    channel.end('the last');
    expect(await text(channel)).toBe('the last');
  });

  test('opened before the hello wait for it', async () => {
    let early: Channel | undefined;
    await twoPeers(
      anyOf,
      {},
      {
        setup: (peer) => {
          early = peer.open('echo');
          early.end('early');
        },
      },
    );
    if (early === undefined) {
      throw new Error('not opened');
    }
    expect(await text(early)).toBe('early');
  });
});

test('channels end with their connection, with why', async () => {
  const { setup, taken } = keeping();
  const { here } = await twoPeers(setup);
  const [near, far] = await opened(here, taken);
  const both = Promise.all([emitted(near, 'close'), emitted(far, 'close')]);
  here.destroy();
  await both;
  expect(near.errored).toMatchObject({ code: 'ERR_CONNECTION_CLOSED' });
  expect(far.errored).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  expect(near.write('x')).toBe(false);
});

test('a channel that is destroyed while it waits to be opened is never opened', async () => {
  const { setup, taken } = keeping();
  const { here } = await twoPeers(setup, { maxChannels: 1 });
  const first = here.open('take', 'first');
  here.open('take', 'never').destroy();
  const third = here.open('take', 'third');
  first.destroy();
  await until(() => taken.length === 2, 'two came');
  expect(taken.map(({ params }) => params)).toEqual(['first', 'third']);
  third.destroy();
});

test('an answer waits for nobody: it overtakes bytes that wait for credit', async () => {
  const gate = deferred();
  const { here } = await twoPeers((peer) => {
    peer.handleChannel('slow', async (channel) => {
      await gate.promise;
      channel.resume();
    });
    peer.handle('echo', (params) => params);
  });
  const slow = here.open('slow');
  slow.end(Buffer.alloc(2 ** 20));
  expect((await here.request('echo', 'fast')).result).toBe('fast');
  expect(slow.writableFinished).toBe(false);
  gate.resolve();
  await emitted(slow, 'finish');
});
