// One call that may be given up: a deadline for the whole of it, and a signal. Both look at the input once
// more before they fire, so that an answer that came in time is never called late.

import type { UnstickError } from '../errors.ts';
import { afterInput } from './deadline.ts';
import * as transport from './transport.ts';

interface CallLimits {
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs `call`. When its time or its signal is over, `giveUp` is asked to end it with that error.
 * `remoteAddress` is for the words of the error.
 */
export async function limited<R>(
  call: Promise<R>,
  { timeout, signal }: CallLimits,
  giveUp: { with(error: UnstickError): void; readonly remoteAddress: string | undefined },
): Promise<R> {
  const { remoteAddress } = giveUp;
  let isOver = false;
  const expire = (): void =>
    afterInput(() => {
      if (!isOver) giveUp.with(transport.timedOut(timeout, remoteAddress));
    });
  const timer = timeout === Infinity ? undefined : setTimeout(expire, timeout);
  const abort = (): void => {
    if (signal !== undefined) giveUp.with(transport.givenUp(signal, remoteAddress));
  };
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted === true) abort();
  try {
    return await call;
  } finally {
    isOver = true;
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}
