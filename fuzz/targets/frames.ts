// Invariant: however a stream is cut, a length-prefixed decoder returns the same values, then the same error
// at the same offset, or none. It throws only ProtocolErrors. No byte is lost or added.

import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import type { Codec } from '../../src/codec/codec.ts';
import type { LengthPrefixedOptions } from '../../src/codec/frame-layout.ts';
import type { SectionOption } from '../../src/codec/sections.ts';
import { UsageError } from '../../src/errors.ts';
import type { Random } from '../../src/schedule/random.ts';
import type { Schedule } from '../../src/schedule/schedule.ts';
import { atOnce, read } from '../../test/support/deliveries.ts';
import { slowReadAny } from '../../test/support/slow-resync-frames.ts';
import { cutsOf, hearAllWays, latin1 } from './deliveries.ts';
import type { Hearing } from './deliveries.ts';
import { flagsOf, frameCodec, frameOptions, optionBytes, ownLengthOf } from './frame-options.ts';
import type { FrameValue } from './frame-options.ts';
import { Choices, concat, randomBytes, streamOf } from './target.ts';
import type { Target } from './target.ts';

/** `options (24) | flags (1) | seed of the cuts (4) | the stream`. */
interface FrameCase {
  readonly options: LengthPrefixedOptions;
  readonly skips: boolean;
  readonly seed: number;
  readonly stream: Uint8Array;
}

function parseCase(bytes: Uint8Array): FrameCase {
  const choices = new Choices(bytes.subarray(optionBytes));
  const flags = choices.byte();
  return {
    options: frameOptions(new Choices(bytes.subarray(0, optionBytes))),
    skips: flags % 2 === 1,
    seed: choices.seed(),
    stream: streamOf(flags, choices.rest()),
  };
}

function schedule(bytes: Uint8Array): Schedule {
  const { seed, stream } = parseCase(bytes);
  return cutsOf(seed, stream);
}

/** A value as a text that begins with its length, so that different values give different texts. */
export function showFrame(value: unknown): string {
  if (value instanceof Uint8Array) {
    return `${value.length}:${latin1(value)}`;
  }
  if (typeof value === 'number') {
    return String(value);
  }
  const parts = Object.entries(value ?? {}).map(([name, part]) => `${name}=${showFrame(part)}`);
  return `{${parts.join(',')}}`;
}

function checkConservation({ options, skips, stream }: FrameCase, heard: Hearing): void {
  // A search for the next frame drops bytes, also if the stream ends with an error.
  if (options.resync !== undefined) {
    return;
  }
  ok(latin1(stream).endsWith(heard.rest), 'the bytes left are the end of the stream');
  if (heard.error === undefined) {
    strictEqual(heard.rest, '', 'nothing is left after a clean end');
  } else {
    ok(heard.error.byteOffset <= stream.length, 'an error lies in the stream');
  }
  if (options.deliver !== 'frame' || skips) {
    return;
  }
  strictEqual(heard.bytes + heard.rest.length, stream.length, 'every byte is in a frame or left');
}

function fuzzFrames(bytes: Uint8Array): void {
  const one = parseCase(bytes);
  const codec = frameCodec(one.options);
  if (codec === undefined) {
    return;
  }
  const { skips, seed, stream } = one;
  const cuts = cutsOf(seed, stream);
  checkConservation(one, hearAllWays(codec, stream, { skips, cuts, show: showFrame }));
}

/** Invariant: the decoder agrees with the slow oracle, which never sees a chunk. */
function fuzzOracle(bytes: Uint8Array): void {
  const { options, skips, stream } = parseCase(bytes);
  const codec = frameCodec(options);
  if (codec === undefined) {
    return;
  }
  const expected = slowReadAny(options, stream, { ended: true, skips });
  const heard = read(codec, atOnce(stream), skips);
  deepStrictEqual(heard, expected, 'the oracle says otherwise');
}

/** Random values, as bytes or as parts, depending on the options. The codec may refuse some. */
export function sampleValues(options: LengthPrefixedOptions, source: Random): FrameValue[] {
  const { before, after, trailer, deliver } = options;
  const own = (given: SectionOption | undefined): Uint8Array | undefined =>
    ownLengthOf(given) > 0 ? randomBytes(source, ownLengthOf(given)) : undefined;
  return Array.from({ length: source.below(5) }, () => {
    const payload = randomBytes(source, source.pick([0, 1, 2, 7, source.below(60)]));
    const parts = { before: own(before), after: own(after), trailer: own(trailer) };
    const given = Object.entries(parts).filter(([, part]) => part !== undefined);
    if (deliver === 'payload' || (deliver === undefined && given.length === 0)) {
      return payload;
    }
    return {
      ...Object.fromEntries(given),
      ...flagsOf(options, () => source.below(2 ** 32)),
      payload,
    };
  });
}

export function encodeAll(codec: Codec<FrameValue>, values: readonly FrameValue[]): Uint8Array[] {
  return values.flatMap((value) => {
    try {
      return codec.encode(value);
    } catch (error) {
      if (error instanceof UsageError) {
        return [];
      }
      throw error;
    }
  });
}

/** A case with a random format and frames in it. */
function sample(source: Random): Uint8Array {
  for (;;) {
    const head = randomBytes(source, optionBytes);
    const options = frameOptions(new Choices(head));
    // A format that delivers whole frames is encoded from parts.
    const writing =
      options.deliver === 'frame' ? { ...options, deliver: 'parts' as const } : options;
    const codec = frameCodec(writing);
    if (codec === undefined) {
      continue;
    }
    const tail = randomBytes(source, 5);
    return concat(head, tail, ...encodeAll(codec, sampleValues(writing, source)));
  }
}

export const frames: Target = {
  name: 'frames',
  fuzz: fuzzFrames,
  sample,
  schedule,
  dictionary: 'frames',
};

export const oracle: Target = {
  name: 'oracle',
  fuzz: fuzzOracle,
  sample,
  dictionary: 'frames',
};
