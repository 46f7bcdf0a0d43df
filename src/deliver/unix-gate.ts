// The gate of a unix socket or of a pipe to a child, by `ss -xn`. The row of the sender tells everything:
// its send queue is empty when the receiver has read all. A look starts a process, some 15 ms.

import { execFile } from 'node:child_process';
import { fstatSync } from 'node:fs';
import type { Socket } from 'node:net';
import { lookUntil } from './looking.ts';
import type { Gate, GateAnswer, Sight } from './looking.ts';
import { unreadBySs } from './tables/ss-unix.ts';

/** Far more than the rows of a busy machine. In bytes. */
const MAX_TABLE = 16 * 1024 * 1024;

/** What `ss` prints; `undefined` where there is none, or it fails. Gates that ask at once share one run. */
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
  readonly #socket: Socket;
  readonly #inode: number;

  constructor(socket: Socket, inode: number) {
    this.#socket = socket;
    this.#inode = inode;
  }

  settled(_length: number, patience: number): Promise<GateAnswer> {
    return lookUntil(patience, () => this.#look());
  }

  async #look(): Promise<Sight> {
    const rows = await table();
    if (this.#socket.destroyed) {
      return 'gone';
    }
    const unread = rows === undefined ? undefined : unreadBySs(rows, this.#inode);
    if (unread === undefined) {
      return 'unseen';
    }
    return unread === 0 ? 'read' : 'again';
  }
}

/** The number by which the kernel's tables call the socket, where Node shows its descriptor. */
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

export function openUnixGate(socket: Socket): Gate | undefined {
  const inode = process.platform === 'linux' ? inodeOf(socket) : undefined;
  return inode === undefined ? undefined : new UnixGate(socket, inode);
}
