// Finds the checksum at the end of the frames. It tries every algorithm that has a name on a few frames.

import { CHECKSUMS } from '../codec/checksum-names.ts';
import type { RunningChecksum } from '../codec/running-checksum.ts';

/** A checksum that fits all the frames that were tried. */
export interface FoundChecksum {
  /** Name of the algorithm. */
  readonly checksum: string;
  readonly length: number;
  readonly order: 'be' | 'le';
  /** Number of bytes at the front of a frame that the checksum does not cover. */
  readonly from: number;
}

/**
 * Minimum number of frames that differ. With fewer frames, one of the hundreds of readings (algorithm, order,
 * start) could fit by chance.
 */
const MIN_FRAMES = 4;
/** Maximum number of frames that are tried. The shortest frames are taken. */
const MAX_FRAMES = 8;
/** Maximum length of a frame that is tried. Longer frames cost time and say no more than short ones. */
const MAX_LENGTH = 512;
/**
 * Maximum number of bytes at the front of a frame that a checksum may leave out. They are markers and the
 * length.
 */
const MAX_FROM = 6;

/** Every algorithm once. (CHECKSUMS has some algorithms under several names.) */
const ALGORITHMS: readonly RunningChecksum[] = [...new Set(Object.values(CHECKSUMS))];

/**
 * Returns the checksum that fits these frames at their end. It tries the shortest frames that differ, up to
 * MAX_FRAMES of them, and the checksum must fit each of these. Returns `undefined` if no checksum fits, or if
 * too few frames differ.
 */
export function findChecksum(frames: readonly Uint8Array[]): FoundChecksum | undefined {
  const some = distinct(frames);
  if (some.length < MIN_FRAMES) {
    return undefined;
  }
  for (let from = 0; from <= MAX_FROM; from++) {
    for (const algorithm of ALGORITHMS) {
      const order = orderThatHolds(algorithm, some, from);
      if (order !== undefined) {
        return { checksum: algorithm.name, length: algorithm.length, order, from };
      }
    }
  }
  return undefined;
}

function distinct(frames: readonly Uint8Array[]): Uint8Array[] {
  const short = frames.filter(({ length }) => length > MAX_FROM + 4 && length <= MAX_LENGTH);
  const byText = new Map(short.map((frame) => [frame.join(), frame]));
  return [...byText.values()].toSorted((a, b) => a.length - b.length).slice(0, MAX_FRAMES);
}

function orderThatHolds(
  algorithm: RunningChecksum,
  frames: readonly Uint8Array[],
  from: number,
): 'be' | 'le' | undefined {
  const orders = algorithm.length === 1 ? (['be'] as const) : (['be', 'le'] as const);
  return orders.find((order) => frames.every((frame) => holds({ algorithm, order, from }, frame)));
}

interface Reading {
  readonly algorithm: RunningChecksum;
  readonly order: 'be' | 'le';
  readonly from: number;
}

function holds({ algorithm, order, from }: Reading, frame: Uint8Array): boolean {
  const at = frame.length - algorithm.length;
  const sum = algorithm.compute(frame.subarray(from, at));
  const stored = frame.subarray(at);
  return sum.every((byte, i) => stored[order === 'be' ? i : sum.length - 1 - i] === byte);
}
