// Channels over real sockets: each stream of bytes ends, waits and is reset independently of the others.

import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, test } from 'vitest';
import { RemoteError } from '../../src/entries/peer.ts';
import { anyOf, buffer, keeping, opened, text } from '../support/channels.ts';
import { twoPeers } from '../support/peers.ts';
import { emitted, turns, until } from '../support/waiting.ts';

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
