// The interface between the prover and a way to reach a program: whether the program listens, and new
// connections. Everything else (baselines, schedules, verdicts) is the same for every kind of target.
//
// To add a kind, implement `Target` in its own file, and add a case to `openTarget` in running-server.ts.

import type { Readable, Writable } from 'node:stream';
import type { Gate } from '../../deliver/looking.ts';

/** One open connection to the program under test. */
export interface Wire {
  /** Stream that takes the pieces, without Nagle's delay. Its `end()` says that no more requests come. */
  readonly output: Writable;
  /** Stream that gives the answers. For a program that listens it is the same socket as `output`. */
  readonly input: Readable;
  /** Tells when the program has read a piece. Without a gate, pauses keep the pieces apart. */
  readonly gate: Gate | undefined;
}

/** A way to reach the program under test. */
export interface Target {
  /** Name of the program in reports and messages, such as `127.0.0.1:9000`. */
  readonly name: string;
  /** Reason why a connection could not be made. `undefined` if none is known. */
  readonly problem?: string | undefined;
  /**
   * Reason for the verdict INCONCLUSIVE that showed while only whole requests were played, such as a client
   * that connects twice. Default: none.
   */
  readonly doubt?: string | undefined;
  /**
   * Resolves to the exit code of the program of the last connection if that code is not 0. Only targets that
   * start a program for each connection have this method.
   */
  failedWith?(): Promise<number | undefined>;
  /**
   * Resolves to whether the program listens. Makes a connection only if there is no other way to tell,
   * because some programs serve only one connection.
   */
  isListening(): Promise<boolean>;
  /** Opens a new connection. Resolves to `undefined` if that is not possible. `problem` may then say why. */
  open(): Promise<Wire | undefined>;
  /** Ends everything that the target itself holds open. The caller of `open` closes the wires. */
  close(): void;
}
