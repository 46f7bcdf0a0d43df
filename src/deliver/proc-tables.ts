// The kernel's TCP tables as open files, on one Linux machine. tables/proc-net-tcp.ts reads their text.
// kernel-tables.ts asks the kernel for single rows where it can, and uses this file where it cannot.
//
// The cost of a look (measured, 262 144 buckets): the kernel walks its hash table up to the row. The whole walk
// takes 0.8 ms, and several times that beside processes that fill the caches. The kernel prints each row on the
// way in 0.6 µs. A read returns one page, which is 27 rows, so a table of 5000 rows takes 180 reads and 13 ms.
// Rows of TIME_WAIT stay for a minute, and every schedule of the prover leaves one. Two rules follow:
// - A row that was found is read again at its place, in one read. That takes 4 ms where the table took 13. It is
//   the cheapest way, although the kernel prints all rows before that place again.
// - Gates that look in the same turn share one pass over the table.

import { closeSync, openSync, readSync } from 'node:fs';
import { findRow, hasListener, inputQueuesEmpty } from './tables/proc-net-tcp.ts';
import type { Queues } from './tables/proc-net-tcp.ts';

const BUFFER = Buffer.allocUnsafe(64 * 1024);

/**
 * Length in bytes of about ten rows. A row moves when earlier rows come and go, so the read begins this much
 * before the place where the row was.
 */
const LEAD = 1500;

function open(name: string): number | undefined {
  try {
    return openSync(`/proc/net/${name}`, 'r');
  } catch {
    // /proc is hidden, or the kernel has no such table. Neither is a fault.
    return undefined;
  }
}

/** Reads from an offset until `see` returns true, or to the end. Every read gives whole rows. */
function readFrom(file: number, offset: number, see: (text: string, at: number) => boolean): void {
  for (let position = offset; ;) {
    const count = readSync(file, BUFFER, 0, BUFFER.length, position);
    if (count === 0 || see(BUFFER.toString('latin1', 0, count), position)) {
      return;
    }
    position += count;
  }
}

/**
 * A socket to look for, in every form in which the tables may print it, and the place where it was found
 * last.
 */
export interface Sought {
  readonly local: readonly string[];
  readonly remote: readonly string[];
  place?: { readonly table: number; readonly at: number } | undefined;
}

/** A gate that waits for the row of a socket. */
interface Look {
  readonly sought: Sought;
  readonly tell: (queues: Queues | undefined) => void;
}

/** The text that one read of a table gave, and its offset in the table. */
interface Page {
  readonly table: number;
  readonly text: string;
  readonly from: number;
}

/** Looks for the rows in one page of a table. Returns the looks that are still without an answer. */
function answer(looks: readonly Look[], page: Page): Look[] {
  const { table, text, from } = page;
  return looks.filter(({ sought, tell }) => {
    const { local, remote, place } = sought;
    if (place !== undefined && place.at > from + text.length + LEAD) {
      return true;
    }
    for (const [index, form] of local.entries()) {
      const row = findRow(text, form, remote[index] ?? '');
      if (row !== undefined) {
        sought.place = { table, at: from + row.at };
        tell(row.queues);
        return false;
      }
    }
    return true;
  });
}

/** Looks for the rows in a table. Returns the looks that are still without an answer. */
function pass(looks: Look[], table: number, offset: number): Look[] {
  let left = looks;
  if (left.length > 0) {
    readFrom(table, offset, (text, from) => {
      left = answer(left, { table, text, from });
      return left.length === 0;
    });
  }
  return left;
}

/** The kernel's tables as open files. Make one object for a whole session, and call `close` at its end. */
export class ProcTables {
  readonly #tables: readonly number[];
  readonly #softnet: number | undefined;
  #looks: Look[] = [];
  #closed = false;

  private constructor(tables: readonly number[], softnet: number | undefined) {
    this.#tables = tables;
    this.#softnet = softnet;
  }

  /** Opens the tables. Returns `undefined` if there are none: this is not Linux, or /proc is hidden. */
  static open(): ProcTables | undefined {
    if (process.platform !== 'linux') {
      return undefined;
    }
    const tables = ['tcp', 'tcp6'].map(open).filter((file) => file !== undefined);
    return tables.length === 0 ? undefined : new ProcTables(tables, open('softnet_stat'));
  }

  /**
   * Resolves to the row of a socket, as it is in the next turn of the event loop, or to `undefined` if there
   * is none.
   */
  queues(sought: Sought): Promise<Queues | undefined> {
    return new Promise((tell) => {
      this.#looks.push({ sought, tell });
      if (this.#looks.length === 1) {
        setImmediate(() => this.#answerAll());
      }
    });
  }

  #answerAll(): void {
    const looks = this.#looks;
    this.#looks = [];
    const tables = this.#closed ? [] : this.#tables;
    let left = looks.filter(({ sought }) => sought.place === undefined);
    for (const table of tables) {
      const known = looks.filter(({ sought }) => sought.place?.table === table);
      const first = Math.min(...known.map(({ sought }) => sought.place?.at ?? 0));
      for (const moved of pass(known, table, Math.max(0, first - LEAD))) {
        moved.sought.place = undefined;
        left.push(moved);
      }
    }
    for (const table of tables) {
      left = pass(left, table, 0);
    }
    for (const { tell } of left) {
      tell(undefined);
    }
  }

  /** Returns whether a process of this machine listens on the port. */
  listening(port: number): boolean {
    return this.#tables.some((table) => {
      let found: boolean | undefined;
      readFrom(table, 0, (text) => {
        found = hasListener(text, port);
        return found !== undefined;
      });
      return found === true;
    });
  }

  /**
   * Returns whether no segment is on its way between sockets of this machine. Returns false if the kernel
   * does not say.
   */
  nothingInFlight(): boolean {
    let text = '';
    if (this.#softnet !== undefined) {
      readFrom(this.#softnet, 0, (part) => {
        text += part;
        return false;
      });
    }
    return text !== '' && inputQueuesEmpty(text) === true;
  }

  close(): void {
    this.#closed = true;
    for (const file of [...this.#tables, this.#softnet]) {
      if (file !== undefined) {
        closeSync(file);
      }
    }
  }
}
