// The common interface of uploads and downloads, for the code that runs them.

import type { Duplex } from 'node:stream';
import type { Sums } from '../both/checksums.ts';
import type { GetAnswer, PutAnswer } from '../both/wire.ts';

/** The fields of the answer besides the ticket. */
export type Ready = Omit<GetAnswer, 'ticket'> | Omit<PutAnswer, 'ticket'>;

export interface Transfer {
  /** Name for the log, such as `put /big.iso`. */
  readonly title: string;
  readonly size: number;
  /** Number of bytes of the file that have passed. */
  readonly position: number;
  /** Reads the part of an earlier attempt. Call it before `run`. */
  ready(): Promise<Ready>;
  /** Moves the bytes, from `from` on. */
  run(channel: Duplex, from: number, onBytes: (length: number) => void): Promise<void>;
  /** After `run`: compares the checksums, and puts the file in its place. `sha256` is the client's. */
  finish(sha256: string | undefined): Promise<Sums>;
  /** Gives back everything it holds. Called at the end in any case. Only the first call counts. */
  stop(why: unknown): Promise<void>;
}
