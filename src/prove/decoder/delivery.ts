// Delivers one stream to one new connection of a target, and returns the outcome. A check says which
// deliveries it needs, and judges their outcomes.
//
// Rules: the target gets new bytes each time, inside a larger buffer and not at its start, as a socket gives
// them. A delivery to a target that needs the event loop may stall, and a stall is an outcome, too.

import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { Stalled, UnknownShape, isVerdict } from './terms.ts';
import type { Delivery, Outcome, Reading } from './terms.ts';
import type { AsyncRun, Target, SyncRun } from './target.ts';

/**
 * Number of bytes before the first chunk of each delivery, so that no chunk lies at the start of its buffer.
 */
const OFFSET_IN_BUFFER = 3;

/** Copies the chunks into one new buffer, and returns views of it, as a socket gives them. */
function fresh(chunks: readonly Uint8Array[]): Uint8Array[] {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const buffer = new Uint8Array(length + 2 * OFFSET_IN_BUFFER);
  let start = OFFSET_IN_BUFFER;
  return chunks.map((chunk) => {
    buffer.set(chunk, start);
    start += chunk.length;
    return buffer.subarray(start - chunk.length, start);
  });
}

/**
 * Makes the outcome of an error. Rethrows an UnknownShape, because then the prover cannot drive the target.
 */
function failed(values: readonly unknown[], error: unknown): Outcome {
  if (error instanceof UnknownShape) {
    throw error;
  }
  return { values: [...values], counts: undefined, failure: { error }, fault: undefined };
}

function finish(run: SyncRun, delivery: Delivery): void {
  if (delivery.ending === 'end') {
    run.end();
  } else if (delivery.ending === 'open') {
    run.settle();
  }
}

/** Delivers to a target that answers within the call. */
function deliverNow(open: (reading: Reading) => SyncRun, delivery: Delivery): Outcome {
  const run = open(delivery.reading);
  const counts: number[] = [];
  const chunks = fresh(delivery.chunks);
  let written = 0;
  try {
    for (const chunk of chunks) {
      written++;
      run.write(chunk);
      counts.push(run.values.length);
    }
    finish(run, delivery);
  } catch (error) {
    run.rescue?.();
    const outcome = failed(run.values, error);
    const fault = isVerdict(error) ? undefined : run.afterError?.(chunks.slice(written));
    return { ...outcome, fault };
  }
  return {
    values: run.values,
    counts: delivery.reading === 'eager' ? counts : undefined,
    failure: undefined,
    fault: delivery.ending === 'end' ? run.leftovers?.() : undefined,
  };
}

/**
 * Number of turns of the event loop to wait for the values of a chunk. If no value came in these turns,
 * LONGER_WAITS follow, in ms.
 */
const TURNS = 2;
const LONGER_WAITS = [5, 15];

/**
 * Waits for the values of the last chunk, then returns the number of all values so far. `before` is the
 * number of values before that chunk.
 */
async function countOf(run: AsyncRun, before: number): Promise<number> {
  for (let turns = 0; turns < TURNS; turns++) {
    await turn();
  }
  for (const ms of LONGER_WAITS) {
    if (run.values.length === before) {
      await pause(ms);
    }
  }
  return run.values.length;
}

async function play(run: AsyncRun, delivery: Delivery): Promise<number[] | undefined> {
  const counts: number[] = [];
  for (const chunk of fresh(delivery.chunks)) {
    await run.write(chunk);
    if (delivery.counted === true) {
      counts.push(await countOf(run, counts.at(-1) ?? 0));
    }
  }
  if (delivery.ending === 'end') {
    await run.end();
  }
  return delivery.counted === true ? counts : undefined;
}

/** Number of looks without progress after which a step counts as stalled. */
const LOOKS = 2;

/**
 * Waits for a step as long as it makes progress. Looks at `progress` LOOKS times in `ms`, and rejects with
 * Stalled when all these looks find the same number. One look would not be enough: in a process that was
 * busy, the timer of the look is overdue. With an `ms` of Infinity this waits without limit.
 */
export async function progressing<T>(
  step: Promise<T>,
  progress: () => number,
  ms: number,
): Promise<T> {
  if (ms === Infinity) {
    return step;
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    let seen = progress();
    let idle = 0;
    timer = setInterval(() => {
      idle = progress() === seen ? idle + 1 : 0;
      seen = progress();
      if (idle === LOOKS) {
        reject(new Stalled(ms));
      }
    }, ms / LOOKS);
  });
  try {
    return await Promise.race([step, late]);
  } finally {
    clearInterval(timer);
  }
}

/** Delivers to a target that needs the event loop. */
async function deliverInTime(
  open: (reading: Reading) => AsyncRun,
  delivery: Delivery,
  stallAfter: number,
): Promise<Outcome> {
  const run = open(delivery.reading);
  try {
    const counts = await progressing(play(run, delivery), () => run.values.length, stallAfter);
    return { values: run.values, counts, failure: undefined, fault: undefined };
  } catch (error) {
    return failed(run.values, error);
  } finally {
    run.drop();
  }
}

/** Makes the deliveries one after the other, each to its own connection. */
export function deliverAll(
  target: Target,
  deliveries: readonly Delivery[],
  stallAfter: number,
): readonly Outcome[] | Promise<readonly Outcome[]> {
  if (target.kind === 'sync') {
    return deliveries.map((delivery) => deliverNow(target.open, delivery));
  }
  const { open } = target;
  return (async () => {
    const outcomes: Outcome[] = [];
    for (const delivery of deliveries) {
      outcomes.push(await deliverInTime(open, delivery, stallAfter));
    }
    return outcomes;
  })();
}
