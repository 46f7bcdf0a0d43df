// Lists hold the rows of a trace that a filter takes, as numbers. A list grows with its trace, and forgets
// the rows that the trace forgets.
//
// Positions count from the first row that the list ever had. So the position of a row stays the same as long
// as the list is kept, and a page that waits shows the same rows when it goes on.

import type { Filter } from './rows.ts';
import type { Trace } from './trace.ts';

/**
 * Maximum number of lists that are kept. Each page has about two. If a list was dropped and is made again,
 * its positions count from the first row that the trace has at that time.
 */
const MAX_LISTS = 16;
const FIRST_LENGTH = 1024;

/** The rows of one filter. */
export interface List {
  /** Position of the oldest row that the list still has. */
  readonly first: number;
  /** Position behind the last row. */
  readonly end: number;
  /** Returns the number of the row at a position, or `undefined` outside of the list. */
  idAt(position: number): number | undefined;
  /** Returns the position of the first row whose number is at least `id`. */
  positionOf(id: number): number;
}

/** The list of all rows. The position of a row is its number. */
class WholeList implements List {
  readonly #trace: Trace;

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  get first(): number {
    return this.#trace.first;
  }

  get end(): number {
    return this.#trace.end;
  }

  idAt(position: number): number | undefined {
    return position >= this.first && position < this.end ? position : undefined;
  }

  positionOf(id: number): number {
    return Math.max(this.first, Math.min(id, this.end));
  }
}

class FilteredList implements List {
  readonly #trace: Trace;
  readonly #filter: Filter;
  /** Numbers of rows. The numbers in front of `#start` were forgotten. */
  #ids: Float64Array = new Float64Array(FIRST_LENGTH);
  #start = 0;
  #length = 0;
  /** Position of the row at index 0 of `#ids`. */
  #base = 0;
  /** Number behind the last row that this list has looked at. */
  #seen = 0;

  constructor(trace: Trace, filter: Filter) {
    this.#trace = trace;
    this.#filter = filter;
    this.#seen = trace.first;
  }

  get first(): number {
    return this.#base + this.#start;
  }

  get end(): number {
    return this.#base + this.#length;
  }

  idAt(position: number): number | undefined {
    const at = position - this.#base;
    return at >= this.#start && at < this.#length ? this.#ids[at] : undefined;
  }

  positionOf(id: number): number {
    let low = this.#start;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ids[middle] ?? 0) < id) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return this.#base + low;
  }

  /** Adds the new rows of the trace, and forgets the rows that the trace has forgotten. */
  update(): void {
    const { first, end } = this.#trace;
    for (let id = Math.max(this.#seen, first); id < end; id++) {
      if (this.#takes(id)) {
        this.#append(id);
      }
    }
    this.#seen = end;
    while (this.#start < this.#length && (this.#ids[this.#start] ?? 0) < first) {
      this.#start++;
    }
  }

  #takes(id: number): boolean {
    const found = this.#trace.find(id);
    if (found === undefined) {
      return false;
    }
    const { block, at } = found;
    const { conversation, direction, errors } = this.#filter;
    return (
      (conversation === undefined || block.conversationOf(at) === conversation) &&
      (direction === undefined || block.isToClient(at) === (direction === 'b>a')) &&
      (errors !== true || !block.isFrame(at))
    );
  }

  #append(id: number): void {
    if (this.#length === this.#ids.length) {
      this.#makeRoom();
    }
    this.#ids[this.#length] = id;
    this.#length++;
  }

  #makeRoom(): void {
    const kept = this.#ids.subarray(this.#start, this.#length);
    const isHalfEmpty = kept.length * 2 <= this.#ids.length;
    const larger = new Float64Array(isHalfEmpty ? this.#ids.length : this.#ids.length * 2);
    larger.set(kept);
    this.#base += this.#start;
    this.#start = 0;
    this.#length = kept.length;
    this.#ids = larger;
  }
}

/** The lists of one trace. When there are too many, the list that was not used for longest is dropped. */
export class Lists {
  readonly #trace: Trace;
  readonly #whole: WholeList;
  readonly #lists = new Map<string, FilteredList>();

  constructor(trace: Trace) {
    this.#trace = trace;
    this.#whole = new WholeList(trace);
  }

  /** Returns the list of a filter, brought up to date with the trace. */
  of(filter: Filter): List {
    const { conversation, direction, errors = false } = filter;
    if (conversation === undefined && direction === undefined && !errors) {
      return this.#whole;
    }
    const key = `${conversation ?? ''} ${direction ?? ''} ${errors}`;
    const list = this.#lists.get(key) ?? new FilteredList(this.#trace, filter);
    this.#lists.delete(key);
    this.#lists.set(key, list);
    if (this.#lists.size > MAX_LISTS) {
      this.#lists.delete(this.#lists.keys().next().value ?? '');
    }
    list.update();
    return list;
  }
}
