// Views that keep alive much more memory than they show, and the copies that keep no more than they show.

import { allocateLike } from './allocate.ts';
import { isGone, lengthOf } from './bytes.ts';
import { chunkDetached } from './frame-errors.ts';

/** Number of bytes that a view may keep alive beside twice its own, because a copy is an object too. */
const TOLERATED_LENGTH = 64;

/** Whether views of `shown` bytes keep more than twice as many bytes of memory alive. */
export function pinsMore(held: number, shown: number): boolean {
  return held > 2 * shown + TOLERATED_LENGTH;
}

/** Returns the bytes. If this view keeps much more memory alive than it shows, returns a copy. */
export function unpinned(bytes: Uint8Array): Uint8Array {
  return pinsMore(bytes.buffer.byteLength, bytes.length) ? copyOf(bytes) : bytes;
}

/** Returns the pieces. If together they keep much more memory alive than they show, returns one copy. */
export function unpinnedPieces(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  const [first] = pieces;
  const held = pieces.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  const shown = lengthOf(pieces);
  if (first === undefined || !pinsMore(held, shown)) {
    return pieces;
  }
  const copy = allocateLike(first, shown);
  let at = 0;
  for (const piece of pieces) {
    copy.set(piece, at);
    at += piece.length;
  }
  return [copy];
}

/** Copies the bytes into memory of exactly their length. Throws ERR_CHUNK_DETACHED if they are gone. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  if (isGone(bytes)) {
    throw chunkDetached();
  }
  const copy = allocateLike(bytes, bytes.length);
  copy.set(bytes);
  return copy;
}
