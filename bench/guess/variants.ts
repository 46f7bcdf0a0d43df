// How a conversation of the evaluation is given to the guess: whole, without its cuts, in part.

import { withoutEnds } from './cases.ts';
import type { Case, KnownStream } from './cases.ts';

export interface Variant {
  readonly name: string;
  /** The streams that are given; empty where the variant does not make sense for this conversation. */
  readonly of: (streams: readonly KnownStream[]) => readonly (readonly KnownStream[])[];
  /** Whether the first frame of a guess may be a later one. */
  readonly isLate: boolean;
  /** Whether a quick run has this variant. */
  readonly isTelling: boolean;
}

/** The first frames of a direction, up to the end of the last of them. */
function firstFrames(stream: KnownStream, count: number): KnownStream {
  const frames = stream.frames.slice(0, count);
  const end = frames.at(-1) ?? 0;
  const ends = stream.ends?.filter((each) => each <= end);
  return { ...stream, bytes: stream.bytes.subarray(0, end), frames, ends };
}

/** The conversation as a capture has it that begins with the chunk behind the middle of the stream. */
function fromMiddle(stream: KnownStream): KnownStream | undefined {
  const { bytes, ends = [], frames, from } = stream;
  const start = ends.find((end) => end >= bytes.length / 2 && end > from);
  if (start === undefined) {
    return undefined;
  }
  const shifted = frames.flatMap((end) => (end > start ? [end - start] : []));
  return shifted.length < MIN_BEHIND
    ? undefined
    : {
        ...stream,
        bytes: bytes.subarray(start),
        ends: ends.flatMap((end) => (end > start ? [end - start] : [])),
        from: frames.includes(start) ? 0 : (shifted[0] ?? 0),
        frames: shifted,
      };
}

/** Minimum number of frames of a direction that begins in the middle. */
const MIN_BEHIND = 4;
const COUNTS = [3, 10, 100] as const;

export const VARIANTS: readonly Variant[] = [
  { name: 'with the cuts', of: (streams) => [streams], isLate: false, isTelling: true },
  {
    name: 'without the cuts',
    of: (streams) => [streams.map(withoutEnds)],
    isLate: false,
    isTelling: true,
  },
  {
    name: 'one direction',
    of: (streams) =>
      streams.filter(({ frames }) => frames.length >= MIN_BEHIND).map((one) => [one]),
    isLate: false,
    isTelling: false,
  },
  {
    name: 'one direction, without the cuts',
    of: (streams) =>
      streams.filter(({ frames }) => frames.length >= MIN_BEHIND).map((one) => [withoutEnds(one)]),
    isLate: false,
    isTelling: false,
  },
  {
    name: 'begun in the middle',
    of: (streams) => {
      const late = streams.flatMap((stream) => fromMiddle(stream) ?? []);
      return late.length === 0 ? [] : [late];
    },
    isLate: true,
    isTelling: false,
  },
  ...COUNTS.map((count): Variant => ({
    name: `the first ${count} frames of each direction`,
    of: (streams) =>
      streams.some(({ frames }) => frames.length >= count)
        ? [streams.map((stream) => firstFrames(stream, count))]
        : [],
    isLate: false,
    isTelling: false,
  })),
];

/** The conversations of a variant, for one case. */
export function variantsOf(
  { streams }: Case,
  { of }: Variant,
): readonly (readonly KnownStream[])[] {
  return of(streams);
}
