// Measures the time and the memory of this process. Memory is measured with garbage, or after a collection.
// No other file of the decoder proofs asks the machine.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Returns the processor time of this process so far, in ms. Time in which the process waits, and the time of
 * other processes, do not count.
 */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Returns the time in ms, fine enough to measure a few calls. */
export function wallTime(): number {
  return performance.now();
}

function isFunction(value: unknown): value is () => void {
  return typeof value === 'function';
}

let collect: (() => void) | undefined;

/**
 * Collects garbage now. The function `gc` comes from a new context, because V8 gives it only to contexts that
 * are made after the flag is set.
 */
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    const made: unknown = runInNewContext('gc');
    collect = isFunction(made) ? made : () => undefined;
  }
  collect();
}

/** Returns the number of bytes in array buffers, garbage included. */
export function arrayBufferLength(): number {
  return process.memoryUsage().arrayBuffers;
}

/** Returns the number of bytes in array buffers that are still held after a collection. */
export function heldArrayBufferLength(): number {
  collectTwice();
  return arrayBufferLength();
}

/** Returns the number of bytes that are still held after a collection, on the heap and beside it. */
export function heldLength(): number {
  collectTwice();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/**
 * Collects garbage twice: V8 may free dead array buffers only some time after a collection, but it has freed
 * them by the next one.
 */
function collectTwice(): void {
  collectGarbage();
  collectGarbage();
}
