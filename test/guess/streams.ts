// Streams whose framing is known, and bytes that have none, for tests of the guess.

import * as fc from 'fast-check';
import type { GuessStream } from '../../src/guess/stream.ts';
import { join } from '../support/bytes.ts';

type Type = 'u8' | 'u16be' | 'u16le' | 'u24be' | 'u32be' | 'u32le';

const WIDTHS: Readonly<Record<Type, number>> = {
  u8: 1,
  u16be: 2,
  u16le: 2,
  u24be: 3,
  u32be: 4,
  u32le: 4,
};
const TYPES: readonly Type[] = ['u8', 'u16be', 'u16le', 'u24be', 'u32be', 'u32le'];

/** Frames of a random layout, and where they end. */
export interface KnownStream {
  readonly word: string;
  readonly stream: GuessStream;
  readonly ends: readonly number[];
}

function numberBytes(type: Type, value: number): number[] {
  const bytes = Array.from({ length: WIDTHS[type] }, (_, i) => Math.floor(value / 256 ** i) % 256);
  return type.endsWith('le') ? bytes : bytes.toReversed();
}

/** A head of bytes that are always the same, of a few values, or of any value. */
const heads = fc.array(
  fc.oneof(
    fc.nat(255).map((byte) => ({ from: byte, to: byte })),
    fc.constantFrom({ from: 1, to: 6 }, { from: 0, to: 255 }),
  ),
  { minLength: 2, maxLength: 8 },
);

const layouts = fc.record({
  type: fc.constantFrom(...TYPES),
  head: heads,
  kind: fc.constantFrom('all', 'after', 'fromHere', 'trailer'),
  trailer: fc.integer({ min: 1, max: 6 }),
});

function moreOf(kind: string, offset: number, width: number, trailer: number): number {
  return { all: 0, fromHere: offset, after: offset + width }[kind] ?? offset + width + trailer;
}

/** Streams of `count` frames of random layouts, with the ends of chunks or without. */
export function knownStreams(count: number, isCut: boolean): fc.Arbitrary<KnownStream> {
  return layouts.chain(({ type, head, kind, trailer }) => {
    const offset = head.length;
    const more = moreOf(kind, offset, WIDTHS[type], trailer);
    const frames = fc.array(
      fc.record({
        bytes: fc.uint8Array({ minLength: 4 + trailer, maxLength: 90 }),
        front: fc.tuple(...head.map(({ from, to }) => fc.integer({ min: from, max: to }))),
      }),
      { minLength: count, maxLength: count },
    );
    return frames.map((list) => {
      const whole = list.map(({ bytes, front }) => {
        const length = offset + WIDTHS[type] + bytes.length;
        return Uint8Array.from([...front, ...numberBytes(type, length - more), ...bytes]);
      });
      let at = 0;
      const ends = whole.map((frame) => (at += frame.length));
      const bytes = join(whole);
      const stream: GuessStream = { direction: 'a>b', bytes, ...(isCut ? { ends } : {}) };
      return { word: `${type}@${offset}+${more}`, stream, ends };
    });
  });
}
