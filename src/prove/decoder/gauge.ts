// What this process spends: time, and memory, with garbage or after a collection. No other file of the
// decoder proofs asks the machine.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Processor time of this process so far, in ms. Waiting and other processes do not count. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Time in ms, fine enough to measure a few calls. */
export function wallTime(): number {
  return performance.now();
}

function isFunction(value: unknown): value is () => void {
  return typeof value === 'function';
}

let collect: (() => void) | undefined;

/**
 * Collects garbage now. The function `gc` comes from a new context: V8 gives it only to contexts that are
 * made after the flag is set.
 */
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    const made: unknown = runInNewContext('gc');
    collect = isFunction(made) ? made : () => undefined;
  }
  collect();
}

/** Bytes in array buffers, garbage included. */
export function arrayBufferLength(): number {
  return process.memoryUsage().arrayBuffers;
}

/** Bytes in array buffers that are held after a collection. */
export function heldArrayBufferLength(): number {
  collectTwice();
  return arrayBufferLength();
}

/** Bytes that are held after a collection, on the heap and beside it. */
export function heldLength(): number {
  collectTwice();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Collects twice: V8 may free dead array buffers after a collection, but has freed them by the next one. */
function collectTwice(): void {
  collectGarbage();
  collectGarbage();
}
