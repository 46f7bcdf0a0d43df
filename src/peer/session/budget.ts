// How many bytes may be held at a time, of things that come and go. Pure.

export class Budget {
  readonly #limit: number;
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether there is room for this. A single thing always fits: its own limit was checked before. */
  fits(length: number): boolean {
    return this.#held === 0 || this.#held + length <= this.#limit;
  }

  hold(length: number): void {
    this.#held += length;
  }

  release(length: number): void {
    this.#held -= length;
  }
}
