// A remote that takes nothing is given up after sendTimeout, and not after twice that, also where the kernel
// took some of the bytes just before it was full.

import { expect, onTestFinished, test, vi } from 'vitest';
import { framed } from '../../src/entries/main.ts';
import { tcpPair, tlsPair, unixPair } from '../support/sockets.ts';
import type { Pair } from '../support/sockets.ts';
import { settled, turns } from '../support/waiting.ts';

const SEND_TIMEOUT_MS = 30_000;
const STEP_MS = 500;
const transports: Readonly<Record<string, () => Promise<Pair>>> = {
  TCP: tcpPair,
  TLS: tlsPair,
  'a unix socket': unixPair,
};

test.each(Object.entries(transports))('over %s', async (_, open) => {
  const { near, far } = await open();
  far.pause();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const connection = framed(near, undefined, { sendTimeout: SEND_TIMEOUT_MS });
  const sending = (async () => {
    for (;;) {
      await connection.send(Buffer.alloc(64 * 1024));
    }
  })();
  const outcome = sending.catch((error: unknown) => error);
  await settled(() => connection.stats.sent.bytes);
  let passed = 0;
  for (; !near.destroyed && passed < 4 * SEND_TIMEOUT_MS; passed += STEP_MS) {
    vi.advanceTimersByTime(STEP_MS);
    await turns(4);
  }
  expect(passed).toBeGreaterThanOrEqual(SEND_TIMEOUT_MS - STEP_MS);
  expect(passed).toBeLessThan(1.3 * SEND_TIMEOUT_MS);
  expect(await outcome).toMatchObject({ code: 'ERR_SEND_STALLED', limit: SEND_TIMEOUT_MS });
});
