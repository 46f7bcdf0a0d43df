// A queue whose items can also be removed from the middle. Pushing, taking and removing an item each take
// constant time. This file is pure.

/** The place of an item in the queue. */
export interface Entry<T> {
  readonly item: T;
  next: Entry<T> | undefined;
  previous: Entry<T> | undefined;
  isIn: boolean;
}

export class Fifo<T> {
  #first: Entry<T> | undefined;
  #last: Entry<T> | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): Entry<T> {
    const place: Entry<T> = { item, next: undefined, previous: this.#last, isIn: true };
    if (this.#last === undefined) {
      this.#first = place;
    } else {
      this.#last.next = place;
    }
    this.#last = place;
    this.#length++;
    return place;
  }

  peek(): T | undefined {
    return this.#first?.item;
  }

  shift(): T | undefined {
    const first = this.#first;
    if (first !== undefined) {
      this.remove(first);
    }
    return first?.item;
  }

  /** Removes an item, wherever it stands. Returns false if it was removed before. */
  remove(place: Entry<T>): boolean {
    if (!place.isIn) {
      return false;
    }
    const { next, previous } = place;
    if (previous === undefined) {
      this.#first = next;
    } else {
      previous.next = next;
    }
    if (next === undefined) {
      this.#last = previous;
    } else {
      next.previous = previous;
    }
    // An entry that was removed must not keep its neighbours in memory.
    place.next = undefined;
    place.previous = undefined;
    place.isIn = false;
    this.#length--;
    return true;
  }

  clear(): void {
    while (this.shift() !== undefined) {}
  }

  /** Returns all entries, in order. */
  places(): Entry<T>[] {
    const places: Entry<T>[] = [];
    for (let place = this.#first; place !== undefined; place = place.next) {
      places.push(place);
    }
    return places;
  }
}
