// The error that a handler throws to refuse a request. The requester gets the same error. Pure.

import { UnstickError } from '../../errors.ts';
import { printable } from '../../text.ts';

/**
 * The error of a request that the remote refused, or whose handler failed there. A handler throws it to
 * refuse a request: the requester gets its code, message and details as they are. `remoteMessage` is the text
 * as it was given. `message` is the same text where it is safe to print, else quoted, escaped and cut.
 */
export class RemoteError extends UnstickError {
  override readonly name = 'RemoteError';
  /**
   * Code that the handler gave, or HANDLER_FAILED if it threw any other error. The remote's peer itself gives
   * HANDLER_TIMEOUT, NO_HANDLER and BUSY.
   */
  readonly remoteCode: string;
  /** Any JSON value. */
  readonly details: unknown;

  constructor(remoteCode: string, message: string, options: { readonly details?: unknown } = {}) {
    super('ERR_REMOTE', readable(message), { remoteMessage: message });
    this.remoteCode = remoteCode;
    this.details = options.details;
  }
}

/** Plain text as it is; anything else as `printable` shows it. */
function readable(text: string): string {
  const shown = printable(text);
  return shown === `"${text}"` ? text : shown;
}
