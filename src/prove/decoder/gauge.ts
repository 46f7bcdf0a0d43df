// What this process spends: time, and memory that is still held after a collection. The
// only place of the proofs that asks the machine.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Processor time of this process so far, in ms. Waiting costs nothing of it, nor do other processes. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Time in ms, fine enough for a few calls. */
export function wallTime(): number {
  return performance.now();
}

function isFunction(value: unknown): value is () => void {
  return typeof value === 'function';
}

let collect: (() => void) | undefined;

/** Collects garbage now. V8 gives the function to new contexts only, once the flag is set. */
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

/** Bytes in array buffers that are held. */
export function heldArrayBufferLength(): number {
  collectTwice();
  return arrayBufferLength();
}

/** Bytes that are held, on the heap and beside it. */
export function heldLength(): number {
  collectTwice();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The memory of dead array buffers is given back beside a collection, and at the latest by the next. */
function collectTwice(): void {
  collectGarbage();
  collectGarbage();
}
