// continued(): one value in several frames. A protocol whose frames are shorter than its messages sends a
// message as a series of fragments, each in a frame of its own. Each fragment marks whether more fragments
// follow.
//
// Another codec reads and writes the frames. This codec cuts payloads into fragments and joins fragments. Its
// decoder holds a series in memory until the series is whole. That is at most `maxLength` bytes of payload,
// and one frame of the other codec.

import { isUnstickError } from '../errors.ts';
import { isBytes, lengthOf } from './bytes.ts';
import type { Codec, DecoderOptions } from './codec.ts';
import { ContinuedDecoder } from './continued-decoder.ts';
import { resolveContinued } from './continued-options.ts';
import type { ContinuedOptions, Fragment, ResolvedContinued } from './continued-options.ts';
import { unencodable } from './frame-errors.ts';
import { quantity } from '../text.ts';

/**
 * Makes a codec whose values are messages of one or more frames of `codec`. A value has all properties of its
 * first fragment, with the payloads of all fragments joined. The values of `codec` must have a `payload`, as
 * those of `lengthPrefixed` with `deliver: 'parts'`. Throws UsageError ERR_OPTION for a wrong codec or
 * option.
 */
export function continued<In extends Fragment, Out extends In>(
  codec: Codec<In, Out>,
  options: ContinuedOptions<In>,
): Codec<In, Out> {
  const resolved = resolveContinued(codec, options);
  return Object.freeze({
    encode: (value: In) => fragmentsOf(value, resolved).flatMap((one) => codec.encode(one)),
    decoder: (given?: DecoderOptions) => new ContinuedDecoder<In, Out>(codec, resolved, given),
  });
}

/** Returns the fragments of a value. Throws ERR_FRAME_UNENCODABLE if decode would not give back the value. */
function fragmentsOf<P extends Fragment>(value: P, options: ResolvedContinued<P>): readonly P[] {
  if (typeof value !== 'object' || value === null || !isBytes(value.payload)) {
    throw unencodable('The value must be an object with bytes as its payload.');
  }
  const { length } = value.payload;
  const limit = options.maxLength;
  if (length > limit) {
    const facts = `A payload of ${length} bytes exceeds maxLength ${limit}.`;
    throw unencodable(facts, { length, limit });
  }
  try {
    const fragments = options.pass(value) ? [value] : marked(value, options);
    return fragments;
  } catch (cause) {
    // An error of the caller's functions may quote the value, so it becomes the cause and the message does
    // not quote it.
    throw isUnstickError(cause) ? cause : unencodable('The value cannot be split.', { cause });
  }
}

/** Calls `split`, and checks with `isMore`, `pass` and `fits` that decode would join these fragments again. */
function marked<P extends Fragment>(value: P, options: ResolvedContinued<P>): readonly P[] {
  const { split, isMore, pass, fits, maxFragments } = options;
  const fragments: P[] = [];
  for (const fragment of split(value)) {
    if (fragments.length === maxFragments) {
      throw unencodable(`split gave more than maxFragments ${maxFragments} fragments.`);
    }
    fragments.push(fragment);
  }
  const [first] = fragments;
  const last = fragments.length - 1;
  const isRight = fragments.every((one, index) => {
    const goesOn = isMore(one) === index < last;
    return goesOn && !pass(one) && fits(one, index === 0 ? undefined : first);
  });
  if (first === undefined || !isRight) {
    throw unencodable('decode could not join the fragments that split gave.', {
      hint: 'isMore must be true for each fragment but the last, fits for each, and pass for none.',
    });
  }
  const { length } = value.payload;
  const sum = lengthOf(fragments.map(({ payload }) => payload));
  if (sum !== length) {
    throw unencodable(
      `split gave ${quantity(sum, 'byte')} of payload, but the value has ${length}.`,
      {
        length,
      },
    );
  }
  return fragments;
}
