// Joins the pieces of one encoded value, so that the value neither begins nor ends with a small piece. Under
// Nagle's algorithm a small segment waits until the remote acknowledges the segment before it, and the remote
// delays that acknowledgement. Head and body in two writes cost 44 ms a turn (measured on Linux, loopback),
// from a body of one byte up to one segment. This file is pure: web streams use this file as well.

import { UsageError } from '../errors.ts';
import { shown } from '../options.ts';
import { isBytes } from '../codec/bytes.ts';

/**
 * Length in bytes of the first and the last run of a long value. It is one segment on loopback, and many
 * segments elsewhere.
 */
const RUN_LENGTH = 64 * 1024;

/**
 * Returns the same bytes in runs. A value up to twice RUN_LENGTH becomes one run. Of a longer value the first
 * and the last RUN_LENGTH bytes are joined, and the pieces in between are passed on as they are. Throws
 * UsageError ERR_FRAME_UNENCODABLE if the codec gave anything but an array of bytes.
 */
export function coalesce(pieces: readonly Uint8Array[]): Uint8Array[] {
  checkPieces(pieces);
  const total = pieces.reduce((sum, { length }) => sum + length, 0);
  if (total === 0) {
    return [];
  }
  if (total <= 2 * RUN_LENGTH) {
    return [joined(pieces)];
  }
  const tailAt = total - RUN_LENGTH;
  return [
    joined(between(pieces, 0, RUN_LENGTH)),
    ...between(pieces, RUN_LENGTH, tailAt),
    joined(between(pieces, tailAt, total)),
  ];
}

function checkPieces(pieces: unknown): void {
  if (!Array.isArray(pieces)) {
    refusePieces(shown(pieces));
  }
  const wrong = pieces.findIndex((piece) => !isBytes(piece));
  if (wrong !== -1) {
    refusePieces(`one with ${shown(pieces[wrong])} in it`);
  }
}

function refusePieces(given: string): never {
  const facts = `codec.encode must give an array of Uint8Arrays, not ${given}.`;
  throw new UsageError('ERR_FRAME_UNENCODABLE', facts);
}

/** Returns views of the bytes from `start` to `end`. */
function between(pieces: readonly Uint8Array[], start: number, end: number): Uint8Array[] {
  let offset = 0;
  return pieces.flatMap((piece) => {
    const from = Math.max(start - offset, 0);
    const to = Math.min(end - offset, piece.length);
    offset += piece.length;
    return from < to ? [piece.subarray(from, to)] : [];
  });
}

/** Joins pieces. One piece is returned as it is; several pieces are copied into one. */
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) {
    return only;
  }
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
