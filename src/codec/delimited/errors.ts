// Makes the errors of frames between markers, with their messages.

import { ProtocolError } from '../../errors.ts';
import type { StreamPlace } from '../../errors.ts';
import { recognise, recogniseBeginning } from '../diagnose.ts';
import { CHECKSUM_HINT } from '../frame-errors.ts';
import type { Wrong } from './content.ts';

/**
 * Makes the error for a wrong start marker. The marker has `length` bytes. `seen` is the marker up to its
 * first wrong byte, because the error must not depend on bytes that came later.
 */
export function wrongStart(place: StreamPlace, length: number, seen: Uint8Array): ProtocolError {
  const facts = `Byte ${seen.length - 1} of a frame differs from the start marker`;
  const hint =
    recogniseBeginning(seen) ??
    'The remote speaks another protocol, or sends noise, or the end marker in a payload.';
  return new ProtocolError('ERR_FRAME_MAGIC', facts, { ...place, length, reason: 'start', hint });
}

/**
 * Makes the error for a frame without an end marker within the limit. `head` has the first bytes of the
 * frame, for a hint. It is empty if the format has a start marker.
 */
export function endless(place: StreamPlace, limit: number, head: Uint8Array): ProtocolError {
  const facts = `A frame has no end marker within maxLength ${limit}`;
  const hint =
    (place.frameIndex === 0 ? recognise(head) : undefined) ??
    'If such a frame is right, raise the limit on both sides. If not, the remote uses another end marker.';
  return new ProtocolError('ERR_FRAME_TOO_LARGE', facts, {
    ...place,
    length: limit + 1,
    limit,
    hint,
  });
}

const WRONG: Readonly<Record<Wrong, { readonly facts: string; readonly hint: string }>> = {
  unknown: {
    facts: 'An escape byte is followed by a byte that is no code',
    hint: 'The remote uses another escape map, or sends its payload without escapes.',
  },
  unfinished: {
    facts: 'A frame ends inside an escape sequence or a block',
    hint: 'The remote gave the frame up, or sends its payload without escapes.',
  },
};

/** Makes the error for a wrong escape sequence. `at` is the index of the wrong byte in the frame. */
export function wrongEscape(place: StreamPlace, reason: Wrong, at: number): ProtocolError {
  const { facts, hint } = WRONG[reason];
  return new ProtocolError('ERR_FRAME_ESCAPE', `${facts}, at byte ${at} of the frame`, {
    ...place,
    reason,
    hint,
  });
}

export function withoutEnd(place: StreamPlace, received: number): ProtocolError {
  const facts = `The input ended before the end marker of a frame, after ${received} of its bytes`;
  return new ProtocolError('ERR_FRAME_TRUNCATED', facts, {
    ...place,
    received,
    hint: 'The remote stopped in the middle of a message. All messages before it are complete.',
  });
}

/**
 * Makes the error for a content of `length` bytes that has a wrong checksum, or is shorter than the `width`
 * of a checksum.
 */
export function wrongSum(place: StreamPlace, length: number, width: number): ProtocolError {
  const facts =
    length < width
      ? 'A frame is shorter than its checksum'
      : `The checksum of a frame of ${length} bytes does not match`;
  return new ProtocolError('ERR_FRAME_CHECKSUM', facts, { ...place, length, hint: CHECKSUM_HINT });
}
