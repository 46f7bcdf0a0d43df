// Counts bytes that are held for a while, against a limit. Pure.

export class Budget {
  readonly #limit: number;
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Whether `length` more bytes fit. If nothing is held, any length fits, because each has a limit of its
   * own.
   */
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
