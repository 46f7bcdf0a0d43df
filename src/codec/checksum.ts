// Computes the checksums of a frame. Encode writes them, and decode verifies them.

import { UsageError } from '../errors.ts';
import { isBytes, joined } from './bytes.ts';
import { brokenCallback } from './callbacks.ts';
import type { Edge, FrameChecksum } from './checksum-layout.ts';
import { RunningChecksum } from './running-checksum.ts';
import type { Checksum } from './sections.ts';
import { quantity } from '../text.ts';

/**
 * Indices at which the parts of a frame begin, in the order of FRAME_PARTS, and last the index of the frame's
 * end.
 */
export type PartStarts = readonly number[];

/**
 * Whether the stored value is right. `bytes` is the whole frame, or the front of the frame up to the last
 * covered byte and the stored value.
 */
export function checksumHolds(one: FrameChecksum, bytes: Uint8Array, starts: PartStarts): boolean {
  const at = placeOf(one.at, starts);
  return storedValue(one, bytes, starts).every((byte, i) => bytes[at + i] === byte);
}

/** Writes the stored value into its place. */
export function writeChecksum(one: FrameChecksum, bytes: Uint8Array, starts: PartStarts): void {
  bytes.set(storedValue(one, bytes, starts), placeOf(one.at, starts));
}

function placeOf({ part, offset }: Edge, starts: PartStarts): number {
  return (starts[part] ?? 0) + offset;
}

/** Computes the checksum as the frame stores it. */
function storedValue(one: FrameChecksum, bytes: Uint8Array, starts: PartStarts): Uint8Array {
  const pieces = one.spans.map(({ from, to }) =>
    bytes.subarray(placeOf(from, starts), placeOf(to, starts)),
  );
  const sum = checksumOf(one.checksum, pieces);
  return one.reversed ? sum.toReversed() : sum;
}

/**
 * Computes the checksum of the pieces. A checksum cannot refuse bytes, so an error that `compute` throws is a
 * bug: UsageError ERR_OPTION. The same error is thrown if the result is not bytes or has another length.
 */
export function checksumOf(checksum: Checksum, pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces;
  if (checksum instanceof RunningChecksum) {
    return checksum.store(pieces.reduce((sum, piece) => checksum.add(sum, piece), checksum.start));
  }
  let result: unknown;
  try {
    const isOne = first !== undefined && pieces.length === 1;
    result = checksum.compute(isOne ? first : joined(pieces));
  } catch (cause) {
    if (cause instanceof UsageError) {
      throw cause;
    }
    throw brokenCallback('checksum.compute threw an error.', cause);
  }
  if (isBytes(result) && result.length === checksum.length) {
    return result;
  }
  throw brokenCallback(
    `checksum.compute did not return a Uint8Array of ${quantity(checksum.length, 'byte')}.`,
  );
}
