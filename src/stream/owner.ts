// What the two halves of a connection know of the connection.

import type { ConnectionError, UnstickError } from '../errors.ts';
import type { ResolvedOptions } from './framed-options.ts';

export interface Owner {
  readonly options: ResolvedOptions;
  readonly remoteAddress: string | undefined;
  /** Bytes came in or went out. */
  onBytes(): void;
  /** Is told of every value that is handed over, when somebody subscribes to that. */
  onValue(value: unknown): void;
  /** Is told of every error of the bytes that came, as a reader gets it. */
  onError(error: UnstickError): void;
  /** The remote stalled: the connection has to end. */
  onStall(error: ConnectionError): void;
}
