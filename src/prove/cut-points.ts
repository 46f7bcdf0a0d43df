// Finds the places at which a cut is most likely to break a receiver, each with a name. This file is pure.
// This file knows the boundaries of frames and the lengths of prefix and header, but no format.

import { checkNames } from '../options.ts';
import type { OptionNames } from '../options.ts';

/** Where one frame lies in the bytes to be sent, for frame-aware cuts and for naming cuts. */
export interface FrameSpan {
  readonly start: number;
  /** Offset of the first byte of the payload, after the prefix and anything else before the payload. */
  readonly payloadStart: number;
  readonly end: number;
}

/** Facts that the caller knows of the frames, besides the offsets at which they begin. */
export interface FrameHints {
  /** Length in bytes of the prefix that begins each frame. Default 4. Use 0 for frames without a prefix. */
  readonly prefixLength?: number | undefined;
  /**
   * Length in bytes of the header after each prefix: one number for all frames, or a list with one number for
   * each frame. Default 0, which means no header.
   */
  readonly headerLength?: number | readonly number[] | undefined;
}

/** An offset to cut at, with a name for that place. */
export interface CutPoint {
  readonly offset: number;
  /** Words for the place, such as `inside the prefix of frame 1`. Frames count from 0. */
  readonly where: string;
}

interface Frame {
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly prefix: number;
  readonly header: number;
}

function framesOf(length: number, boundaries: readonly number[], hints: FrameHints): Frame[] {
  const inner = boundaries.filter((offset) => offset > 0 && offset < length);
  const starts = [0, ...new Set(inner)].sort((one, other) => one - other);
  return starts.map((start, index) => ({
    index,
    start,
    end: starts[index + 1] ?? length,
    prefix: hints.prefixLength ?? 4,
    header:
      (typeof hints.headerLength === 'number' ? hints.headerLength : hints.headerLength?.[index]) ??
      0,
  }));
}

function* pointsOf(frame: Frame): Generator<CutPoint> {
  const { index, start, end, prefix, header } = frame;
  const name = (where: string): string => `${where} of frame ${index}`;
  for (let offset = start + 1; offset < start + prefix; offset++) {
    yield { offset, where: name('inside the prefix') };
  }
  const head = header > 0 ? 'between the prefix and the header' : 'after the prefix';
  if (prefix > 0) {
    yield { offset: start + prefix, where: name(head) };
  }
  if (header > 1) {
    yield { offset: start + prefix + (header >> 1), where: name('inside the header') };
  }
  if (header > 0) {
    yield { offset: start + prefix + header, where: name('after the header') };
  }
  yield { offset: end - 1, where: name('before the last byte') };
  yield { offset: (start + end) >> 1, where: name('in the middle') };
  yield { offset: start + 1, where: name('after the first byte') };
  yield { offset: end, where: name('at the end') };
}

const HINT_NAMES = {
  prefixLength: true,
  headerLength: true,
} satisfies OptionNames<FrameHints>;

const isContinuation = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= 0x80 && byte < 0xc0;

/**
 * Returns the length of the UTF-8 character that begins at an offset, or 1 if no character of several bytes
 * begins there.
 */
function utf8Length(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  const length = lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
  for (let offset = 1; offset < length; offset++) {
    if (!isContinuation(bytes[at + offset])) {
      return 1;
    }
  }
  return lead >= 0xf5 ? 1 : length;
}

/** Returns whether the two bytes are one character in GBK. */
function isGbkPair(lead: number, trail: number | undefined): boolean {
  return lead >= 0x81 && lead <= 0xfe && trail !== undefined && trail >= 0x40 && trail !== 0x7f;
}

function* charactersOf(bytes: Uint8Array): Generator<CutPoint> {
  for (let at = 0; at < bytes.length;) {
    const length = utf8Length(bytes, at);
    for (let offset = 1; offset < length; offset++) {
      yield { offset: at + offset, where: 'inside a UTF-8 character' };
    }
    const pair = length === 1 && isGbkPair(bytes[at] ?? 0, bytes[at + 1]);
    if (pair) {
      yield { offset: at + 1, where: 'inside a GBK character' };
    }
    at += pair ? 2 : length;
  }
}

/** Returns the offsets inside characters of several bytes, UTF-8 or GBK, in rising order. */
export function characterCuts(bytes: Uint8Array): readonly number[] {
  return Array.from(charactersOf(bytes), ({ offset }) => offset);
}

/**
 * Returns the places where a cut is most likely to break a receiver, sorted by offset. One offset may appear
 * several times, with several names. `boundaries` are the offsets between frames, and may include 0 and the
 * length.
 */
export function cutPoints(
  bytes: Uint8Array,
  boundaries: readonly number[],
  hints: FrameHints = {},
): CutPoint[] {
  checkNames('cutPoints', hints, HINT_NAMES);
  const frames = framesOf(bytes.length, boundaries, hints);
  return [...frames.flatMap((frame) => [...pointsOf(frame)]), ...charactersOf(bytes)]
    .filter(({ offset }) => offset > 0 && offset < bytes.length)
    .sort((one, other) => one.offset - other.offset);
}

/**
 * Cuts a stream at sorted offsets. Returns the chunks as views. An offset that is given twice makes an empty
 * chunk.
 */
export function splitAt(bytes: Uint8Array, offsets: readonly number[]): Uint8Array[] {
  const ends = [...offsets, bytes.length];
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}
