// Invariant: in every format, decode returns the values that encode took, in order, and the end is clean. A
// value that encode does not take is refused with a UsageError before a byte is written. All ways of encoding
// give the same bytes.

import { deepStrictEqual, strictEqual } from 'node:assert';
import type { PackingCodec } from '../../src/codec/codec.ts';
import type { LengthPrefixedOptions } from '../../src/codec/frame-layout.ts';
import type { SectionOption } from '../../src/codec/sections.ts';
import { UsageError } from '../../src/errors.ts';
import type { Random } from '../../src/schedule/random.ts';
import { cutsOf, hearAllWays } from './deliveries.ts';
import { flagsOf, frameCodec, frameOptions, optionBytes, ownLengthOf } from './frame-options.ts';
import type { FrameValue } from './frame-options.ts';
import { showFrame } from './frames.ts';
import { Choices, concat, randomBytes } from './target.ts';
import type { Target } from './target.ts';

/**
 * The values of a case: `options (24) | number of values (1) | for each value: length (1), payload, parts`.
 */
function valuesOf(options: LengthPrefixedOptions, choices: Choices): FrameValue[] {
  const { before, after, trailer, deliver } = options;
  const own = (given: SectionOption | undefined): Uint8Array | undefined =>
    ownLengthOf(given) > 0 ? choices.take(ownLengthOf(given)) : undefined;
  return Array.from({ length: choices.below(6) }, () => {
    const payload = choices.take(choices.byte());
    const parts = { before: own(before), after: own(after), trailer: own(trailer) };
    const given = Object.entries(parts).filter(([, part]) => part !== undefined);
    if (deliver === 'frame') {
      return payload;
    }
    if (deliver === 'payload' || (deliver === undefined && given.length === 0)) {
      return payload;
    }
    const flags = flagsOf(options, () => choices.seed());
    return { ...Object.fromEntries(given), ...flags, payload };
  });
}

/** The bytes of a value; `undefined` if the codec refuses it. Checks that all ways of encoding agree. */
function encoded(codec: PackingCodec<FrameValue>, value: FrameValue): Uint8Array | undefined {
  let pieces: Uint8Array[];
  try {
    pieces = codec.encode(value);
  } catch (error) {
    if (!(error instanceof UsageError) || error.code !== 'ERR_FRAME_UNENCODABLE') {
      throw error;
    }
    return undefined;
  }
  const whole = concat(...pieces);
  strictEqual(codec.encodedLength(value), whole.length, 'encodedLength');
  const target = new Uint8Array(whole.length + 7).fill(0xaa);
  strictEqual(codec.encodeInto(value, target, 3), whole.length + 3, 'encodeInto');
  deepStrictEqual(Buffer.from(target.subarray(3, whole.length + 3)), Buffer.from(whole));
  strictEqual(
    target.subarray(0, 3).every((byte) => byte === 0xaa),
    true,
    'bytes before the frame were overwritten',
  );
  strictEqual(
    target.subarray(-4).every((byte) => byte === 0xaa),
    true,
    'bytes after the frame were overwritten',
  );
  return whole;
}

/** The text of a whole frame, as the listener writes it. */
function shown(value: FrameValue): string {
  return `${showFrame(value)}\n`;
}

function fuzz(bytes: Uint8Array): void {
  const options = frameOptions(new Choices(bytes.subarray(0, optionBytes)));
  const codec = frameCodec(options);
  if (codec === undefined) {
    return;
  }
  const values = valuesOf(options, new Choices(bytes.subarray(optionBytes)));
  const taken: FrameValue[] = [];
  const wire: Uint8Array[] = [];
  for (const value of values) {
    const frame = encoded(codec, value);
    if (frame === undefined) {
      continue;
    }
    taken.push(value);
    wire.push(frame);
  }
  const stream = concat(...wire);
  const cuts = cutsOf(bytes.length, stream);
  const heard = hearAllWays(codec, stream, { skips: false, cuts, show: showInOrder });
  strictEqual(heard.error, undefined, 'what was encoded can be decoded');
  // With `deliver: 'frame'`, decode returns the frames as they were written.
  const expected = options.deliver === 'frame' ? wire.map(shown) : taken.map(showInOrderLine);
  strictEqual(heard.said, expected.join(''), 'what comes back is what was sent');
}

function showInOrderLine(value: FrameValue): string {
  return `${showInOrder(value)}\n`;
}

/** The text of a value with its parts sorted by name, because their order in an object has no meaning. */
function showInOrder(value: unknown): string {
  if (value instanceof Uint8Array) {
    return showFrame(value);
  }
  const parts = Object.entries(value ?? {});
  return showFrame(
    Object.fromEntries(parts.toSorted(([one], [other]) => one.localeCompare(other))),
  );
}

function sample(source: Random): Uint8Array {
  return concat(randomBytes(source, optionBytes), randomBytes(source, source.below(120)));
}

export const roundTrip: Target = { name: 'round-trip', fuzz, sample, dictionary: 'frames' };
