// What waits for one reader. Pure: it holds and counts, and the shell sends.
//
//   lines      what others say. When `maxLines` of them wait, the reader is too slow: no more are queued
//              until all that waits has been taken. Then comes one notice of how many were missed, and
//              the room goes on from there. So a reader sees everything in order, with at most one gap
//              at a time, and the gap is marked.
//   answers    to the reader's own commands. Never dropped: the server reads no more commands instead.

export interface OutboxOptions<T> {
  readonly maxLines: number;
  /** How long in ms a reader that misses lines may take nothing. */
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
  /** The first that waits; those before it are gone. */
  #first = 0;
  #lines = 0;
  #answersLength = 0;
  #missed = 0;
  /** When the reader last took something; counts while lines are missed. */
  #progressAt = 0;

  constructor(options: OutboxOptions<T>) {
    this.#options = options;
  }

  get length(): number {
    return this.#queue.length - this.#first;
  }

  /** Answers that wait. */
  get answers(): number {
    return this.length - this.#lines;
  }

  /** Their length together: one to `who` in a room of thousands is as long as thousands of others. */
  get answersLength(): number {
    return this.#answersLength;
  }

  /** Queues a line, or counts it as missed; says which. */
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

  /** The next for the reader; the notice when that was all and some were missed. */
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
    // Now and then what was taken is let go of, so that a queue that is never empty does not grow.
    if (this.#first > this.#queue.length / 2) {
      this.#queue = this.#queue.slice(this.#first);
      this.#first = 0;
    }
    return entry.item;
  }

  /** Whether it misses lines and has taken nothing for too long, so that its user does not read. */
  isHopeless(now: number): boolean {
    return this.#missed > 0 && now - this.#progressAt > this.#options.patience;
  }

  /** Nothing waits any more. */
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
