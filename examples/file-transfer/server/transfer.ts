// The common interface of uploads and downloads, for the code that runs them.

import type { Duplex } from 'node:stream';
import type { Sums } from '../both/checksums.ts';
import type { GetAnswer, PutAnswer } from '../both/wire.ts';

/** The fields of the answer to `get` or `put`, without the ticket. */
export type Ready = Omit<GetAnswer, 'ticket'> | Omit<PutAnswer, 'ticket'>;

export interface Transfer {
  /** Name for the log, such as `put /big.iso`. */
  readonly title: string;
  readonly size: number;
  /** Number of bytes of the file that have passed. */
  readonly position: number;
  /** Hashes the part of an earlier attempt. Returns what the client must know. Call it before `run`. */
  ready(): Promise<Ready>;
  /** Moves the bytes from offset `from` on. */
  run(channel: Duplex, from: number, onBytes: (length: number) => void): Promise<void>;
  /** Called after `run`. An upload compares its SHA-256 with the client's `sha256` and gets its name. */
  finish(sha256: string | undefined): Promise<Sums>;
  /** Gives back files, locks and quota. Always called at the end. Only the first call counts. */
  stop(why: unknown): Promise<void>;
}
