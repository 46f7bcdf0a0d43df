// Waiting for what has no event: a condition, a number that stays the same, a time. A turn lets the event
// loop run once. A condition that stays false for a minute is an error that names it.

import type { EventEmitter } from 'node:events';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';

/** How long `until` waits: far longer than a loaded machine needs. */
const LIMIT_MS = 60_000;
/** After so many turns, `until` pauses in between, which leaves the processor to other processes. */
const BUSY_TURNS = 100;

/** Turns the event loop until `condition` holds. `what` names the condition in the error. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const started = performance.now();
  for (let vain = 0; !condition(); vain++) {
    if (performance.now() - started > LIMIT_MS) {
      throw new Error(`still not: ${what}`);
    }
    await (vain < BUSY_TURNS ? turn() : breath());
  }
}

/** Turns the event loop until `read` has given the same number `times` times in a row. Gives that number. */
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

/** Turns the event loop `count` times, for a test that expects something not to happen. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await turn();
  }
}

/**
 * Waits until `performance.now()` has reached `time`, and then until events that were due earlier have
 * happened. For a test that expects an event by `time`: a busy machine delays both, so the test does not fail
 * for it.
 */
export async function reached(time: number): Promise<void> {
  while (performance.now() < time) {
    await breath();
  }
  await turns(50);
}

/** A pause of 1 ms, for a loop that waits in real time. It leaves the processor to other processes. */
export async function breath(): Promise<void> {
  await pause(1);
}

/** The reason with which a promise was rejected. Throws if the promise was resolved. */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it was expected to reject, and resolved');
}

/** Waits for an event. Unlike `once` of Node, it does not reject if an 'error' comes first. */
export function emitted(emitter: EventEmitter, event: string): Promise<void> {
  return new Promise((resolve) => {
    emitter.once(event, () => resolve());
  });
}

export interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

/** A promise that the test resolves by hand: a gate at which a consumer waits. */
export function deferred(): Deferred {
  let open: (() => void) | undefined;
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, resolve: () => open?.() };
}
