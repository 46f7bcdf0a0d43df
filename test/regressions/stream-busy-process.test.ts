// In a process that was busy for longer than a timeout, the timer fired before the bytes that had come in
// time were read. A healthy remote then counted as stalled or idle.

import { expect, test } from 'vitest';
import { framed } from '../../src/entries/main.ts';
import { hex } from '../support/bytes.ts';
import { tcpPair, write } from '../support/sockets.ts';
import { until } from '../support/waiting.ts';

const LIMIT_MS = 40;

/** Keeps the event loop from turning for `ms`, as a computation does. */
function compute(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test.each(['frameTimeout', 'idleTimeout'])(
  'what came while the process was busy counts as in time (%s)',
  async (name) => {
    const { near, far } = await tcpPair();
    const connection = framed(near, undefined, { [name]: LIMIT_MS });
    const reading = connection.receive();
    await write(far, hex('00000002 61'));
    await until(() => near.bytesRead === 5, 'the frame is begun');
    far.write(hex('62'));
    compute(3 * LIMIT_MS);
    expect(String(await reading)).toBe('ab');
  },
);
