// Framings without a length prefix, over the whole space of their options, and streams for them: valid
// frames, frames with one fault, and noise made of the bytes of markers and escapes.

import * as fc from 'fast-check';
import type { FrameCodec } from '../../src/codec/codec.ts';
import { cobs } from '../../src/codec/delimited/cobs.ts';
import { delimited } from '../../src/codec/delimited/delimited.ts';
import { dle, hdlc, jt808, jt809, slip } from '../../src/codec/delimited/escapes.ts';
import type { DelimitedOptions } from '../../src/codec/delimited/layout.ts';
import { lines } from '../../src/codec/delimited/lines.ts';
import { fixedLength } from '../../src/codec/fixed-length.ts';
import { resync } from '../../src/codec/resync.ts';
import type { Checksum } from '../../src/codec/sections.ts';
import { UsageError } from '../../src/errors.ts';
import { hex, join } from './bytes.ts';
import { slowWriteDelimited } from './slow-delimited.ts';
import type { SlowFraming } from './slow-delimited.ts';

export const xor8: Checksum = {
  length: 1,
  compute: (bytes) => Uint8Array.of(bytes.reduce((sum, byte) => sum ^ byte, 0)),
};
const sum16: Checksum = {
  length: 2,
  compute(bytes) {
    const sum = bytes.reduce((total, byte) => total + byte, 0) & 0xffff;
    return Uint8Array.of(sum >> 8, sum & 0xff);
  },
};

export function codecOfFraming(framing: SlowFraming): FrameCodec {
  switch (framing.kind) {
    case 'delimited':
      return delimited(framing.options);
    case 'lines':
      return lines({ maxLength: framing.maxLength, newline: framing.newline });
    case 'cobs':
      return cobs({ maxLength: framing.maxLength });
    case 'fixed':
      return fixedLength(framing.length);
  }
}

/** The codec, or `undefined` if its options contradict each other (ERR_OPTION). Throws every other error. */
export function codecIfAny(framing: SlowFraming): FrameCodec | undefined {
  try {
    return codecOfFraming(framing);
  } catch (error) {
    if (error instanceof UsageError && error.code === 'ERR_OPTION') {
      return undefined;
    }
    throw error;
  }
}

/**
 * Markers of few different bytes, so that streams are full of markers, of their beginnings and of escapes.
 */
const MARKERS = '7e 5d c0 00 0a 0d0a 0d0a0d 6161 616162 61626162 1003 1c0d 7d0a'
  .split(' ')
  .map(hex);
const markers: fc.Arbitrary<Uint8Array> = fc.constantFrom(...MARKERS);
const limits: fc.Arbitrary<number> = fc.oneof(
  fc.nat(12),
  fc.constantFrom(253, 254, 255, 300, 65_536),
);
const maps: fc.Arbitrary<DelimitedOptions['escape']> = fc.constantFrom<
  DelimitedOptions['escape'][]
>(
  undefined,
  undefined,
  slip,
  hdlc,
  jt808,
  dle,
  jt809,
  [{ ...dle, xor: 1 }, slip, { escape: 0x61, codes: { 0x61: 0x05, 0x0a: 0x01, 0x0d: 0x02 } }],
  { escape: 0x61, codes: { 0x61: 0x61, 0x62: 0x63 } },
  { escape: 0x7d, codes: { 0x7d: 0x5d, 0x0d: 0x2d, 0x62: 0x42 }, xor: 0x20 },
);

const delimitedFramings: fc.Arbitrary<SlowFraming> = fc
  .record({
    end: markers,
    kind: fc.constantFrom('none', 'same', 'other'),
    other: markers,
    escape: maps,
    checksum: fc.constantFrom(undefined, undefined, xor8, sum16),
    maxLength: limits,
    strip: fc.constantFrom(undefined, true, false),
    skipEmpty: fc.constantFrom(undefined, undefined, true, false),
    resync: fc.constantFrom(
      undefined,
      undefined,
      resync(),
      resync({ maxTries: 2 }),
      resync({ maxGap: 20, maxTries: 1 }),
    ),
  })
  .map(({ kind, other, resync: search, ...options }) => {
    const start = { none: undefined, same: options.end, other }[kind];
    const given = { ...options, start, resync: start && search };
    return { kind: 'delimited', options: given } as const;
  });

export const framings: fc.Arbitrary<SlowFraming> = fc
  .oneof(
    { weight: 8, arbitrary: delimitedFramings },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('lines' as const),
        maxLength: limits,
        newline: fc.constantFrom('lf', 'crlf'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('cobs' as const), maxLength: limits }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('fixed' as const),
        length: fc.integer({ min: 1, max: 9 }),
      }),
    },
  )
  .filter((framing) => codecIfAny(framing) !== undefined);

/** The bytes of markers and escape sequences, and a few other bytes. */
const telling = fc.constantFrom(
  ...hex('7e 5d c0 00 0a 0d 0d 61 61 62 63 10 10 03 1c db dc dd 7d 7d 5e 5d 01 02 2d 42 ff fe 05'),
);

export function payloadsOf(framing: SlowFraming): fc.Arbitrary<Uint8Array> {
  if (framing.kind === 'fixed') {
    const { length } = framing;
    return fc.uint8Array({ minLength: length, maxLength: length });
  }
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc.array(telling, { maxLength: 14 }).map((all) => Uint8Array.from(all)),
    },
    { weight: 3, arbitrary: fc.uint8Array({ maxLength: 14 }) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.integer({ min: 250, max: 520 }), telling)
        .map(([length, byte]) => new Uint8Array(length).fill(byte)),
    },
  );
}

export interface DelimitedCase {
  readonly framing: SlowFraming;
  readonly stream: Uint8Array;
}

function streamsOf(framing: SlowFraming): fc.Arbitrary<Uint8Array> {
  const frames = fc
    .array(payloadsOf(framing), { maxLength: 5 })
    .map((all) => join(all.map((payload) => slowWriteDelimited(framing, payload))));
  const noise = fc.array(telling, { maxLength: 60 }).map((all) => Uint8Array.from(all));
  const faulty = fc
    .tuple(frames, fc.nat(), telling, fc.constantFrom('change', 'insert', 'drop', 'cut'))
    .map(([stream, place, byte, fault]) => {
      const at = place % (stream.length + 1);
      const behind = fault === 'cut' ? stream.length : at + (fault === 'insert' ? 0 : 1);
      const between = fault === 'drop' || fault === 'cut' ? [] : [byte];
      return Uint8Array.of(...stream.subarray(0, at), ...between, ...stream.subarray(behind));
    });
  return fc.oneof(frames, faulty, noise, fc.tuple(noise, frames, noise, frames).map(join));
}

export const delimitedCases: fc.Arbitrary<DelimitedCase> = framings.chain((framing) =>
  streamsOf(framing).map((stream) => ({ framing, stream })),
);
