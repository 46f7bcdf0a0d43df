// The messages and the shared memory between the fuzzer and its worker thread.

import { longestCase } from './mutate.ts';

export interface Setup {
  readonly target: string;
  /** Counters, then the bytes of the case that is being tried. */
  readonly memory: SharedArrayBuffer;
}

/** A job is to run the cases of a seed from `first` to `end` - 1, or one case of given bytes. */
export type Job =
  | { readonly seed: number; readonly first: number; readonly end: number }
  | { readonly bytes: Uint8Array };

export interface Failure {
  /** The case threw an error, did not end, took too much memory, or the thread died. */
  readonly kind: 'error' | 'hang' | 'memory' | 'death';
  readonly run: number;
  readonly bytes: Uint8Array;
  readonly message: string;
}

export type Verdict = { readonly kind: 'fine' } | Failure;

/** Indexes of the counters in the memory: number of cases begun, number of this run, length of its case. */
export const ranAt = 0;
export const runAt = 1;
export const sizeAt = 2;
/** Where the bytes of the case begin. */
export const caseAt = 16;
export const memoryLength: number = caseAt + longestCase;
