// The async iterators of this package: what reading gives, in a loop. Leaving a loop ends nothing.

/** An iterator made by hand: three times as fast as a generator over the same promises. */
class Reading<T> implements AsyncIterableIterator<T, undefined> {
  readonly next: () => Promise<IteratorResult<T, undefined>>;

  constructor(read: () => Promise<IteratorResult<T, undefined>>) {
    this.next = read;
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

export function iterate<T>(
  read: () => Promise<IteratorResult<T, undefined>>,
): AsyncIterableIterator<T, undefined> {
  return new Reading(read);
}

export function valueOf<T>({ value }: IteratorResult<T, undefined>): T | undefined {
  return value;
}
