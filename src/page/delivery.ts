// One stream and the places at which it is cut into reads, and what a read then holds. Pure.
//
//   bytes   00 00 │ 00 05 68 65 6c │ 6c 6f 00 00 00 02 68 │ 69
//   frames  └────────── #0 ─────────────┘ └────── #1 ────────┘
//   reads   half    half             half and sticky        half

import { joined } from './hex.ts';

export interface Delivery {
  readonly bytes: Uint8Array;
  /** Offsets at which a read ends, rising, without the end of the stream. */
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

/** Moves a cut, not past its neighbours. */
export function moveCut({ bytes, cuts }: Delivery, index: number, to: number): Delivery {
  const least = (cuts[index - 1] ?? 0) + 1;
  const most = (cuts[index + 1] ?? bytes.length) - 1;
  return { bytes, cuts: cuts.with(index, Math.max(least, Math.min(to, most))) };
}

export function removeCut({ bytes, cuts }: Delivery, index: number): Delivery {
  return { bytes, cuts: cuts.toSpliced(index, 1) };
}

/** Cuts in front of a byte, or joins what was cut there. */
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

/** Cuts the longest read in its middle. */
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

/** Mean length of a random read. */
const MEAN_READ = 4;

const everywhere: Cut = ({ bytes: { length } }) =>
  Array.from({ length: Math.max(0, length - 1) }, (_, i) => i + 1);

/** Ways to cut a whole stream. `random` gives numbers from 0 to 1. */
export const HABITS: Readonly<Record<Habit, Cut>> = {
  whole: () => [],
  bytes: everywhere,
  random: (delivery, random) => everywhere(delivery, random).filter(() => random() * MEAN_READ < 1),
};

/** Where a frame lies in the stream. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

export interface Read {
  readonly start: number;
  readonly end: number;
  /** Number of frames of which the read has a byte. */
  readonly frames: number;
  /** Whether the read has a part of a frame, and not the whole of it. */
  readonly isHalf: boolean;
  /** Whether the read has bytes of more than one frame. */
  readonly isSticky: boolean;
}

/** What each read holds. `spans` are the frames in order. */
export function readsOf({ bytes, cuts }: Delivery, spans: readonly Span[]): readonly Read[] {
  const reads: Read[] = [];
  let first = 0;
  let start = 0;
  for (const end of [...cuts, bytes.length]) {
    // Frames that end in front of the read are over.
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
