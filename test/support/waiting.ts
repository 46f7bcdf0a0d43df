// Waiting for what has no event. Nothing here waits for a time: each turn lets the event loop run once, and
// a condition that never comes true is a failure with a name.

import type { EventEmitter } from 'node:events';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';

/** Far more than a loaded machine needs. */
const LIMIT_MS = 60_000;
/** After so many turns in vain, `until` leaves the processor to others: to the process it waits for. */
const BUSY_TURNS = 100;

/** Turns the event loop until `condition` holds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const started = performance.now();
  for (let vain = 0; !condition(); vain++) {
    if (performance.now() - started > LIMIT_MS) {
      throw new Error(`still not: ${what}`);
    }
    await (vain < BUSY_TURNS ? turn() : breath());
  }
}

/** Turns the event loop until `read` gives the same number `turns` times in a row: nothing moves. */
export async function settled(read: () => number, times = 200): Promise<number> {
  let last = read();
  for (let same = 0; same < times; same++) {
    await turn();
    const now = read();
    if (now !== last) {
      same = 0;
    }
    last = now;
  }
  return last;
}

/** Lets the event loop go round a few times: for what must not happen. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await turn();
  }
}

/**
 * Waits until `performance.now()` is there, and until what was due before has happened: for a thing that must
 * not come later. A machine that is busy delays this as well as that thing, so it may not fail for it.
 */
export async function reached(time: number): Promise<void> {
  while (performance.now() < time) {
    await breath();
  }
  await turns(50);
}

/** A round of something that goes on in real time: leaves the processor to others in between. */
export async function breath(): Promise<void> {
  await pause(1);
}

/** What a promise was rejected with; fails when it was not. */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it was expected to reject, and resolved');
}

/** Waits for an event whatever else happens; `once` of Node rejects when an 'error' comes first. */
export function emitted(emitter: EventEmitter, event: string): Promise<void> {
  return new Promise((resolve) => {
    emitter.once(event, () => resolve());
  });
}

export interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

/** A promise to be resolved by hand: a gate that a consumer waits at. */
export function deferred(): Deferred {
  let open: (() => void) | undefined;
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, resolve: () => open?.() };
}
