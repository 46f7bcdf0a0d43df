// The last lines of a room, in a ring: a new line takes the place of the oldest.

export class History<Line> {
  readonly #capacity: number;
  readonly #lines: Line[] = [];
  /** Where the next line goes, once the ring is full. */
  #next = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(line: Line): void {
    if (this.#capacity === 0) {
      return;
    }
    if (this.#lines.length < this.#capacity) {
      this.#lines.push(line);
      return;
    }
    this.#lines[this.#next] = line;
    this.#next = (this.#next + 1) % this.#capacity;
  }

  /** The lines, the oldest first. */
  lines(): Line[] {
    return [...this.#lines.slice(this.#next), ...this.#lines.slice(0, this.#next)];
  }
}
