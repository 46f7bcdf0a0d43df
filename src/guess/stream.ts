// The material of a guess: the bytes of conversations, and where they were cut.

import type { Way } from '../capture/events.ts';
import { Numbers } from './numbers.ts';

/** One direction of a conversation, from the first known byte on. */
export interface GuessStream {
  readonly direction: Way;
  readonly bytes: Uint8Array;
  /** Offsets at which the chunks end, in rising order. Default: the cuts are not known. */
  readonly ends?: readonly number[] | undefined;
}

/**
 * A stream in the form in which the search reads it: cut to a maximum length, with the facts that every
 * hypothesis needs.
 */
export interface Sample {
  readonly direction: Way;
  readonly bytes: Uint8Array;
  /**
   * Ends of the chunks that may say something. The ends of full segments are missing, because the kernel cut
   * there and not the sender.
   */
  readonly ends: readonly number[];
  /** Whether the ends of chunks are known. */
  readonly isCut: boolean;
  /** Whether the last byte is the last one of the stream, and not only the last one that is looked at. */
  readonly isWhole: boolean;
  /** How likely each byte is, judged by the bytes in front of it. Never 0. */
  readonly expected: Float32Array;
  /** The numbers that can be read in the bytes. */
  readonly numbers: Numbers;
  readonly text: {
    readonly isText: boolean;
    /** Whether its lines are written as protocols write lines. */
    readonly networkLines: NetworkLines;
    /** How often each byte occurs. */
    readonly counts: Uint32Array;
  };
}

/** Minimum length in bytes of the segments into which a kernel or a capture cuts long writes. */
export const SHORTEST_SEGMENT = 500;

/** Makes a sample of at most `maxLength` bytes of a stream. */
export function sampleOf(stream: GuessStream, maxLength: number): Sample {
  const bytes = stream.bytes.subarray(0, maxLength);
  const ends = (stream.ends ?? []).filter((end) => end > 0 && end <= bytes.length);
  return {
    direction: stream.direction,
    bytes,
    ends: withoutFullSegments(ends),
    isCut: ends.length > 0,
    isWhole: stream.bytes.length < maxLength,
    expected: expectedIn(bytes, frequencyOf(bytes)),
    ...contentOf(bytes),
  };
}

/** Returns the first bytes of a sample, at most `length`. */
export function frontOf(sample: Sample, length: number): Sample {
  if (sample.bytes.length <= length) {
    return sample;
  }
  const bytes = sample.bytes.subarray(0, length);
  const ends = sample.ends.filter((end) => end <= length);
  const expected = sample.expected.subarray(0, length);
  return { ...sample, bytes, ends, isWhole: false, expected, ...contentOf(bytes) };
}

/** Returns the part of a sample behind an offset. */
export function behind(sample: Sample, from: number): Sample {
  const bytes = sample.bytes.subarray(from);
  return {
    ...sample,
    bytes,
    ends: sample.ends.flatMap((end) => (end > from ? [end - from] : [])),
    expected: sample.expected.subarray(from),
    ...contentOf(bytes),
  };
}

/**
 * Returns the ends of chunks that are no full segments. If several chunks have one length of SHORTEST_SEGMENT or
 * more, and it is the longest or the most frequent, they are full segments: the kernel cut there, so their ends
 * say nothing. A capture may have several segments as one chunk.
 */
function withoutFullSegments(ends: readonly number[]): number[] {
  const lengths = ends.map((end, i) => end - (ends[i - 1] ?? 0));
  const segments = segmentsOf(lengths);
  const isFull = (length: number): boolean =>
    length > 0 && segments.some((segment) => length % segment === 0);
  return ends.filter((_, i) => !isFull(lengths[i] ?? 0));
}

/** Returns the lengths of full segments: the longest and the most frequent one of the lengths that come again. */
function segmentsOf(lengths: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const length of lengths) {
    counts.set(length, (counts.get(length) ?? 0) + 1);
  }
  const longest = Math.max(0, ...lengths);
  const [frequent] = [...counts]
    .filter(([length]) => length >= SHORTEST_SEGMENT)
    .toSorted(([a, one], [b, other]) => other - one || b - a);
  return [longest, frequent?.[0] ?? 0].filter(
    (length) => length >= SHORTEST_SEGMENT && (counts.get(length) ?? 0) > 1,
  );
}

