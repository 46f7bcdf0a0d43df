// The oracle of lengthPrefixed(), with resync or without it.

import type { LengthPrefixedOptions } from '../../src/codec/frame-layout.ts';
import { slowFormat, slowFrame, slowRead, widestPrefix } from './slow-frames.ts';
import type { SlowFormat, SlowReading, SlowTerms } from './slow-frames.ts';
import { slowSearch } from './slow-resync.ts';
import type { Candidate } from './slow-resync.ts';

/** The values, skips, error and rest that a decoder must give for these bytes, with resync or without. */
export function slowReadAny(
  options: LengthPrefixedOptions,
  stream: Uint8Array,
  terms: SlowTerms,
): SlowReading {
  if (options.resync === undefined) {
    return slowRead(options, stream, terms);
  }
  const format = slowFormat(options);
  const { bytes } = format.sections.before;
  const length = bytes.findIndex((one) => typeof one !== 'number');
  const searched = {
    marker: length < 0 ? bytes : bytes.slice(0, length),
    isChecked: format.sums.length > 0,
    limits: options.resync,
    candidate: (left: readonly number[]) => candidateOf(format, left),
    isFill: () => false,
  };
  return slowSearch(searched, stream, terms);
}

/**
 * The bytes as a candidate for a frame. The extent of a failed candidate is the length of the frame if its
 * head was complete and valid, and otherwise the length of the longest head.
 */
function candidateOf(format: SlowFormat, left: readonly number[]): Candidate {
  const frame = slowFrame(format, left);
  if (frame.kind === 'value') {
    return frame;
  }
  const { before, after } = format.lengths;
  const head = before + widestPrefix(format) + after;
  const isBody = frame.kind === 'skippable' ? frame.isBody : frame.length !== undefined;
  const extent = isBody ? (frame.length ?? head) : head;
  return frame.kind === 'more'
    ? { kind: 'more', extent }
    : { kind: 'wrong', code: frame.code, extent };
}
