// The gate of a unix socket, or of a pipe to a child. The row of the sender is enough, because the sender's
// queue is empty when the receiver has read everything. The gate asks the kernel for that row where that is
// possible. Otherwise `ss -xn` prints all rows, and starting `ss` for each look costs some 15 ms.

import { execFile } from 'node:child_process';
import { fstatSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { KernelTables } from './kernel-tables.ts';
import { lookUntil } from './looking.ts';
import type { Gate, GateAnswer, Sight } from './looking.ts';
import { unreadBySs } from './tables/ss-unix.ts';

/** Maximum output of `ss` in bytes. It is far more than the rows of a busy machine. */
const MAX_TABLE = 16 * 1024 * 1024;

/**
 * Promise of the output of the next `ss`. It resolves to `undefined` if `ss` fails or is absent. Gates that
 * ask in the same turn share this promise.
 */
let running: Promise<string | undefined> | undefined;

function table(): Promise<string | undefined> {
  running ??= new Promise((resolve) => {
    setImmediate(() => {
      running = undefined;
      execFile('ss', ['-xnH'], { maxBuffer: MAX_TABLE }, (error, stdout) => {
        resolve(error === null ? stdout : undefined);
      });
    });
  });
  return running;
}

class UnixGate implements Gate {
  readonly #tables: KernelTables | undefined;
  readonly #socket: Socket;
  readonly #inode: number;

  constructor(tables: KernelTables | undefined, socket: Socket, inode: number) {
    this.#tables = tables;
    this.#socket = socket;
    this.#inode = inode;
  }

  settled(_length: number, patience: number): Promise<GateAnswer> {
    return lookUntil(patience, () => this.#look());
  }

  async #look(): Promise<Sight> {
    const unread = (await this.#tables?.unreadOf(this.#inode)) ?? (await this.#unreadBySs());
    if (this.#socket.destroyed) {
      return 'gone';
    }
    if (unread === undefined) {
      return 'unseen';
    }
    return unread === 0 ? 'read' : 'again';
  }

  async #unreadBySs(): Promise<number | undefined> {
    const rows = await table();
    return rows === undefined ? undefined : unreadBySs(rows, this.#inode);
  }
}

/** Returns the inode of the socket, or `undefined` where Node does not show its descriptor. */
function inodeOf(socket: Socket): number | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  const fd: unknown =
    typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : -1;
  if (typeof fd !== 'number' || fd < 0) {
    return undefined;
  }
  const stat = fstatSync(fd);
  return stat.isSocket() ? stat.ino : undefined;
}

export function openUnixGate(tables: KernelTables | undefined, socket: Socket): Gate | undefined {
  const inode = process.platform === 'linux' ? inodeOf(socket) : undefined;
  return inode === undefined ? undefined : new UnixGate(tables, socket, inode);
}
