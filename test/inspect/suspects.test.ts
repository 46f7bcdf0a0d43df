// Which frame is blamed: the one whose length is wrong, whatever its own head looks like then, and wherever the
// error shows.

import { describe, expect, test } from 'vitest';
import type { ErrorLine } from '../../src/inspect/lines.ts';
import { hex, join } from '../support/bytes.ts';
import { inspect } from './inspecting.ts';

const COUNT = 40;
const DAMAGED = 30;

/** A frame of type, length and payload: types and lengths repeat, so a new length looks strange. */
function frame(i: number): Uint8Array {
  return hex(i % 2 === 0 ? `07 0004 a1b2c3${(i % 10) + 10}` : `09 0006 c0ffee0102${(i % 10) + 10}`);
}

/** The stream in one piece a frame, with the length of one frame changed. */
function firstError(damaged: number, mask: number): ErrorLine | undefined {
  const pieces = Array.from({ length: COUNT }, (_, i) => {
    const bytes = Uint8Array.from(frame(i));
    if (i === damaged) {
      bytes[2] = (bytes[2] ?? 0) ^ mask;
    }
    return bytes;
  });
  const { findings } = inspect(pieces, { frames: 'u16be@1' });
  return findings.find((one): one is ErrorLine => one.kind === 'error');
}

function startOf(index: number): number {
  return join(Array.from({ length: index }, (_, i) => frame(i))).length;
}

describe('the frame to blame', () => {
  // 16, 32 and 64 more bytes are whole frames: nobody could see those.
  test.each([1, 2, 8, 128])('is the one whose length is wrong, by the bits %d', (mask) => {
    const error = firstError(DAMAGED, mask);
    expect(error?.suspect ?? error?.frame).toBe(DAMAGED);
    expect(error?.goodAgainAt).toBe(startOf(DAMAGED + 1));
  });

  test.each([1, 2, 8, 128])(
    'is the last one where the stream ends behind it, by the bits %d',
    (mask) => {
      const error = firstError(COUNT - 1, mask);
      expect(error?.suspect ?? error?.frame).toBe(COUNT - 1);
    },
  );

  // MQTT: each message is acknowledged by a frame of four bytes with a number of its own.
  test.each([8, 32])(
    'is the short frame, not the one in front, where short and long ones take turns: the bits %d',
    (mask) => {
      const pieces = Array.from({ length: 80 }, (_, i) => {
        const id = i.toString(16).padStart(4, '0');
        const text = Array.from({ length: 56 }, (__, k) => (i * 7 + k * k * 13) % 251);
        return i % 2 === 0
          ? hex(`40 02 ${id}`)
          : join([hex(`32 3c 0002 7431`), Uint8Array.from(text)]);
      });
      const damaged = 60;
      const acknowledgement = Uint8Array.from(pieces[damaged] ?? []);
      acknowledgement[1] = (acknowledgement[1] ?? 0) ^ mask;
      const changed = pieces.with(damaged, acknowledgement);
      const { findings } = inspect(changed, { frames: 'mqtt' });
      const error = findings.find((one): one is ErrorLine => one.kind === 'error');
      expect(error?.suspect ?? error?.frame).toBe(damaged);
    },
  );
});
