// The async iterators over what a connection reads. Leaving a loop ends nothing: the next reader gets the
// value that the loop waited for.

import { OVER } from './waiter.ts';

/** What an iterator needs to know of the half that it reads from. */
export interface Reader {
  /** The pending read, as an opaque token; `undefined` if there is none. */
  waiting(): unknown;
  /** Ends the pending read: it resolves as done. */
  leave(): void;
}

type Read<T> = () => Promise<IteratorResult<T, undefined>>;

/** An iterator without a generator: three times as fast over the same promises. */
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
