// The time that an ending may take: close({ within }) counts from its call, whether or not the sides read.
// The tests turn the clock by hand, because the default is half a minute.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { framed } from '../../src/entries/main.ts';
import { hex } from '../support/bytes.ts';
import { tcpPair, write } from '../support/sockets.ts';
import { rejection, settled, turns, until } from '../support/waiting.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Turns the clock, and lets its effects happen. */
async function pass(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms);
  await turns(5);
}

describe('close', () => {
  test.each([
    ['30 s', undefined, 30_000],
    ['what within says', { within: 700 }, 700],
  ])('waits for the end of the remote for %s', async (_, options, ms) => {
    const { near, far } = await tcpPair();
    far.allowHalfOpen = true;
    const connection = framed(near);
    const closing = connection.close(options);
    await until(() => far.readableLength === 0 && near.writableFinished, 'the FIN is out');
    await pass(ms - 1);
    expect(near.destroyed).toBe(false);
    await pass(1);
    // Everything was handed over, and only the end of the remote was missing.
    await closing;
    expect(near.destroyed).toBe(true);
    expect(await connection.closed).toBeUndefined();
  });

  test('counts from the call also when a frame was read before', async () => {
    const { near, far } = await tcpPair();
    far.allowHalfOpen = true;
    const connection = framed(near);
    await write(far, hex('00000001 61'));
    await connection.receive();
    void connection.close();
    await until(() => near.writableFinished, 'the FIN is out');
    await pass(30_000);
    expect(near.destroyed).toBe(true);
  });

  test('counts from the call also when the remote takes nothing, and says what is left', async () => {
    const { near } = await tcpPair();
    const connection = framed(near);
    void connection.send(Buffer.alloc(8 * 1024 * 1024));
    await settled(() => connection.stats.queued);
    const closing = rejection(connection.close({ within: 1000 }));
    await pass(1000);
    expect(await closing).toMatchObject({
      name: 'ConnectionError',
      code: 'ERR_TIMEOUT',
      limit: 1000,
      queued: 8 * 1024 * 1024 + 4,
    });
    expect(await connection.closed).toMatchObject({ code: 'ERR_TIMEOUT' });
    expect(near.destroyed).toBe(true);
  });

  test('is shortened by a later call, and never lengthened', async () => {
    const { near, far } = await tcpPair();
    far.allowHalfOpen = true;
    const connection = framed(near);
    const closing = connection.close();
    expect(connection.close({ within: 500 })).toBe(closing);
    expect(connection.close({ within: 60_000 })).toBe(closing);
    await until(() => near.writableFinished, 'the FIN is out');
    await pass(500);
    await closing;
    expect(near.destroyed).toBe(true);
  });

  test('of an await using scope waits for 5 s', async () => {
    const { near, far } = await tcpPair();
    far.allowHalfOpen = true;
    const disposed = framed(near)[Symbol.asyncDispose]();
    await until(() => near.writableFinished, 'the FIN is out');
    await pass(5000);
    await disposed;
    expect(near.destroyed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('end waits for nobody: reading goes on until the remote ends', async () => {
  const { near, far } = await tcpPair();
  far.allowHalfOpen = true;
  const connection = framed(near);
  const reading = connection.receive();
  await connection.end();
  await pass(90_000);
  expect(near.destroyed).toBe(false);
  far.end(hex('00000001 61'));
  expect(String(await reading)).toBe('a');
  expect(await connection.receive()).toBeUndefined();
});
