// The error that a handler throws to refuse a request. The requester gets the same error. Pure.

import { UnstickError } from '../../errors.ts';
import { printable } from '../../text.ts';

/**
 * A handler of the remote refused or failed. Thrown by a handler, it is what the requester gets: code,
 * message and details travel as they are. `remoteMessage` is the text as it was given; `message` is the
 * same where that is safe to print, else quoted, escaped and cut.
 */
export class RemoteError extends UnstickError {
  override readonly name = 'RemoteError';
  /**
   * Code that the handler gave. HANDLER_FAILED: it threw another error. The remote's peer itself gives
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
