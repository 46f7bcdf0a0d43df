// What uploads and downloads have in common, for whoever runs them.

import type { Duplex } from 'node:stream';
import type { Sums } from '../both/checksums.ts';
import type { GetAnswer, PutAnswer } from '../both/wire.ts';

/** What is answered besides the ticket. */
export type Ready = Omit<GetAnswer, 'ticket'> | Omit<PutAnswer, 'ticket'>;

export interface Transfer {
  /** For the log: `put /big.iso`. */
  readonly title: string;
  readonly size: number;
  /** How many bytes of the file are through. */
  readonly position: number;
  /** Reads what is there from an earlier attempt; after it, `run` may be called. */
  ready(): Promise<Ready>;
  /** Moves the bytes, from `from` on. */
  run(channel: Duplex, from: number, onBytes: () => void): Promise<void>;
  /** After `run`: compares the checksums, and puts the file in its place. `sha256` is the client's. */
  finish(sha256: string | undefined): Promise<Sums>;
  /** Gives back everything it holds. Called in the end, whatever happened; only the first call counts. */
  stop(why: unknown): Promise<void>;
}
