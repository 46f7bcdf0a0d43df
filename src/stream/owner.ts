// What the reading and the writing half know of their connection.

import type { UnstickError } from '../errors.ts';
import type { ResolvedFramedOptions } from './framed-options.ts';

export interface Owner {
  readonly options: ResolvedFramedOptions;
  readonly remoteAddress: string | undefined;
  /** Bytes came in or went out. */
  onBytes(): void;
  /** A chunk came, or is handed to the duplex. Called only while `unstick:chunk` has subscribers. */
  onChunk(direction: 'in' | 'out', bytes: Uint8Array): void;
  /** A value was handed to a reader. Called only while `unstick:frame` has subscribers. */
  onValue(value: unknown): void;
  /** Reading failed, for example because of a bad frame. */
  onError(error: UnstickError): void;
  /** Ends the connection because of `error`: a clock fired, or the queue is full. */
  fail(error: UnstickError): void;
}
