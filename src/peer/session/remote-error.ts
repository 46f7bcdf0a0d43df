// The error that a handler throws to refuse a request, and that the requester gets. This file is pure.

import { UnstickError } from '../../errors.ts';
import { printable } from '../../text.ts';

/**
 * Error of a request that the remote refused, or whose handler failed there. A handler throws it to refuse a
 * request, and the requester gets its code, message and details unchanged. `remoteMessage` is the text as it
 * was given. `message` is the same text if it is safe to print, and otherwise the text quoted, escaped and
 * cut.
 */
export class RemoteError extends UnstickError {
  override readonly name = 'RemoteError';
  /**
   * Code that the handler gave, or HANDLER_FAILED if the handler threw any other error. HANDLER_TIMEOUT,
   * NO_HANDLER and BUSY come from the remote's peer itself.
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

/** Returns plain text unchanged, and any other text as `printable` shows it. */
function readable(text: string): string {
  const shown = printable(text);
  return shown === `"${text}"` ? text : shown;
}
