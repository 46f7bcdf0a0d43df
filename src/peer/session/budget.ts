// Counts bytes that are held for a while, against a limit. Pure.

export class Budget {
  readonly #limit: number;
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether this much more fits. The first one always fits: its own limit was checked before. */
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
