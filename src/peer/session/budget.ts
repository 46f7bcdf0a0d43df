// Counts bytes that are held for a while, and compares their number with a limit. This file is pure.

export class Budget {
  readonly #limit: number;
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Returns whether `length` more bytes fit. If no bytes are held, any length fits, because each single
   * length has a limit of its own.
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
