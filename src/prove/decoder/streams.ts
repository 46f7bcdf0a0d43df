// The byte streams with which a decoder is proven: good streams (from samples, or encoded from values) and
// damaged streams, with cuts relative to their frames. This file is pure.
//
// Rule: the stream and the cuts are drawn independently and put together afterwards, so that each shrinks on
// its own. A cut "two bytes into frame 0" stays there while the frames shrink.

import { isBytes } from '../../codec/bytes.ts';
import * as fc from 'fast-check';
import { emptyPlaces, hostileBytes, selections, withEmptyChunks } from '../arbitraries.ts';
import { splitAt } from '../cut-points.ts';
import { joinBytes } from '../../schedule/pieces.ts';
import type { StreamSample } from './terms.ts';

/** A stream to deliver: a good stream, its beginning up to a boundary, or a damaged stream. */
export interface Stream {
  readonly bytes: Uint8Array;
  /** Offsets between frames, with 0 and the length. `undefined` if the sample does not name the frames. */
  readonly boundaries: readonly number[] | undefined;
  /** Values of the stream, one for each frame. `undefined` if they are unknown. */
  readonly values: readonly unknown[] | undefined;
}

/** A stream and the chunks in which it arrives. */
export interface Arrival {
  readonly stream: Stream;
  readonly chunks: readonly Uint8Array[];
}

/** Joins frames to a stream whose boundaries are known. */
function streamOf(frames: readonly Uint8Array[], values?: readonly unknown[]): Stream {
  const boundaries = [0];
  for (const frame of frames) {
    boundaries.push((boundaries.at(-1) ?? 0) + frame.length);
  }
  return { bytes: joinBytes(frames), boundaries, values };
}

/**
 * Returns the beginnings of a sample that end at a boundary, the shortest first. If the frames are unknown,
 * returns only the whole sample.
 */
function beginnings<T>(sample: StreamSample<T>): Stream[] {
  if (isBytes(sample)) {
    return [{ bytes: sample, boundaries: undefined, values: undefined }];
  }
  return Array.from({ length: sample.frames.length + 1 }, (_, count) =>
    streamOf(sample.frames.slice(0, count), sample.values?.slice(0, count)),
  );
}

/** Returns the frames of a stream, each as a chunk, or `undefined` if the frames are unknown. */
export function framesOf({ bytes, boundaries }: Stream): readonly Uint8Array[] | undefined {
  return boundaries?.slice(1).map((end, index) => bytes.subarray(boundaries[index], end));
}

/** Returns the same bytes repeated, as often as they fit into `length`, and at least once. */
export function repeated(bytes: Uint8Array, length: number): Uint8Array {
  const count = Math.max(1, Math.floor(length / bytes.length));
  const whole = new Uint8Array(count * bytes.length);
  for (let index = 0; index < count; index++) {
    whole.set(bytes, index * bytes.length);
  }
  return whole;
}

/** Maximum number of bytes by which a chunk is made longer, so that it does not end where a frame ends. */
const STRETCH = 64;

/**
 * Yields the chunks of a stream that is repeated, each chunk in its own memory. A chunk ends inside a frame,
 * so that the target always holds the beginning of a frame. There is one exception: where STRETCH frames of
 * one byte follow each other, a chunk may end between two frames.
 */
export function* unalignedChunks(
  { bytes, boundaries = [] }: Stream,
  { total, length }: { total: number; length: number },
): Generator<Uint8Array, void, undefined> {
  const ends = new Set(boundaries.map((boundary) => boundary % bytes.length));
  const source = repeated(bytes, 2 * bytes.length + length + STRETCH);
  for (let at = 0; at < total;) {
    let end = at + length;
    while (ends.has(end % bytes.length) && end < at + length + STRETCH) {
      end++;
    }
    const from = at % bytes.length;
    yield source.slice(from, from + end - at);
    at = end;
  }
}

/**
 * Maximum number of frames in a stream of random values. A chunk can then hold two frames and a part of a
 * third.
 */
const MAX_FRAMES = 4;

/** Arbitrary for streams from samples and from encoded values. At least one of the two must be given. */
export function goodStreams<In>(
  samples: readonly StreamSample<unknown>[],
  encoded?: { values: fc.Arbitrary<In>; encode: (value: In) => readonly Uint8Array[] },
): fc.Arbitrary<Stream> {
  const known = samples
    .flatMap(beginnings)
    .sort((one, other) => one.bytes.length - other.bytes.length);
  const nothing: Stream = streamOf([]);
  const fromSamples =
    known.length === 0 ? [] : [fc.nat(known.length - 1).map((index) => known[index] ?? nothing)];
  if (encoded === undefined) {
    return fc.oneof(...fromSamples);
  }
  const { values, encode } = encoded;
  const fromValues = fc.array(values, { maxLength: MAX_FRAMES }).map((list) =>
    streamOf(
      list.map((value) => joinBytes(encode(value))),
      list,
    ),
  );
  return fc.oneof(fromValues, ...fromSamples);
}

