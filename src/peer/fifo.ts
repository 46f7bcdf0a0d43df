// First in, first out; constant time at both ends, also with many thousands inside. Pure.

/** Behind so many taken ones the list is cut, once they are also the greater part of it. */
const CUT_AFTER = 64;

export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #start = 0;

  get length(): number {
    return this.#items.length - this.#start;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  peek(): T | undefined {
    return this.#items[this.#start];
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#start];
    this.#items[this.#start++] = undefined;
    if (this.#start > CUT_AFTER && this.#start * 2 > this.#items.length) {
      this.#items.splice(0, this.#start);
      this.#start = 0;
    }
    return item;
  }

  /** Takes all that satisfy `is` out of the middle. */
  remove(is: (item: T) => boolean): void {
    const kept = this.#items.slice(this.#start).filter((item) => item !== undefined && !is(item));
    this.#items = kept;
    this.#start = 0;
  }

  clear(): void {
    this.#items = [];
    this.#start = 0;
  }
}
