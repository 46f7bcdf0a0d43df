// Finds where a cut in a request is most likely to show a fault: the offsets at which receivers are known to
// break, by kind of place. If a kind has many offsets, a sample of them is taken. This file is pure.

import { characterCuts } from '../cut-points.ts';
import type { FrameSpan } from '../cut-points.ts';

const CR = 0x0d;
const LF = 0x0a;
/** Bytes that separate one field from the next, in text and in binary formats. */
const DELIMITERS: ReadonlySet<number> = new Set(
  Array.from('\0\t ,:;=|&', (character) => character.charCodeAt(0)),
);
/** Minimum length of a run that may be base64 or hex. A shorter run is a word. */
const LEAST_ENCODED = 8;
/** Sizes of buffers as exponents of two, the usual sizes first: 2^12, 2^10, … */
const BUFFER_BITS = [12, 10, 16, 13, 14, 9, 11, 8, 15, 7, 6, 17, 5, 4, 3, 18, 19, 20];
const USUAL_SIZES = 6;
/** Maximum number of spots of each kind that is found by content. Around known frames it is twice as many. */
const EACH = 12;

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isEncoded = (byte: number): boolean =>
  isDigit(byte) ||
  ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) ||
  byte === 0x2b ||
  byte === 0x2f;

/** Yields the runs of bytes that `accepts` accepts, as offsets. */
function* runsOf(
  bytes: Uint8Array,
  accepts: (byte: number) => boolean,
): Generator<{ readonly start: number; readonly end: number }> {
  let start = 0;
  for (let at = 0; at <= bytes.length; at++) {
    const byte = bytes[at];
    if (byte !== undefined && accepts(byte)) {
      continue;
    }
    if (at > start) {
      yield { start, end: at };
    }
    start = at + 1;
  }
}

function lineSpots(bytes: Uint8Array): readonly number[][] {
  const insideCrlf: number[] = [];
  const insideBlankLine: number[] = [];
  const aroundLf: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== LF) {
      continue;
    }
    aroundLf.push(at + 1);
    if (bytes[at - 1] !== CR) {
      aroundLf.push(at);
      continue;
    }
    insideCrlf.push(at);
    aroundLf.push(at - 1);
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) {
      insideBlankLine.push(at, at + 1, at + 2);
    }
  }
  return [insideBlankLine, insideCrlf, aroundLf];
}

function runSpots(bytes: Uint8Array): readonly number[][] {
  const digits: number[] = [];
  for (const { start, end } of runsOf(bytes, isDigit)) {
    for (let at = start + 1; at < Math.min(end, start + 4); at++) {
      digits.push(at);
    }
  }
  const encoded: number[] = [];
  for (const { start, end } of runsOf(bytes, isEncoded)) {
    if (end - start >= LEAST_ENCODED) {
      // An odd offset splits a pair of hex digits. An offset of 1 to 3 splits a group of base64, which has
      // four characters.
      encoded.push(start + 1, start + 2, start + 3, end - 1);
    }
  }
  const delimiters: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    if (DELIMITERS.has(bytes[at] ?? -1) && bytes[at] !== bytes[at - 1]) {
      delimiters.push(at, at + 1);
    }
  }
  return [digits, encoded, delimiters];
}

function frameSpots(frames: readonly FrameSpan[]): readonly number[] {
  const spots = frames.flatMap(({ start, payloadStart, end }) => {
    const prefix = Array.from({ length: payloadStart - start }, (_, byte) => start + byte + 1);
    return [...prefix.slice(0, 8), start, payloadStart + 1, (start + end) >> 1, end - 1];
  });
  return spots;
}

/** Returns offsets at powers of two and next to them. The usual sizes of buffers come first. */
function bufferSpots(length: number): readonly number[] {
  const usual = BUFFER_BITS.slice(0, USUAL_SIZES);
  const unusual = BUFFER_BITS.slice(USUAL_SIZES);
  return [usual, unusual]
    .flatMap((group) => [0, 1, -1].flatMap((by) => group.map((bits) => (1 << bits) + by)))
    .filter((at) => at < length);
}

/**
 * Returns at most `wanted` items of the list: a third from the start, a third from the end, and the rest from
 * the middle.
 */
function sampled(list: readonly number[], wanted: number): readonly number[] {
  if (list.length <= wanted) {
    return list;
  }
  const third = Math.ceil(wanted / 3);
  const middle = (list.length - third) >> 1;
  return [
    ...list.slice(0, third),
    ...list.slice(-third),
    ...list.slice(middle, middle + wanted - 2 * third),
  ];
}

/** Takes one item of each list in turn, until all lists are used up. */
function interleaved(lists: readonly (readonly number[])[]): readonly number[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, index) =>
    lists.flatMap((list) => list.slice(index, index + 1)),
  ).flat();
}

/**
 * Returns the offsets in one request where a cut tells most. The most telling offset comes first, and each
 * offset comes once.
 */
export function spotsOf(bytes: Uint8Array, frames: readonly FrameSpan[]): readonly number[] {
  const { length } = bytes;
  const start = [1, 2, 4, 3, 5, 8, 6, 7];
  const end = [length - 1, length - 2, length >> 1];
  const byContent = [characterCuts(bytes), ...lineSpots(bytes), ...runSpots(bytes)];
  const spots = interleaved([
    start,
    end,
    sampled(frameSpots(frames), 2 * EACH),
    bufferSpots(length),
    ...byContent.map((list) => sampled(list, EACH)),
  ]);
  return [...new Set(spots)].filter((at) => at > 0 && at < length);
}
