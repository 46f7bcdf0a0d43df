// The async iterators of this package: what reading gives, in a loop. Leaving a loop ends nothing: the
// value that the loop waited for goes to the next reader.

import { OVER } from './waiter.ts';

/** The half that is read from, as far as an iterator must know it. */
export interface Reader {
  /** The read that waits now, as an opaque word; `undefined` where none does. */
  waiting(): unknown;
  /** Ends the read that waits: it resolves as done. */
  leave(): void;
}

type Read<T> = () => Promise<IteratorResult<T, undefined>>;

/** An iterator made by hand: three times as fast as a generator over the same promises. */
class Reading<T> implements AsyncIterableIterator<T, undefined> {
  readonly #reader: Reader;
  readonly #read: Read<T>;
  /** The last read of this iterator that had to wait, and its word. */
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
    // Mostly the value was there, and nothing has to be remembered.
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

  /** Reads; the read is this iterator's own to leave only if nobody else waited before. */
  #ask(): Promise<IteratorResult<T, undefined>> {
    const others = this.#reader.waiting();
    const result = this.#read();
    this.#ticket = others === undefined ? this.#reader.waiting() : undefined;
    return result;
  }

  /** As async generators do it: a `next` that comes early is answered after the ones before it. */
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
