// One stream, the places at which the stream is cut into reads, and the content of each read. This file is
// pure.
//
//   bytes   00 00 │ 00 05 68 65 6c │ 6c 6f 00 00 00 02 68 │ 69
//   frames  └────────── #0 ─────────────┘ └────── #1 ────────┘
//   reads   half    half             half and sticky        half

import { joined } from './hex.ts';

export interface Delivery {
  readonly bytes: Uint8Array;
  /** Offsets at which a read ends, rising. The end of the stream is left out. */
  readonly cuts: readonly number[];
}

export function deliveryOf(pieces: readonly Uint8Array[]): Delivery {
  const cuts: number[] = [];
  let offset = 0;
  for (const { length } of pieces.slice(0, -1)) {
    offset += length;
    cuts.push(offset);
  }
  return { bytes: joined(pieces), cuts };
}

export function piecesOf({ bytes, cuts }: Delivery): readonly Uint8Array[] {
  return [0, ...cuts].map((start, i) => bytes.subarray(start, cuts[i]));
}

/** Moves a cut, but not past its neighbours. */
export function moveCut({ bytes, cuts }: Delivery, index: number, to: number): Delivery {
  const least = (cuts[index - 1] ?? 0) + 1;
  const most = (cuts[index + 1] ?? bytes.length) - 1;
  return { bytes, cuts: cuts.with(index, Math.max(least, Math.min(to, most))) };
}

export function removeCut({ bytes, cuts }: Delivery, index: number): Delivery {
  return { bytes, cuts: cuts.toSpliced(index, 1) };
}

/** Adds a cut in front of a byte, or removes the cut if there is one. */
export function toggleCut(delivery: Delivery, offset: number): Delivery {
  const { bytes, cuts } = delivery;
  if (offset <= 0 || offset >= bytes.length) {
    return delivery;
  }
  const at = cuts.indexOf(offset);
  return at < 0
    ? { bytes, cuts: [...cuts, offset].toSorted((one, other) => one - other) }
    : removeCut(delivery, at);
}

/** Adds a cut in the middle of the longest read. */
export function addCut(delivery: Delivery): Delivery {
  const { bytes, cuts } = delivery;
  const ends = [...cuts, bytes.length];
  const lengths = ends.map((end, i) => end - (cuts[i - 1] ?? 0));
  const length = Math.max(...lengths);
  const start = cuts[lengths.indexOf(length) - 1] ?? 0;
  return length < 2 ? delivery : toggleCut(delivery, start + (length >> 1));
}

export type Habit = 'whole' | 'bytes' | 'random';

type Cut = (delivery: Delivery, random: () => number) => readonly number[];

/** Mean length in bytes of a random read. */
const MEAN_READ = 4;

const everywhere: Cut = ({ bytes: { length } }) =>
  Array.from({ length: Math.max(0, length - 1) }, (_, i) => i + 1);

/** The ways to cut a whole stream. `random` returns a number from 0 to 1. */
export const HABITS: Readonly<Record<Habit, Cut>> = {
  whole: () => [],
  bytes: everywhere,
  random: (delivery, random) => everywhere(delivery, random).filter(() => random() * MEAN_READ < 1),
};

/** The place of a frame in the stream. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

export interface Read {
  readonly start: number;
  readonly end: number;
  /** Number of frames of which the read has a byte. */
  readonly frames: number;
  /** Whether the read has only a part of some frame. */
  readonly isHalf: boolean;
  /** Whether the read has bytes of more than one frame. */
  readonly isSticky: boolean;
}

/** Returns what each read contains. `spans` are the places of the frames in order. */
export function readsOf({ bytes, cuts }: Delivery, spans: readonly Span[]): readonly Read[] {
  const reads: Read[] = [];
  let first = 0;
  let start = 0;
  for (const end of [...cuts, bytes.length]) {
    // Frames that end in front of this read are done with.
    while (first < spans.length && endOf(spans[first]) <= start) {
      first++;
    }
    let frames = 0;
    let isHalf = false;
    for (let i = first; i < spans.length && (spans[i]?.offset ?? end) < end; i++) {
      frames++;
      isHalf ||= (spans[i]?.offset ?? start) < start || endOf(spans[i]) > end;
    }
    reads.push({ start, end, frames, isHalf, isSticky: frames > 1 });
    start = end;
  }
  return reads;
}

function endOf(span: Span | undefined): number {
  return span === undefined ? 0 : span.offset + span.length;
}
