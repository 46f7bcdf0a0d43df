// Runs one call that a deadline or a signal may give up. Before the deadline expires it reads the input once
// more, so that an answer that came in time is not reported as late.

import { unwatchAbort, watchAbort } from '../abort.ts';
import { ConnectionError, isUnstickError } from '../errors.ts';
import type { UnstickError } from '../errors.ts';
import { afterInput } from './deadline.ts';
import { givenUp, timedOut } from './transport.ts';

interface CallLimits {
  /** Time in ms for the call. Infinity means no limit. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  /**
   * Function that is called with the error when a limit ends the call. The function must stop the work of the
   * call. Default: none.
   */
  readonly cancel?: (error: UnstickError) => void;
}

/**
 * Settles as `call` does, or rejects with the error of the limit that ended the call. The remote's address is
 * read only when a limit ends the call, because a call may begin before its socket is connected.
 */
export function limited<R>(
  call: Promise<R>,
  { timeout, signal, cancel }: CallLimits,
  connection: { readonly remoteAddress: string | undefined },
): Promise<R> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const giveUp = (error: UnstickError): void => {
      if (isOver) {
        return;
      }
      cancel?.(error);
      reject(error);
    };
    const expire = (): void =>
      afterInput(() => giveUp(timedOut(timeout, connection.remoteAddress)));
    const timer = timeout === Infinity ? undefined : setTimeout(expire, timeout);
    const abort = (): void => {
      if (signal !== undefined) {
        giveUp(givenUp(signal, connection.remoteAddress));
      }
    };
    const settle = (): void => {
      isOver = true;
      clearTimeout(timer);
      unwatchAbort(signal, abort);
    };
    call.finally(settle).then(resolve, reject);
    watchAbort(signal, abort);
  });
}

/**
 * Returns a promise that settles as `call` does. If the caller does not await that promise, a ConnectionError
 * or an ERR_MESSAGE_BODY_MISMATCH does not end the process. Any other error does end the process, for example
 * the error of a call with wrong arguments.
 */
export function reported<R>(call: Promise<R>): Promise<R> {
  const result = new Promise<R>((resolve, reject) => {
    call.then(resolve, (error: unknown) => {
      if (isInClosed(error)) {
        result.catch(() => undefined);
      }
      reject(error);
    });
  });
  return result;
}

/**
 * Marks a promise as handled and returns it: if it rejects and nobody awaits it, the process does not end.
 * `closed` or a send reports the same failure.
 */
export function handled<R>(promise: Promise<R>): Promise<R> {
  promise.catch(() => undefined);
  return promise;
}

function isInClosed(error: unknown): boolean {
  if (error instanceof ConnectionError) {
    return true;
  }
  return isUnstickError(error) && error.code === 'ERR_MESSAGE_BODY_MISMATCH';
}
