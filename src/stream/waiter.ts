// A read that waits for what has not come yet.

import { AsyncResource } from 'node:async_hooks';

/** What a reader waits for: `undefined` while it has not come. Throws when it never will. */
export type Collect<R> = () => R | undefined;

export const OVER: IteratorReturnResult<undefined> = { done: true, value: undefined };
/** The type that async hooks show for a read. */
export const READ_SCOPE = 'UNSTICK_READ';

export interface Waiter {
  /**
   * Resolves the read if what it waits for has come, and returns whether it did. Runs in the async context of
   * the reader. Throws the error that the read must reject with.
   */
  readonly wants: () => boolean;
  readonly reject: (error: unknown) => void;
  /** Resolves an iteration as done, because its loop was left. */
  readonly leave: () => void;
}

interface Settle<R> {
  readonly resolve: (value: R) => void;
  readonly reject: (error: unknown) => void;
}

/** Makes the waiter of a read. Call it inside the call that reads: the waiter keeps its async context. */
export function waiterFor<R>(collect: Collect<R>, { resolve, reject }: Settle<R>): Waiter {
  // The caller's callbacks (onSkip, parseHeader) run inside `collect`. They run in the context of this
  // call, and not of the socket, however the stream was cut. (`AsyncLocalStorage.snapshot` costs 40 µs.)
  const scope = new AsyncResource(READ_SCOPE);
  const wants = (): boolean => {
    const result = scope.runInAsyncScope(collect);
    if (result === undefined) {
      return false;
    }
    resolve(result);
    return true;
  };
  // Only iterations are left, and their results can say "done".
  const leave = (): void => resolve(OVER as R & typeof OVER);
  return { wants, reject, leave };
}
