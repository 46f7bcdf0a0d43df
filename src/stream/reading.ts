// Reads as their caller sees them: the read that waits for what has not come yet, and the async iterators.
// Leaving a loop ends nothing: the next reader gets the value that the loop waited for.

import { AsyncResource } from 'node:async_hooks';

/** What a reader waits for: `undefined` while it has not come. Throws when it never will. */
export type Collect<R> = () => R | undefined;

export const OVER: IteratorReturnResult<undefined> = { done: true, value: undefined };
/** What async hooks call a read. */
export const READ_SCOPE = 'UNSTICK_READ';

export interface Waiter {
  /** Whether the reader has what it wanted. Runs in the async context of the reader. */
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

/** What an iterator needs to know of the half that it reads from. */
export interface Reader {
  /** The pending read, as an opaque token; `undefined` if there is none. */
  waiting(): unknown;
  /** Ends the pending read: it resolves as done. */
  leave(): void;
}

type Read<T> = () => Promise<IteratorResult<T, undefined>>;

/**
 * An async iterator that is no generator. Over the same promises this iterator is three times as fast as a
 * generator.
 */
class Reading<T> implements AsyncIterableIterator<T, undefined> {
  readonly #reader: Reader;
  readonly #read: Read<T>;
  /** The last read of this iterator that had to wait, and its token. */
  #tail: Promise<IteratorResult<T, undefined>> | undefined;
  #ticket: unknown;
  #isLeft = false;

  constructor(reader: Reader, read: Read<T>) {
    this.#reader = reader;
    this.#read = read;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#isLeft || this.#reader.waiting() !== undefined) {
      return this.#askLater();
    }
    const result = this.#read();
    const ticket = this.#reader.waiting();
    // Usually the value was there, and there is nothing to remember.
    if (ticket !== this.#ticket) {
      this.#ticket = ticket;
      this.#tail = ticket === undefined ? undefined : result;
    }
    return result;
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#isLeft = true;
    if (this.#ticket !== undefined && this.#reader.waiting() === this.#ticket) {
      this.#reader.leave();
    }
    return Promise.resolve(OVER);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Reads. This iterator may end the read on `return()` only if no other read was pending. */
  #ask(): Promise<IteratorResult<T, undefined>> {
    const others = this.#reader.waiting();
    const result = this.#read();
    this.#ticket = others === undefined ? this.#reader.waiting() : undefined;
    return result;
  }

  /** Answers an early `next` once the calls before it are answered, as async generators do. */
  #askLater(): Promise<IteratorResult<T, undefined>> {
    if (this.#isLeft) {
      return Promise.resolve(OVER);
    }
    if (this.#tail === undefined) {
      return this.#ask();
    }
    const again = (): Promise<IteratorResult<T, undefined>> =>
      this.#isLeft ? Promise.resolve(OVER) : this.#ask();
    this.#tail = this.#tail.then(again, again);
    return this.#tail;
  }
}

export function iterate<T>(reader: Reader, read: Read<T>): AsyncIterableIterator<T, undefined> {
  return new Reading(reader, read);
}

export function valueOf<T>({ value }: IteratorResult<T, undefined>): T | undefined {
  return value;
}
