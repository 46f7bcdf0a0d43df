// Short conversations: a few frames in each direction, of which each is a chunk.

import { expect, test } from 'vitest';
import { guess } from '../../src/guess/guess.ts';
import type { GuessStream } from '../../src/guess/stream.ts';
import { hex, join, utf8 } from '../support/bytes.ts';

function cutStream(
  frames: readonly Uint8Array[],
  direction: GuessStream['direction'],
): GuessStream {
  let at = 0;
  return { direction, bytes: join(frames), ends: frames.map(({ length }) => (at += length)) };
}

/** A number with seven bits in each byte. */
function varint(value: number): Uint8Array {
  return value < 128 ? Uint8Array.of(value) : Uint8Array.of((value & 127) | 128, value >> 7);
}

function ber(value: number): Uint8Array {
  return value < 128 ? Uint8Array.of(value) : Uint8Array.of(0x82, value >> 8, value & 255);
}

const text =
  'meters/north/7 {"u":"02D50502","t":1448,"q":[1,22,303],"w":"kWh","host":"stars.example"} ';

/** Bodies of a conversation: of few bytes and of many, with nothing that all of them share. */
const bodies: Readonly<Record<GuessStream['direction'], readonly Uint8Array[]>> = {
  'a>b': [
    join([hex('00 04'), utf8('MSTR'), hex('03 c2 00 14'), utf8(text.slice(30, 80))]),
    join([hex('00 01 00 19'), utf8(text.slice(0, 25)), hex('00')]),
    join([hex('00 12'), utf8(text.repeat(5).slice(3, 380))]),
    hex(''),
  ],
  'b>a': [hex('00 00'), hex('00 01 00'), join([hex('00 19'), utf8(text.slice(0, 85))])],
};
const TYPES = { 'a>b': [0x10, 0x82, 0x31, 0xe0], 'b>a': [0x20, 0x90, 0x30] } as const;

test.each([
  ['seven bits in each byte', varint],
  ['BER', ber],
])('few frames with lengths in %s are found in both directions', (_, length) => {
  const streams = (['a>b', 'b>a'] as const).map((way) =>
    cutStream(
      bodies[way].map((body, i) =>
        join([Uint8Array.of(TYPES[way][i] ?? 0), length(body.length), body]),
      ),
      way,
    ),
  );
  const { verdict, guesses } = guess(streams, { unknown: ['mqtt', 'berTlv'] });
  expect(verdict).not.toBe('none');
  expect(guesses).toMatchObject([{ direction: 'both', frames: [7, 7] }]);
});

/** Frames of a type, a length of two bytes and a text. */
const counted = Array.from({ length: 40 }, (_, i) => {
  const body = utf8(text.repeat(3).slice(i, i + 20 + ((i * 37) % 61)));
  return join([Uint8Array.of(0x30 + (i % 3), 0, body.length), body]);
});

test.each([
  ['none', [], 'sure'],
  ['two bytes', [hex('e0 00')], 'likely'],
  ['the front of a frame', [hex('30 00 30 41 42')], 'sure'],
])('cut frames that leave a few bytes over are not sure: %s', (_, last, verdict) => {
  const stream = cutStream([...counted, ...last], 'a>b');
  expect(guess([stream]).verdict).toBe(verdict);
});
