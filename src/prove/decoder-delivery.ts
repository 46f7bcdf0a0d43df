// One stream delivered to one fresh connection of a target, and what became of it. A check says which
// deliveries it needs and judges their outcomes; how they are made, at once or in time, is here.
//
// Rules: the target gets bytes of its own each time, at an odd offset of a larger buffer, as from a
// socket; a delivery that never finishes is an outcome too.

import { Stalled, isVerdict } from './decoder-outcome.ts';
import type { Delivery, Outcome, Reading } from './decoder-outcome.ts';
import type { AsyncSession, Subject, SyncSession } from './decoder-target.ts';

/** Before the first chunk of each delivery, so that none begins its buffer. */
const offsetInBuffer = 3;

/** The same chunks as views of one fresh buffer, as from a socket. */
function fresh(chunks: readonly Uint8Array[]): Uint8Array[] {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const buffer = new Uint8Array(length + 2 * offsetInBuffer);
  let start = offsetInBuffer;
  return chunks.map((chunk) => {
    buffer.set(chunk, start);
    start += chunk.length;
    return buffer.subarray(start - chunk.length, start);
  });
}

function finish(session: SyncSession, delivery: Delivery): void {
  if (delivery.ending === 'end') session.end();
  else if (delivery.ending === 'open') session.settle();
}

/** Delivers to a target that answers at once. */
function deliverNow(open: (reading: Reading) => SyncSession, delivery: Delivery): Outcome {
  const session = open(delivery.reading);
  const counts: number[] = [];
  const chunks = fresh(delivery.chunks);
  let written = 0;
  try {
    for (const chunk of chunks) {
      written++;
      session.write(chunk);
      counts.push(session.values.length);
    }
    finish(session, delivery);
  } catch (error) {
    session.rescue?.();
    const values = [...session.values];
    const again = isVerdict(error) ? undefined : session.afterError?.(chunks.slice(written));
    return { values, counts: undefined, failure: { error }, fault: again };
  }
  return {
    values: session.values,
    counts: delivery.reading === 'eager' ? counts : undefined,
    failure: undefined,
    fault: delivery.ending === 'end' ? session.leftovers?.() : undefined,
  };
}

async function play(session: AsyncSession, delivery: Delivery): Promise<void> {
  for (const chunk of fresh(delivery.chunks)) await session.write(chunk);
  if (delivery.ending === 'end') await session.end();
}

/** Waits for a step, but not for ever. */
export async function within(step: Promise<void>, ms: number): Promise<void> {
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
  open: (reading: Reading) => AsyncSession,
  delivery: Delivery,
  stallAfter: number,
): Promise<Outcome> {
  const session = open(delivery.reading);
  try {
    await within(play(session, delivery), stallAfter);
  } catch (error) {
    const values = [...session.values];
    return { values, counts: undefined, failure: { error }, fault: undefined };
  } finally {
    session.drop();
  }
  return { values: session.values, counts: undefined, failure: undefined, fault: undefined };
}

/** Delivers one after the other, each to a connection of its own. */
export function deliverAll(
  subject: Subject,
  deliveries: readonly Delivery[],
  stallAfter: number,
): readonly Outcome[] | Promise<readonly Outcome[]> {
  if (subject.kind === 'sync') {
    return deliveries.map((delivery) => deliverNow(subject.open, delivery));
  }
  const { open } = subject;
  return (async () => {
    const outcomes: Outcome[] = [];
    for (const delivery of deliveries) {
      outcomes.push(await deliverInTime(open, delivery, stallAfter));
    }
    return outcomes;
  })();
}
