// Reads as their caller sees them: a read that waits for bytes, and the async iterators. If the caller leaves
// a loop, reading does not end: the next reader gets the value that the loop waited for.

import { AsyncResource } from 'node:async_hooks';

/**
 * Function that returns what a reader waits for, or `undefined` if it has not come yet. Throws if it will
 * never come.
 */
export type Collect<S, R> = (from: S) => R | undefined;

export const OVER: IteratorReturnResult<undefined> = { done: true, value: undefined };
/** The name that async hooks show for a read. */
const READ_SCOPE = 'UNSTICK_READ';

/** A read that waits. */
export interface Waiter {
  /**
   * Collects what the reader waits for. If that has come, resolves the read and returns true; otherwise
   * returns false. Runs in the async context of the reader.
   */
  wants(): boolean;
  /** Calls `run` in the async context of the reader. */
  runInAsyncScope(run: () => void): void;
  reject(error: unknown): void;
  /** Resolves an iteration as done, because the caller left its loop. */
  leave(): void;
}

interface Settle<R> {
  readonly resolve: (value: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The waiter of a read, which collects from `S`. Make it inside the call that reads, because it keeps the async
 * context of that call: `collect` runs the caller's callbacks (onSkip, parseHeader), and they must run in that
 * context and not in that of the socket, however the stream was cut. (`AsyncLocalStorage.snapshot` would cost
 * 40 µs.) It is one object without closures: most connections of a server have a waiter nearly all the time.
 */
export class PendingRead<S, R> extends AsyncResource implements Waiter {
  readonly #from: S;
  readonly #collect: Collect<S, R>;
  readonly #resolve: (value: R) => void;
  readonly reject: (error: unknown) => void;

  constructor(from: S, collect: Collect<S, R>, { resolve, reject }: Settle<R>) {
    super(READ_SCOPE);
    this.#from = from;
    this.#collect = collect;
    this.#resolve = resolve;
    this.reject = reject;
  }

  wants(): boolean {
    const result = this.runInAsyncScope(this.#collect, undefined, this.#from);
    if (result === undefined) {
      return false;
    }
    this.#resolve(result);
    return true;
  }

  leave(): void {
    // The cast is safe: only an iteration can be left, and the result of an iteration can be "done".
    this.#resolve(OVER as R & typeof OVER);
  }
}

/** Takes the values of a connection in batches, without a promise for each batch. */
export interface Sink<T> {
  /**
   * Takes all values that have come whole. Returns true to stop the reading, for example to pause it. Must not
   * throw.
   */
  onBatch(batch: T[]): boolean;
  /** Called when no more values come: after the end without an error, otherwise with the error. */
  onReadingOver(error?: unknown): void;
}

/**
 * The waiter of a sink. It waits from one batch to the next, so that neither a waiting peer nor a batch costs a
 * promise.
 */
export class Feeding<S, T> extends AsyncResource implements Waiter {
  readonly #from: S;
  readonly #collect: Collect<S, IteratorResult<T[], undefined>>;
  readonly #sink: Sink<T>;

  constructor(from: S, collect: Collect<S, IteratorResult<T[], undefined>>, sink: Sink<T>) {
    super(READ_SCOPE);
    this.#from = from;
    this.#collect = collect;
    this.#sink = sink;
  }

  wants(): boolean {
    return this.runInAsyncScope(() => this.#feed());
  }

  /** Returns whether the sink stopped the reading, or reading is over. */
  #feed(): boolean {
    const collect = this.#collect;
    for (let next = collect(this.#from); next !== undefined; next = collect(this.#from)) {
      if (next.done === true) {
        this.#sink.onReadingOver();
        return true;
      }
      if (this.#sink.onBatch(next.value)) {
        return true;
      }
    }
    return false;
  }

  reject(error: unknown): void {
    this.#sink.onReadingOver(error);
  }

  leave(): void {
    this.#sink.onReadingOver();
  }
}

/** The methods that an iterator needs of the half that it reads from. */
export interface Reader {
  /** Returns the pending read as an opaque token, or `undefined` if there is none. */
  waiting(): unknown;
  /** Resolves the pending read as done. */
  leave(): void;
}

type Read<R, T> = (reader: R) => Promise<IteratorResult<T, undefined>>;

/**
 * An async iterator that is no generator. It is three times as fast as a generator over the same promises.
 */
class Reading<R extends Reader, T> implements AsyncIterableIterator<T, undefined> {
  readonly #reader: R;
  readonly #read: Read<R, T>;
  /** The last read of this iterator that had to wait, and its token. */
  #tail: Promise<IteratorResult<T, undefined>> | undefined;
  #ticket: unknown;
  #isLeft = false;

  constructor(reader: R, read: Read<R, T>) {
    this.#reader = reader;
    this.#read = read;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#isLeft || this.#reader.waiting() !== undefined) {
      return this.#askLater();
    }
    const result = this.#read(this.#reader);
    const ticket = this.#reader.waiting();
    // Usually the value was already there, and there is no token to remember.
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

  /**
   * Reads the next value. If another read was pending, this method keeps no token, so that `return()` does
   * not end that other read.
   */
  #ask(): Promise<IteratorResult<T, undefined>> {
    const others = this.#reader.waiting();
    const result = this.#read(this.#reader);
    this.#ticket = others === undefined ? this.#reader.waiting() : undefined;
    return result;
  }

  /**
   * Answers a `next` that was called while a read is pending, or after `return()`. As with async generators,
   * earlier calls are answered first.
   */
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

/** Makes an iterator whose `next` calls `read` with the reader. */
export function iterate<R extends Reader, T>(
  reader: R,
  read: Read<R, T>,
): AsyncIterableIterator<T, undefined> {
  return new Reading(reader, read);
}

/**
 * Calls `run` in the async context of the reader. If no reader waits, the reader itself is calling: its visitor
 * has made the duplex emit a chunk.
 */
export function inScopeOf(waiter: Waiter | undefined, run: () => void): void {
  if (waiter === undefined) {
    run();
  } else {
    waiter.runInAsyncScope(run);
  }
}

/** Makes nothing of the result of a read whose caller only waits for its end. */
export function ignored(): undefined {
  return undefined;
}

export function valueOf<T>({ value }: IteratorResult<T, undefined>): T | undefined {
  return value;
}
