// The events that wait for one reader. This file is pure: it holds and counts, and the shell sends.
//
//   lines      what other users say. When `maxLines` of them wait, the reader is too slow, and later lines
//              are left out until the reader has taken all that waits. Then one notice says how many are
//              missing, and the room goes on from there. So the reader sees everything in order, with at
//              most one gap at a time, and the gap is marked.
//   answers    to the reader's own commands. They are never dropped: the server reads no more commands
//              instead.

export interface OutboxOptions<T> {
  readonly maxLines: number;
  /** Time in ms that a reader who misses lines may take nothing. */
  readonly patience: number;
  /** The notice in place of the lines that were missed. */
  readonly missed: (count: number) => T;
}

interface Entry<T> {
  readonly item: T;
  readonly isLine: boolean;
}

export class Outbox<T extends { readonly length: number }> {
  readonly #options: OutboxOptions<T>;
  #queue: Entry<T>[] = [];
  /** Index of the first entry that waits. The entries before it are gone. */
  #first = 0;
  #lines = 0;
  #answersLength = 0;
  #missed = 0;
  /** When the reader last took something. Used only while lines are left out. */
  #progressAt = 0;

  constructor(options: OutboxOptions<T>) {
    this.#options = options;
  }

  get length(): number {
    return this.#queue.length - this.#first;
  }

  /** Number of answers that wait. */
  get answers(): number {
    return this.length - this.#lines;
  }

  /** Length of these answers together: one `who` in a large room is as long as thousands of other answers. */
  get answersLength(): number {
    return this.#answersLength;
  }

  /** Queues a line, or counts it as missed. Returns whether the line was queued. */
  offer(item: T, now: number): boolean {
    if (this.#missed > 0 || this.#lines >= this.#options.maxLines) {
      // Patience starts with the first line that is missed.
      if (this.#missed++ === 0) {
        this.#progressAt = now;
      }
      return false;
    }
    this.#queue.push({ item, isLine: true });
    this.#lines++;
    return true;
  }

  answer(item: T): void {
    this.#queue.push({ item, isLine: false });
    this.#answersLength += item.length;
  }

  /** The next event for the reader. After the last one, the notice of missed lines, if there were any. */
  take(now: number): T | undefined {
    this.#progressAt = now;
    const entry = this.#queue[this.#first];
    if (entry === undefined) {
      return this.#takeNotice();
    }
    this.#first++;
    if (entry.isLine) {
      this.#lines--;
    } else {
      this.#answersLength -= entry.item.length;
    }
    // Drop taken entries now and then, so that a queue that is never empty does not grow.
    if (this.#first > this.#queue.length / 2) {
      this.#queue = this.#queue.slice(this.#first);
      this.#first = 0;
    }
    return entry.item;
  }

  /** Whether the reader misses lines and has taken nothing for too long. */
  isHopeless(now: number): boolean {
    return this.#missed > 0 && now - this.#progressAt > this.#options.patience;
  }

  /** Drops everything that waits. */
  clear(): void {
    this.#queue = [];
    this.#first = 0;
    this.#lines = 0;
    this.#answersLength = 0;
    this.#missed = 0;
  }

  #takeNotice(): T | undefined {
    if (this.#missed === 0) {
      return undefined;
    }
    const notice = this.#options.missed(this.#missed);
    this.#missed = 0;
    return notice;
  }
}
