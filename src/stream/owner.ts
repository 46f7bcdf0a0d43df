// The part of a connection that its reading half and its writing half know.

import type { UnstickError } from '../errors.ts';
import type { ResolvedFramedOptions } from './framed-options.ts';

export interface Owner {
  readonly options: ResolvedFramedOptions;
  readonly remoteAddress: string | undefined;
  /** Called when bytes came in or went out. */
  onBytes(): void;
  /** Called with a chunk that came or is handed to the duplex, only while `unstick:chunk` has subscribers. */
  onChunk(direction: 'in' | 'out', bytes: Uint8Array): void;
  /** Called with a value that a reader was given, only while `unstick:frame` has subscribers. */
  onValue(value: unknown): void;
  /** Called when reading failed, for example because of a bad frame. */
  onError(error: UnstickError): void;
  /** Ends the connection because of `error`, for example when a clock fired or the queue is full. */
  fail(error: UnstickError): void;
}
