// Whether time is linear in the bytes. Margins are wide, since time is noisy: what is fast anyway is
// not judged, and what lies in between is measured again with more bytes.
//
// Rules: the smallest measurement counts, since noise only ever adds. A fault is reported only when
// every repetition shows it.

import type { Finding } from './judging.ts';
import { CONFIRMATIONS, blame, feed, longFrame } from './feed.ts';
import type { CostMaterial, Measured } from './feed.ts';
import { processorTime, wallTime } from './gauge.ts';
import { repeated } from './streams.ts';

function* singleBytes(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) {
    yield bytes.subarray(at, at + 1);
  }
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[sorted.length >> 1] ?? 0;
}

/** Chunks that are timed together: the median of many such windows hides collections and preemption. */
const WINDOW_LENGTH = 128;
/** Processor time in ms after which enough was seen. */
const ENOUGH_MS = 2000;

/**
 * How much more the last eighth of the windows costs than the first, when a frame arrives byte by
 * byte: 1 if cost is linear, up to 15 if it is quadratic.
 */
async function climb(material: CostMaterial, frame: Uint8Array): Promise<number> {
  const windows: number[] = [];
  const limit = processorTime() + ENOUGH_MS;
  let since = wallTime();
  let count = 0;
  await feed(material, singleBytes(frame), () => {
    if (++count % WINDOW_LENGTH !== 0) {
      return true;
    }
    const now = wallTime();
    windows.push(now - since);
    since = now;
    return processorTime() < limit;
  });
  const part = windows.length >> 3;
  return median(windows.slice(-part)) / Math.max(median(windows.slice(0, part)), 1e-6);
}

/** Payloads of frames that arrive byte by byte, each tried if the one before left doubt. */
const SINGLY = {
  sync: [60_000, 120_000, 240_000, 480_000],
  async: [96_000, 192_000, 384_000],
};
/** Up to `even` is fine, from `steep` is a fault. */
const EVEN_GROWTH = 1.25;
const STEEP_GROWTH = 3;

async function leastClimb(material: CostMaterial, frame: Uint8Array): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  await climb(material, frame.subarray(0, frame.length >> 3)); // Warms up.
  for (let round = 0; round < CONFIRMATIONS && least > EVEN_GROWTH; round++) {
    least = Math.min(least, await climb(material, frame));
  }
  return least;
}

/** A frame that costs more the longer it gets; `lacking` where no frame was long enough. */
async function steepFrame(
  material: CostMaterial,
): Promise<Finding | { lacking: string } | undefined> {
  let measured = false;
  for (const length of SINGLY[material.target.kind]) {
    const long = await longFrame(material, length);
    if ('finding' in long) {
      return long.finding;
    }
    if ('lacking' in long) {
      return measured ? undefined : long;
    }
    const { frame } = long;
    measured = true;
    const ratio = await leastClimb(material, frame);
    if (ratio <= EVEN_GROWTH) {
      return undefined;
    }
    if (ratio < STEEP_GROWTH) {
      continue;
    }
    const what = `needs ${ratio.toFixed(1)} times as long for a byte late in a frame as for one early in it, when ${frame.length} bytes arrive one by one`;
    return { what, chunks: [] };
  }
  return undefined;
}

async function timeOf(material: CostMaterial, chunk: Uint8Array): Promise<number> {
  const start = processorTime();
  await feed(material, [chunk]);
  return processorTime() - start;
}

/**
 * Lengths of a chunk full of small frames; each is compared with a quarter of it. For targets in time
 * no more than the queues of the platform hold well: those of web streams shift large arrays.
 */
const FULL_CHUNKS = { sync: [128 * 1024, 512 * 1024], async: [128 * 1024] };
/** Cost of four times the bytes: 4 if linear, 16 if quadratic; collections of a large heap made a linear one 10.7. */
const STEEP_TOTAL = 12;
/** Processor time in ms below which such a chunk is too cheap to complain about. */
const CHEAP_CHUNK = 30;
/** Measurements of a chunk that must all show a fault; fewer if they take long. */
const CHUNK_ROUNDS = 5;

async function totalRatio(
  material: CostMaterial,
  small: Uint8Array,
  large: Uint8Array,
): Promise<number> {
  const least = { small: Number.POSITIVE_INFINITY, large: Number.POSITIVE_INFINITY };
  await timeOf(material, small); // Warms up.
  for (let round = 0, spent = 0; round < CHUNK_ROUNDS; round++) {
    least.small = Math.min(least.small, await timeOf(material, small));
    const time = await timeOf(material, large);
    least.large = Math.min(least.large, time);
    spent += time;
    const ratio = least.large / Math.max(least.small, 0.1);
    if (least.large < CHEAP_CHUNK || ratio < STEEP_TOTAL) {
      return 0;
    }
    if (round > 0 && spent > ENOUGH_MS) {
      break;
    }
  }
  return least.large / Math.max(least.small, 0.1);
}

async function steepChunk(material: CostMaterial, bytes: Uint8Array): Promise<Finding | undefined> {
  for (const length of FULL_CHUNKS[material.target.kind]) {
    const [small, large] = [repeated(bytes, length / 4), repeated(bytes, length)];
    const ratio = await totalRatio(material, small, large).catch((error: unknown) =>
      blame(error, `${large.length} bytes of good frames in one chunk`, material),
    );
    if (typeof ratio === 'object') {
      return 'finding' in ratio ? ratio.finding : undefined;
    }
    if (ratio > 0) {
      const what = `needs ${ratio.toFixed(1)} times as long for a chunk of ${large.length} bytes full of small frames as for a quarter of it`;
      return { what, chunks: [] };
    }
  }
  return undefined;
}

/** Whether work grows with the bytes and no faster. */
export async function linearCost(material: CostMaterial): Promise<Measured> {
  try {
    const found = await steepFrame(material);
    if (found !== undefined && 'what' in found) {
      return found;
    }
    const { repeatable } = material;
    if (repeatable === undefined) {
      return found && { impossible: found.lacking };
    }
    return (await steepChunk(material, repeatable.bytes)) ?? (found && { partly: found.lacking });
  } catch (error) {
    const blamed = blame(error, 'good frames', material);
    return 'finding' in blamed ? blamed.finding : { impossible: blamed.lacking };
  }
}
