// One stream delivered to one fresh connection of a target, and what became of it. A check says which
// deliveries it needs and judges their outcomes; how they are made, at once or in time, is here.
//
// Rules: the target gets bytes of its own each time, at an odd offset of a larger buffer, as from a
// socket; a delivery that never finishes is an outcome too.

import { Stalled, isVerdict } from './outcome.ts';
import type { Delivery, Outcome, Reading } from './outcome.ts';
import type { AsyncRun, Target, SyncRun } from './target.ts';

/** Before the first chunk of each delivery, so that none begins its buffer. */
const OFFSET_IN_BUFFER = 3;

/** The same chunks as views of one fresh buffer, as from a socket. */
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

function finish(run: SyncRun, delivery: Delivery): void {
  if (delivery.ending === 'end') {
    run.end();
  } else if (delivery.ending === 'open') {
    run.settle();
  }
}

/** Delivers to a target that answers at once. */
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
    const values = [...run.values];
    const again = isVerdict(error) ? undefined : run.afterError?.(chunks.slice(written));
    return { values, counts: undefined, failure: { error }, fault: again };
  }
  return {
    values: run.values,
    counts: delivery.reading === 'eager' ? counts : undefined,
    failure: undefined,
    fault: delivery.ending === 'end' ? run.leftovers?.() : undefined,
  };
}

async function play(run: AsyncRun, delivery: Delivery): Promise<void> {
  for (const chunk of fresh(delivery.chunks)) {
    await run.write(chunk);
  }
  if (delivery.ending === 'end') {
    await run.end();
  }
}

/** Waits for a step, but not for ever. */
export async function within(step: Promise<void>, ms: number): Promise<void> {
  if (ms === Infinity) {
    return step;
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((_, reject) => {
    timer = setTimeout(() => reject(new Stalled(`The target did not finish in ${ms} ms.`)), ms);
  });
  try {
    await Promise.race([step, late]);
  } finally {
    clearTimeout(timer);
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
    await within(play(run, delivery), stallAfter);
  } catch (error) {
    const values = [...run.values];
    return { values, counts: undefined, failure: { error }, fault: undefined };
  } finally {
    run.drop();
  }
  return { values: run.values, counts: undefined, failure: undefined, fault: undefined };
}

/** Delivers one after the other, each to a connection of its own. */
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
