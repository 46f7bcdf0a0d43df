// First in, first out, and out of the middle: each in constant time, also with many thousands inside. Pure.

/** A place in the line. */
export interface Place<T> {
  readonly item: T;
  next: Place<T> | undefined;
  previous: Place<T> | undefined;
  isIn: boolean;
}

export class Fifo<T> {
  #first: Place<T> | undefined;
  #last: Place<T> | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): Place<T> {
    const place: Place<T> = { item, next: undefined, previous: this.#last, isIn: true };
    if (this.#last === undefined) this.#first = place;
    else this.#last.next = place;
    this.#last = place;
    this.#length++;
    return place;
  }

  peek(): T | undefined {
    return this.#first?.item;
  }

  shift(): T | undefined {
    const first = this.#first;
    if (first !== undefined) this.remove(first);
    return first?.item;
  }

  /** False where it was out already. */
  remove(place: Place<T>): boolean {
    if (!place.isIn) return false;
    const { next, previous } = place;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    // One that was taken out must not hold those behind it.
    place.next = undefined;
    place.previous = undefined;
    place.isIn = false;
    this.#length--;
    return true;
  }

  clear(): void {
    while (this.shift() !== undefined);
  }

  /** Those that are in now, in order. */
  places(): Place<T>[] {
    const places: Place<T>[] = [];
    for (let place = this.#first; place !== undefined; place = place.next) places.push(place);
    return places;
  }
}