function contentOf(bytes: Uint8Array): Pick<Sample, 'numbers' | 'text'> {
  const counts = countsOf(bytes);
  const text = { isText: isTextOf(counts), networkLines: networkLinesIn(bytes), counts };
  return { numbers: new Numbers(bytes), text };
}

/** Maximum share of the bytes of a text that may be control characters. */
const MAX_CONTROLS = 0.01;

/** Returns whether bytes are text in ASCII or UTF-8, with hardly any control characters. */
export function isText(bytes: Uint8Array): boolean {
  return isTextOf(countsOf(bytes));
}

/** Returns the same for bytes of which it is known how often each one occurs. */
export function isTextOf(counts: Uint32Array): boolean {
  let length = 0;
  let controls = 0;
  let wide = 0;
  counts.forEach((count, byte) => {
    length += count;
    controls += isControl(byte) ? count : 0;
    wide += byte >= 0x80 ? count : 0;
  });
  return controls <= MAX_CONTROLS * length && wide <= MAX_WIDE * length;
}

function countsOf(bytes: Uint8Array): Uint32Array {
  const counts = new Uint32Array(256);
  for (const byte of bytes) {
    counts[byte] = (counts[byte] ?? 0) + 1;
  }
  return counts;
}

/**
 * Maximum share of the bytes of a text that may lie beyond ASCII. Random bytes and text in a few languages
 * have more.
 */
const MAX_WIDE = 0.3;

function isControl(byte: number): boolean {
  return (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13) || byte === 0x7f;
}

/**
 * Whether lines look like those of a network protocol, with CR LF at every end and short lines: 'none', 'few'
 * (below MIN_LINES lines) or 'many'.
 */
export type NetworkLines = 'none' | 'few' | 'many';

/** Finds out whether lines are written as protocols write them and few files do: with CR LF at every end. */
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

/** Returns about the share of each byte value among all bytes. No share is 0. */
function frequencyOf(bytes: Uint8Array): Float64Array {
  // Count half an occurrence more for each value, so that no value is impossible.
  return Float64Array.from(countsOf(bytes), (count) => (count + 0.5) / (bytes.length + 128));
}

/**
 * WINDOW: number of bytes that are compared together. FEW_WINDOWS: number of different windows up to which a
 * stream only repeats itself.
 */
const WINDOW = 8;
const FEW_WINDOWS = 24;
/** Minimum length in bytes at which a stream is judged by its windows. */
const LONG = 1024;

/**
 * Returns whether a stream only repeats a few bytes, such as zeros with a one at the end. Nearly every
 * framing fits such a stream, and none can be told from the others. A stream of frames that are all the same
 * is such a stream, too.
 */
export function onlyRepeats(bytes: Uint8Array): boolean {
  if (bytes.length < LONG) {
    return bytes.every((byte) => byte === bytes[0]);
  }
  const windows = new Set<number>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + WINDOW <= bytes.length && windows.size <= FEW_WINDOWS; at++) {
    // Two different windows have the same number only by chance. The stream then counts as one with fewer
    // windows.
    windows.add(view.getUint32(at) * 2 ** 21 + (view.getUint32(at + 4) % 2 ** 21));
  }
  return windows.size <= FEW_WINDOWS;
}

/** Number of times that any two bytes were followed by something, and by one byte. Cleared before each use. */
const contexts = new Uint32Array(2 ** 16);
const followers = new Uint32Array(2 ** 18);
/** Spreads the three bytes over the table of followers. Bytes that share a place count as more frequent. */
const SPREAD = 0x9e3779b1;
/** Weight of the share of a byte in the whole stream, in occurrences, against what followed the two bytes in front. */
const PRIOR = 0.5;

/** Returns how likely each byte is behind the two bytes in front of it, as far as the stream has shown it until there. */
function expectedIn(bytes: Uint8Array, frequency: Float64Array): Float32Array {
  contexts.fill(0);
  followers.fill(0);
  const expected = new Float32Array(bytes.length);
  let context = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    const place = Math.imul(context * 256 + byte, SPREAD) >>> 14;
    const count = contexts[context] ?? 0;
    const same = followers[place] ?? 0;
    contexts[context] = count + 1;
    followers[place] = same + 1;
    context = ((context << 8) | byte) & 0xffff;
    expected[at] = Math.min(1, (same + PRIOR * (frequency[byte] ?? 1)) / (count + PRIOR));
  }
  return expected;
}
