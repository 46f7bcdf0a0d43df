// What the reading and the writing half know of their connection.

import type { UnstickError } from '../errors.ts';
import type { ResolvedFramedOptions } from './framed-options.ts';

export interface Owner {
  readonly options: ResolvedFramedOptions;
  readonly remoteAddress: string | undefined;
  /** Bytes came in or went out. */
  onBytes(): void;
  /** A value was handed to a reader. Called only while `unstick:frame` has subscribers. */
  onValue(value: unknown): void;
  /** A reader was given an error of the bytes that came. */
  onError(error: UnstickError): void;
  /** Ends the connection because of `error`: the remote stalls, or takes nothing. */
  fail(error: UnstickError): void;
}
