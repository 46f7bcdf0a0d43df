// What a handler says when it cannot do what it was asked for; the same on both sides. Pure.

import { UnstickError } from '../../errors.ts';

/**
 * A handler of the remote refused or failed. Thrown by a handler, it is what the requester gets: code,
 * message and details travel as they are.
 */
export class RemoteError extends UnstickError {
  override readonly name = 'RemoteError';
  /** What the handler said, in words of the application; `HANDLER_FAILED` when it said nothing. */
  readonly remoteCode: string;
  /** Any JSON value. */
  readonly details: unknown;

  constructor(remoteCode: string, message: string, options: { readonly details?: unknown } = {}) {
    super('ERR_REMOTE', message);
    this.remoteCode = remoteCode;
    this.details = options.details;
  }
}
