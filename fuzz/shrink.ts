// Makes a failing case small. Leaves out long runs of bytes, then shorter ones, then turns bytes into zeros,
// and keeps each change with which the case still fails. Stops when `enough` says so, and returns the
// smallest case found.

import { concat } from './targets/target.ts';

export interface ShrinkOptions {
  /** Whether the bytes still fail in the same way. */
  readonly fails: (bytes: Uint8Array) => Promise<boolean>;
  /** Whether to stop trying. */
  readonly enough: () => boolean;
}

export async function shrink(bytes: Uint8Array, options: ShrinkOptions): Promise<Uint8Array> {
  let smallest = bytes;
  for (let before = -1; before !== smallest.length && !options.enough();) {
    before = smallest.length;
    for (let run = smallest.length; run >= 1; run = Math.floor(run / 2)) {
      smallest = await withoutRuns(smallest, run, options);
    }
  }
  return withZeros(smallest, options);
}

/** Leaves out all runs of this length that are not needed for the failure, beginning at the end. */
async function withoutRuns(
  bytes: Uint8Array,
  run: number,
  { fails, enough }: ShrinkOptions,
): Promise<Uint8Array> {
  let kept = bytes;
  for (let end = bytes.length; end > 0 && !enough(); end -= run) {
    const start = Math.max(0, end - run);
    const candidate = concat(kept.subarray(0, start), kept.subarray(end));
    if (await fails(candidate)) {
      kept = candidate;
    }
  }
  return kept;
}

async function withZeros(bytes: Uint8Array, { fails, enough }: ShrinkOptions): Promise<Uint8Array> {
  let kept = bytes;
  for (let at = 0; at < bytes.length && !enough(); at += 1) {
    if (kept[at] === 0) {
      continue;
    }
    const candidate = Uint8Array.from(kept);
    candidate[at] = 0;
    if (await fails(candidate)) {
      kept = candidate;
    }
  }
  return kept;
}
