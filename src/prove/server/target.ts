// What a prover must know of a way to reach a program: whether it listens, and a new connection.
// Everything else (processes, baselines, schedules, verdicts) is the same for every kind of target.
//
// To add a kind (TLS, unix socket, pipes of a child): implement `Target` in a file of its own, and give
// it a case in open-target.ts.

import type { Readable, Writable } from 'node:stream';
import type { Gate } from '../../deliver/looking.ts';

/** One open connection to the program under test. */
export interface Wire {
  /** Takes the pieces; `end()` says that no more requests come. Without Nagle's delay. */
  readonly output: Writable;
  /** Gives the answers. The same socket, except for the pipes of a child. */
  readonly input: Readable;
  /** Tells when the program has read a piece. Without one, pieces are parted by pauses. */
  readonly gate: Gate | undefined;
}

/** A way to reach the program under test. */
export interface Target {
  /** How reports and messages name it, such as `127.0.0.1:9000`. */
  readonly name: string;
  /** Why the last connection could not be made, where that is known. */
  readonly problem?: string | undefined;
  /** Why nothing can be said of the program, if it showed that while only whole requests were played. */
  readonly doubt?: string | undefined;
  /** Whether the program listens. Asks without a connection where that can be: some serve only one. */
  isListening(): Promise<boolean>;
  /** A new connection, or `undefined` when the program does not accept one. */
  open(): Promise<Wire | undefined>;
  /** Ends what the target itself holds open. The caller of `open` closes the wires. */
  close(): void;
}
