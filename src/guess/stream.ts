// What a guess is made from: the bytes of conversations, and where they were cut.

import type { Way } from '../capture/events.ts';
import { Numbers } from './numbers.ts';

/** One direction of a conversation, from the first known byte on. */
export interface GuessStream {
  readonly direction: Way;
  readonly bytes: Uint8Array;
  /** Offsets at which the chunks end, rising. Default: the cuts are not known. */
  readonly ends?: readonly number[] | undefined;
}

/**
 * A stream as the search reads it: cut to a maximum length, with what every hypothesis needs to know of the
 * stream.
 */
export interface Sample {
  readonly direction: Way;
  readonly bytes: Uint8Array;
  /**
   * Ends of the chunks that may say something. The ends of full segments are missing, since the kernel cut
   * there.
   */
  readonly ends: readonly number[];
  /** Whether the ends of chunks are known. */
  readonly isCut: boolean;
  /** Share of each byte value among all bytes. */
  readonly frequency: Float64Array;
  /** What each number in the bytes is. */
  readonly numbers: Numbers;
  /** Whether the bytes are text, and how far its lines are those of a protocol. */
  readonly text: { readonly isText: boolean; readonly networkLines: NetworkLines };
}

/** Minimum length in bytes at which a kernel or a capture cuts long writes. */
export const SHORTEST_SEGMENT = 500;

/** Takes at most `maxLength` bytes of a stream. */
export function sampleOf(stream: GuessStream, maxLength: number): Sample {
  const bytes = stream.bytes.subarray(0, maxLength);
  const ends = (stream.ends ?? []).filter((end) => end > 0 && end <= bytes.length);
  return {
    direction: stream.direction,
    bytes,
    ends: withoutFullSegments(ends),
    isCut: ends.length > 0,
    ...contentOf(bytes),
  };
}

/** The first bytes of a sample, at most `length`. */
export function frontOf(sample: Sample, length: number): Sample {
  if (sample.bytes.length <= length) {
    return sample;
  }
  const bytes = sample.bytes.subarray(0, length);
  const ends = sample.ends.filter((end) => end <= length);
  return { ...sample, bytes, ends, ...contentOf(bytes) };
}

/** The part of a sample behind an offset. */
export function behind(sample: Sample, from: number): Sample {
  const bytes = sample.bytes.subarray(from);
  return {
    ...sample,
    bytes,
    ends: sample.ends.flatMap((end) => (end > from ? [end - from] : [])),
    ...contentOf(bytes),
  };
}

/**
 * Ends of chunks that are no full segments. If several chunks have the greatest length, and that is
 * SHORTEST_SEGMENT or more, they are full segments: the kernel cut there, so their ends say nothing.
 */
function withoutFullSegments(ends: readonly number[]): number[] {
  const lengths = ends.map((end, i) => end - (ends[i - 1] ?? 0));
  const longest = Math.max(0, ...lengths);
  const isFull = (length: number): boolean =>
    longest >= SHORTEST_SEGMENT &&
    length === longest &&
    lengths.filter((one) => one === longest).length > 1;
  return ends.filter((_, i) => !isFull(lengths[i] ?? 0));
}

function contentOf(bytes: Uint8Array): Pick<Sample, 'frequency' | 'numbers' | 'text'> {
  const text = { isText: isText(bytes), networkLines: networkLinesIn(bytes) };
  return { frequency: frequencyOf(bytes), numbers: new Numbers(bytes), text };
}

/** Maximum share of bytes of a text that are no characters. */
const MAX_CONTROLS = 0.01;

/** Whether bytes are text in ASCII or UTF-8, nearly without control characters. */
export function isText(bytes: Uint8Array): boolean {
  const controls = bytes.reduce((count, byte) => count + (isControl(byte) ? 1 : 0), 0);
  const wide = bytes.reduce((count, byte) => count + (byte >= 0x80 ? 1 : 0), 0);
  return controls <= MAX_CONTROLS * bytes.length && wide <= MAX_WIDE * bytes.length;
}

/** Maximum share of bytes of a text beyond ASCII. More are found in bytes of chance, or in a few languages. */
const MAX_WIDE = 0.3;

function isControl(byte: number): boolean {
  return (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13) || byte === 0x7f;
}

/** Whether all lines end with CR LF, and are as short as those of protocols; 'few' below MIN_LINES lines. */
export type NetworkLines = 'none' | 'few' | 'many';

/** How far lines are written as protocols write them, and few files: every newline is CR LF. */
function networkLinesIn(bytes: Uint8Array): NetworkLines {
  let lines = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
    if (bytes[at - 1] !== 13) {
      return 'none';
    }
    lines++;
  }
  if (lines === 0 || bytes.length / lines > MAX_LINE) {
    return 'none';
  }
  return lines >= MIN_LINES ? 'many' : 'few';
}

const MIN_LINES = 3;
/** Maximum mean length in bytes of the lines of a protocol. */
const MAX_LINE = 256;

function frequencyOf(bytes: Uint8Array): Float64Array {
  // Half a count for values that do not occur, so that none is impossible.
  const frequency = new Float64Array(256).fill(0.5 / (bytes.length + 128));
  const one = 1 / (bytes.length + 128);
  for (const byte of bytes) {
    frequency[byte] = (frequency[byte] ?? 0) + one;
  }
  return frequency;
}

/** Number of bytes that are compared, and number of different ones up to which a stream only repeats itself. */
const WINDOW = 8;
const FEW_WINDOWS = 24;
/** Minimum length in bytes of a stream that counts as one that only repeats itself. */
const LONG = 1024;

/**
 * Whether a stream repeats a few bytes, such as zeros with a one at the end. Nearly every framing fits such a
 * stream and none can be told from the others. Frames that all are the same are such a stream, too.
 */
export function onlyRepeats(bytes: Uint8Array): boolean {
  if (bytes.length < LONG) {
    return bytes.every((byte) => byte === bytes[0]);
  }
  const windows = new Set<number>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + WINDOW <= bytes.length && windows.size <= FEW_WINDOWS; at++) {
    // Two windows share this number by chance only, and then the stream counts as one with fewer of them.
    windows.add(view.getUint32(at) * 2 ** 21 + (view.getUint32(at + 4) % 2 ** 21));
  }
  return windows.size <= FEW_WINDOWS;
}