/**
 * Arbitrary for a good stream up to a boundary, then hostile bytes, then perhaps the rest of the good stream.
 */
export function damagedStreams(good: fc.Arbitrary<Stream>): fc.Arbitrary<Stream> {
  return fc
    .tuple(good, fc.nat(8), hostileBytes(), fc.boolean())
    .map(([stream, place, hostile, resumed]) => {
      const boundaries = stream.boundaries ?? [0, stream.bytes.length];
      const at = boundaries[place % boundaries.length] ?? 0;
      const rest = resumed ? [stream.bytes.subarray(at)] : [];
      const bytes = joinBytes([stream.bytes.subarray(0, at), hostile, ...rest]);
      const kept = [...new Set([...boundaries.filter((offset) => offset <= at), bytes.length])];
      return { bytes, boundaries: kept, values: undefined };
    });
}

/**
 * A cut near a frame is drawn as one number: the index of the frame times STEPS, plus the step in the frame.
 */
const STEPS = 32;
/**
 * Number of steps that count bytes from the start of the frame. The next four steps count bytes from its end,
 * and the last four are at fifths of its length.
 */
const PLAIN_STEPS = 24;
/**
 * Number of frames that a cut can name. An index behind the last frame of a stream counts from its first
 * frame again.
 */
const COUNTED_FRAMES = 8;

function offsetInFrame(step: number, length: number): number {
  // Take the step modulo the length, so that every number gives a cut and shrinking can lower the number step
  // by step.
  if (step < PLAIN_STEPS) {
    return step % Math.max(1, length);
  }
  const more = step - PLAIN_STEPS + 1;
  return more <= 4 ? Math.max(0, length - more) : Math.floor((length * (more - 4)) / 5);
}

/** Returns where frames begin and end. If that is unknown, returns marks at a fixed distance. */
function marksOf(stream: Stream): readonly number[] {
  if (stream.boundaries !== undefined) {
    return stream.boundaries;
  }
  const count = Math.ceil(stream.bytes.length / PLAIN_STEPS);
  const marks = Array.from({ length: count }, (_, index) => index * PLAIN_STEPS);
  return [...marks, stream.bytes.length];
}

/**
 * Turns numbers near frames (`near`) and numbers anywhere (`anywhere`) into offsets of cuts: sorted, each
 * once, inside the stream.
 */
function resolveCuts(
  stream: Stream,
  near: readonly number[],
  anywhere: readonly number[],
): number[] {
  const marks = marksOf(stream);
  const frames = Math.max(1, marks.length - 1);
  const offsets = near.map((place) => {
    const frame = Math.floor(place / STEPS) % frames;
    const start = marks[frame] ?? 0;
    return start + offsetInFrame(place % STEPS, (marks[frame + 1] ?? start) - start);
  });
  const others = anywhere.map((place) => place % Math.max(1, stream.bytes.length));
  return [...new Set([...offsets, ...others])]
    .filter((offset) => offset > 0 && offset < stream.bytes.length)
    .sort((one, other) => one - other);
}

/**
 * Arbitrary for streams and the chunks in which they arrive: cut near frames and elsewhere, some chunks
 * empty.
 */
export function arrivals(streams: fc.Arbitrary<Stream>): fc.Arbitrary<Arrival> {
  const near = selections(STEPS * COUNTED_FRAMES);
  const anywhere = fc.oneof(
    { weight: 3, arbitrary: fc.constant<number[]>([]) },
    { weight: 1, arbitrary: fc.array(fc.nat(0xffff), { maxLength: 2 }) },
  );
  return fc.tuple(streams, near, anywhere, emptyPlaces()).map(([stream, places, far, empties]) => {
    const chunks = splitAt(stream.bytes, resolveCuts(stream, places, far));
    return { stream, chunks: withEmptyChunks(chunks, empties) };
  });
}

/** Returns the chunks of an arrival up to `length` bytes, where the stream is torn off. */
export function torn(arrival: Arrival, length: number): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let missing = length;
  for (const chunk of arrival.chunks) {
    if (chunk.length > missing) {
      return [...chunks, chunk.subarray(0, missing)];
    }
    chunks.push(chunk);
    missing -= chunk.length;
  }
  return chunks;
}
