// One call that may be given up, by a deadline for the whole call or by a signal. The deadline reads the
// input once more before it fires, so that an answer that came in time is never called late.

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
   * Function that is called with the error when a limit ends the call. It must give up the work of the call.
   * Default: none.
   */
  readonly cancel?: (error: UnstickError) => void;
}

/**
 * The outcome of `call`, or the error of the limit that ended it. The remote's address is read only when a
 * limit ends the call, because a call may begin before its socket is connected.
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
 * Returns a promise with the same outcome. If the caller does not await it, a ConnectionError or
 * ERR_MESSAGE_BODY_MISMATCH does not end the process. Any other error does, such as that of a wrong call.
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

/** The same promise. The caller need not await it, because `closed` or a send reports the failure as well. */
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
