// What the fuzzer and its worker thread tell each other.

import { longestCase } from './mutate.ts';

export interface Setup {
  readonly target: string;
  /** Counters, then the bytes of the case that is being tried. */
  readonly memory: SharedArrayBuffer;
}

/** Runs `first` up to and without `end`, or one case. */
export type Job =
  | { readonly seed: number; readonly first: number; readonly end: number }
  | { readonly bytes: Uint8Array };

export interface Failure {
  /** It threw; it did not end; it took too much memory; the thread died. */
  readonly kind: 'error' | 'hang' | 'memory' | 'death';
  readonly run: number;
  readonly bytes: Uint8Array;
  readonly message: string;
}

export type Verdict = { readonly kind: 'fine' } | Failure;

/** Places of the counters: cases begun, the run, the length of its case. */
export const ranAt = 0;
export const runAt = 1;
export const sizeAt = 2;
/** Where the bytes of the case begin. */
export const caseAt = 16;
export const memoryLength: number = caseAt + longestCase;
