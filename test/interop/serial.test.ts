// A serial line with noise on it: frames of rows with `resync` over a pair of pseudo-terminals. Every frame
// behind plain noise arrives, and each gap is reported once.

import { describe, expect, test } from 'vitest';
import type { Codec } from '../../src/codec/codec.ts';
import { framed } from '../../src/entries/main.ts';
import { join, toHex } from '../support/bytes.ts';
import { codecOfRow, framesOf } from '../support/format-vectors.ts';
import type { FormatName } from '../support/format-vectors.ts';
import { openLine, serialLine, socat } from './support/pty.ts';

/** Rows that begin with fixed bytes, as lines between devices have them. */
const ROWS_ON_LINES = ['ubx', 'rtcm3', 'cjt188', 'dlt645', 'xbeeApi', 'gt06', 'castel'] as const;
const ROUNDS = 40;
const timeout = 60_000;

/** Numbers below a bound, the same in every run. */
function numbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

interface Line {
  readonly frames: readonly string[];
  readonly bytes: Uint8Array;
  readonly gaps: number;
}

/** Frames with noise in front of and between them, in which no byte begins a frame. */
function noisy(name: FormatName, seed: number): Line {
  const next = numbers(seed);
  const known = framesOf(name);
  const first = known[0]?.[0] ?? 0;
  const frames: string[] = [];
  const pieces: Uint8Array[] = [];
  let gaps = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const length = next(3) === 0 ? 0 : 1 + next(60);
    const noise = Uint8Array.from({ length }, () => (first + 1 + next(255)) % 256);
    const frame = known[next(known.length)] ?? noise;
    gaps += length > 0 ? 1 : 0;
    pieces.push(noise, frame);
    frames.push(toHex(frame));
  }
  return { frames, bytes: join(pieces), gaps };
}

/** Sends the bytes through the line, and reads so many values of them. */
async function through(
  codec: Codec<unknown>,
  { bytes, frames }: Line,
): Promise<[string[], number]> {
  const [ours, theirs] = await serialLine();
  let gaps = 0;
  const conn = framed(openLine(ours), codec as Codec<never, unknown>, {
    onSkip: (error) => {
      gaps += error.code === 'ERR_NOISE' ? 1 : 0;
    },
  });
  openLine(theirs).write(bytes);
  const seen: string[] = [];
  while (seen.length < frames.length) {
    const value = await conn.receive({ timeout });
    seen.push(codec.encode(value).map(toHex).join(''));
  }
  conn.destroy();
  return [seen, gaps];
}

describe.skipIf(socat === undefined)('a serial line with noise (needs socat)', () => {
  test.each(ROWS_ON_LINES)('carries every frame of %s', async (name) => {
    const line = noisy(name, 13);
    const codec: unknown = codecOfRow(name, { resync: true });
    const [seen, gaps] = await through(codec as Codec<unknown>, line);
    expect(seen).toEqual(line.frames);
    expect(gaps).toBe(line.gaps);
  });
});
