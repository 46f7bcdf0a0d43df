// The kernel's TCP tables as open files, for one Linux machine. What the text means: proc-net-tcp.ts.
// A look costs about 0.8 ms, as the kernel walks its whole hash table: look only when it is due.

import { closeSync, openSync, readSync } from 'node:fs';
import { findQueues, hasListener, inputQueuesEmpty } from './proc-net-tcp.ts';
import type { Queues } from './proc-net-tcp.ts';

const BUFFER = Buffer.allocUnsafe(64 * 1024);

function open(name: string): number | undefined {
  try {
    return openSync(`/proc/net/${name}`, 'r');
  } catch {
    return undefined; // Hidden, or a kernel without it: a result, not a fault.
  }
}

/** The text, read until it ends or holds what is sought: rows are never torn, a table may be long. */
function readUntil<T>(file: number, seek: (text: string) => T | undefined): T | undefined {
  for (let position = 0; ;) {
    const count = readSync(file, BUFFER, 0, BUFFER.length, position);
    if (count === 0) {
      return undefined;
    }
    const found = seek(BUFFER.toString('latin1', 0, count));
    if (found !== undefined) {
      return found;
    }
    position += count;
  }
}

/** A socket, in every form in which the tables may print it, and where it was found last. */
export interface Sought {
  readonly local: readonly string[];
  readonly remote: readonly string[];
  table?: number;
}

/** The open tables of this machine. One for a whole session; `close` it. */
export class KernelTables {
  readonly #tables: readonly number[];
  readonly #softnet: number | undefined;

  private constructor(tables: readonly number[], softnet: number | undefined) {
    this.#tables = tables;
    this.#softnet = softnet;
  }

  /** `undefined` where there are none: not Linux, or /proc hidden. */
  static open(): KernelTables | undefined {
    if (process.platform !== 'linux') {
      return undefined;
    }
    const tables = ['tcp', 'tcp6'].map(open).filter((file) => file !== undefined);
    return tables.length === 0 ? undefined : new KernelTables(tables, open('softnet_stat'));
  }

  /** A socket's row. Remembers its table, as the other one costs as much to read. */
  queues(sought: Sought): Queues | undefined {
    const known = sought.table;
    for (const table of known === undefined ? this.#tables : [known]) {
      const found = readUntil(table, (text) => {
        for (const [index, form] of sought.local.entries()) {
          const queues = findQueues(text, form, sought.remote[index] ?? '');
          if (queues !== undefined) {
            return queues;
          }
        }
        return undefined;
      });
      if (found !== undefined) {
        sought.table = table;
        return found;
      }
    }
    return undefined;
  }

  /** Whether a process of this machine listens on the port. */
  listening(port: number): boolean {
    return this.#tables.some(
      (table) => readUntil(table, (text) => hasListener(text, port) || undefined) === true,
    );
  }

  /** Whether no segment is on its way between two sockets here. False where the kernel does not say. */
  nothingInFlight(): boolean {
    if (this.#softnet === undefined) {
      return false;
    }
    return readUntil(this.#softnet, inputQueuesEmpty) === true;
  }

  close(): void {
    for (const file of [...this.#tables, this.#softnet]) {
      if (file !== undefined) {
        closeSync(file);
      }
    }
  }
}
