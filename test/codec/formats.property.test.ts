// Every format, netstrings and Content-Length, on streams that are valid but for some bytes. The result does
// not depend on the cuts, and is always values, skips or a ProtocolError.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Codec } from '../../src/codec/codec.ts';
import { contentLength } from '../../src/codec/content-length.ts';
import { netstrings } from '../../src/codec/netstrings.ts';
import { join, utf8 } from '../support/bytes.ts';
import { atOnce, deliveriesOf, read } from '../support/deliveries.ts';
import { codecOfRow, FORMAT_NAMES, framesOf, optionsOf } from '../support/format-vectors.ts';
import { runs } from '../support/seed.ts';

interface Subject {
  readonly name: string;
  readonly codec: Codec<never, unknown>;
  readonly frames: readonly Uint8Array[];
}

const maxPayloadLength = 100;

const subjects: readonly Subject[] = [
  ...FORMAT_NAMES.map((name) => ({
    name,
    codec: codecOfRow(name, optionsOf(name) === undefined ? {} : { maxPayloadLength }),
    frames: framesOf(name),
  })),
  {
    name: 'netstrings',
    codec: netstrings({ maxPayloadLength }),
    frames: ['0:,', '5:hello,', '3:\u7c98,', `101:${'x'.repeat(101)},`].map(utf8),
  },
  {
    name: 'contentLength',
    codec: contentLength({ maxPayloadLength, maxHeaderLength: 64 }),
    frames: [
      'Content-Length: 0\r\n\r\n',
      'Content-Length: 5\r\nX: y\r\n\r\nhello',
      `content-length:101\r\n\r\n${'x'.repeat(101)}`,
      `X: ${'y'.repeat(60)}\r\nContent-Length: 1\r\n\r\n`,
    ].map(utf8),
  },
];

/** One byte replaced, left out or put in, at a place given as a part of the whole. */
interface Edit {
  readonly place: number;
  readonly kind: 'replace' | 'remove' | 'insert';
  readonly byte: number;
}

const edits: fc.Arbitrary<Edit> = fc.record({
  place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  kind: fc.constantFrom('replace', 'remove', 'insert'),
  byte: fc.oneof(fc.nat(255), fc.constantFrom(0, 13, 10, 44, 48, 58, 127, 128, 255)),
});

function edited(stream: Uint8Array, { place, kind, byte }: Edit): Uint8Array {
  const at = Math.floor(place * stream.length);
  const behind = stream.subarray(kind === 'insert' ? at : at + 1);
  const between = kind === 'remove' ? new Uint8Array(0) : Uint8Array.of(byte);
  return join([stream.subarray(0, at), between, behind]);
}

describe.each(subjects.map((subject) => [subject.name, subject] as const))('%s', (_, subject) => {
  test('says the same of broken streams however they are cut', () => {
    const streams = fc
      .tuple(
        fc.array(fc.constantFrom(...subject.frames), { minLength: 1, maxLength: 4 }),
        fc.array(edits, { maxLength: 2 }),
      )
      .map(([frames, changes]) => changes.reduce(edited, join(frames)));
    const cases = fc
      .tuple(streams, fc.boolean())
      .chain(([stream, skips]) =>
        fc.tuple(fc.constant(stream), fc.constant(skips), deliveriesOf(stream)),
      );
    fc.assert(
      fc.property(cases, ([stream, skips, delivery]) => {
        const whole = read(subject.codec, { ...atOnce(stream), ended: delivery.ended }, skips);
        expect(read(subject.codec, delivery, skips)).toEqual(whole);
      }),
      runs(20),
    );
  });
});
