// After close() somebody has to read on, or the remote has to end; neither is waited for without limit.
// The clock of these tests is turned by hand, because the limit is half a minute.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { framed } from '../../src/entries/main.ts';
import { hex } from '../support/bytes.ts';
import { tcpPair, write } from '../support/sockets.ts';
import { rejection, settled, turns, until } from '../support/waiting.ts';

const LINGER_MS = 30_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

test('a closed connection that nobody reads is destroyed after 30 s', async () => {
  const { near, far } = await tcpPair();
  far.allowHalfOpen = true;
  const connection = framed(near);
  await write(far, hex('00000001 61'));
  await settled(() => near.bytesRead, 20);
  await connection.close();
  vi.advanceTimersByTime(LINGER_MS - 1);
  await turns(5);
  expect(near.destroyed).toBe(false);
  vi.advanceTimersByTime(1);
  await until(() => near.destroyed, 'it is destroyed');
  expect(await rejection(connection.receive())).toMatchObject({
    code: 'ERR_CONNECTION_CLOSED',
    reason: 'destroyed',
  });
});

test('one that somebody reads stays until the remote ends', async () => {
  const { near, far } = await tcpPair();
  far.allowHalfOpen = true;
  const connection = framed(near);
  const reading = connection.receive();
  await connection.close();
  for (let i = 0; i < 3; i++) {
    vi.advanceTimersByTime(LINGER_MS);
    await turns(5);
  }
  expect(near.destroyed).toBe(false);
  far.end(hex('00000001 61'));
  expect(String(await reading)).toBe('a');
  expect(await connection.receive()).toBeUndefined();
});
