// Checks whether the time of a decoder is linear in the bytes. Margins are wide, because time is noisy. A
// chunk that is cheap anyway is not judged. A result between good and faulty is measured again with more
// bytes.
//
// Rules: of several measurements the smallest counts, because noise only ever adds time. A fault is reported
// only when every repetition shows it.

import type { Finding } from './judging.ts';
import { CONFIRMATIONS, blame, feed, longFrame } from './feed.ts';
import type { CostMaterial, Measured } from './feed.ts';
import { collectGarbage, processorTime, wallTime } from './gauge.ts';
import { leastExponent, STEEP_EXPONENT } from './growth.ts';
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

/**
 * Number of chunks that are timed together, as one window. The median of many windows hides garbage
 * collections and preemption.
 */
const WINDOW_LENGTH = 128;
/** Time in ms after which a measurement ends, or after which a chunk is not measured once more. */
const ENOUGH_MS = 2000;

/**
 * Measures the ratio of the cost in the last eighth of the windows to the cost in the first eighth, when a
 * frame arrives byte by byte. The ratio is 1 if the whole cost is linear, and up to 15 if it is quadratic.
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

/**
 * Payload lengths of frames that arrive byte by byte. If the result for one length is doubtful, the next
 * length is tried.
 */
const SINGLY = {
  sync: [60_000, 120_000, 240_000, 480_000],
  async: [96_000, 192_000, 384_000],
};
/**
 * Limits for the ratio of `climb`. Up to EVEN_GROWTH is fine, and STEEP_GROWTH or more is a fault. In
 * between, the next length is tried.
 */
const EVEN_GROWTH = 1.25;
const STEEP_GROWTH = 3;

async function leastClimb(material: CostMaterial, frame: Uint8Array): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  await climb(material, frame.subarray(0, frame.length >> 3)); // Warm up the compiler before measuring.
  for (let round = 0; round < CONFIRMATIONS && least > EVEN_GROWTH; round++) {
    least = Math.min(least, await climb(material, frame));
  }
  return least;
}

/**
 * Returns a finding if a late byte of a long frame costs much more than an early byte, or `undefined` if it
 * does not. `lacking` says why no long frame could be measured.
 */
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

/**
 * Returns the cost of a chunk in ms: the processor time or the time on the clock, whichever is less. The
 * processor time includes helper threads of the garbage collector, and the time on the clock includes other
 * processes.
 */
async function timeOf(material: CostMaterial, chunk: Uint8Array): Promise<number> {
  const start = { processor: processorTime(), wall: wallTime() };
  await feed(material, [chunk]);
  return Math.min(processorTime() - start.processor, wallTime() - start.wall);
}

/**
 * Lengths of a chunk full of small frames. The cost of each length is compared with the costs of a half and a
 * quarter of that length. Targets that need the event loop get the shortest length only, because the queues
 * of web streams shift large arrays, which is no fault of the target.
 */
const FULL_CHUNKS = { sync: [128 * 1024, 512 * 1024], async: [128 * 1024] };
const QUARTERS = [1, 2, 4];
/**
 * CHEAP_CHUNK: cost in ms below which a chunk counts as cheap, however fast its cost grows. LEAST_TIME: cost
 * in ms below which two costs cannot be told apart.
 */
const CHEAP_CHUNK = 30;
const LEAST_TIME = 0.1;
/**
 * Maximum number of measurements of a chunk. A fault counts only if all of them show it. A slow chunk is
 * measured less often.
 */
const CHUNK_ROUNDS = 5;
/**
 * Minimum number of measurements of a chunk that is not cheap. One measurement is not enough, because noise
 * may also hide a fault.
 */
const LEAST_ROUNDS = 2;

/** Returns the least cost of each chunk if the costs grow steeply, otherwise `undefined`. */
async function steepCosts(
  material: CostMaterial,
  chunks: readonly Uint8Array[],
): Promise<readonly number[] | undefined> {
  const costs = chunks.map(() => Number.POSITIVE_INFINITY);
  // Round 0 only tells whether the chunks are cheap. It is no part of the comparison: behind a collection the
  // same chunk may take ten times as long, because memory and compiled code are gone.
  for (let round = 0, spent = 0; round <= CHUNK_ROUNDS; round++) {
    for (const [index, chunk] of chunks.entries()) {
      if (round > 0) {
        collectGarbage(); // Otherwise garbage of an earlier chunk could be collected during this measurement.
      }
      const time = await timeOf(material, chunk);
      costs[index] = Math.min(costs[index] ?? time, time);
      spent += time;
    }
    const isLinear = leastExponent(costs, LEAST_TIME) < STEEP_EXPONENT;
    if ((costs.at(-1) ?? 0) < CHEAP_CHUNK || (isLinear && round >= LEAST_ROUNDS)) {
      return undefined;
    }
    if (round >= LEAST_ROUNDS && spent > ENOUGH_MS) {
      break;
    }
    if (round === 0) {
      costs.fill(Number.POSITIVE_INFINITY);
    }
  }
  return costs;
}

async function steepChunk(material: CostMaterial, bytes: Uint8Array): Promise<Finding | undefined> {
  for (const length of FULL_CHUNKS[material.target.kind]) {
    const quarter = Math.max(1, Math.floor(length / 4 / bytes.length)) * bytes.length;
    const chunks = QUARTERS.map((count) => repeated(bytes, count * quarter));
    const costs = await steepCosts(material, chunks).catch((error: unknown) =>
      blame(
        error,
        `${chunks.at(-1)?.length ?? length} bytes of good frames in one chunk`,
        material,
      ),
    );
    if (costs === undefined) {
      continue;
    }
    if (!Array.isArray(costs)) {
      return 'finding' in costs ? costs.finding : undefined;
    }
    const ratio = (costs.at(-1) ?? 0) / Math.max(costs.at(0) ?? 0, LEAST_TIME);
    const what = `needs ${ratio.toFixed(1)} times as long for a chunk of ${chunks.at(-1)?.length ?? length} bytes full of small frames as for a quarter of it`;
    return { what, chunks: [] };
  }
  return undefined;
}

/** Checks that the work of a target grows with the bytes and no faster. */
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
