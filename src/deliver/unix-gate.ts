// The gate of a unix socket or of a pipe to a child, by `ss -xn`. The row of the sender is enough: its
// send queue is empty when the receiver has read all. A look starts a process, which takes some 15 ms.

import { execFile } from 'node:child_process';
import { fstatSync } from 'node:fs';
import type { Socket } from 'node:net';
import { lookUntil } from './looking.ts';
import type { Gate, GateAnswer, Sight } from './looking.ts';
import { unreadBySs } from './tables/ss-unix.ts';

/** Maximum output of `ss` in bytes: far more than the rows of a busy machine. */
const MAX_TABLE = 16 * 1024 * 1024;

/** Output of the next `ss`; `undefined` if it fails or is absent. Gates that ask in one turn share a run. */
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

/** The inode by which `ss` names the socket; `undefined` where Node does not show its descriptor. */
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
