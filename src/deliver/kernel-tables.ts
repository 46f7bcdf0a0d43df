// What the kernel of this Linux machine says of its sockets. It is asked for one socket where that can be
// (sock-diag.ts); otherwise its tables are read (proc-tables.ts).
//
// Rule: "there is no such socket" counts from sock_diag only if it has shown that socket before. A kernel
// without sock_diag, and a kernel that wants to be told the network interface, say the same of a socket that is
// there.

import { endianness } from 'node:os';
import { ProcTables } from './proc-tables.ts';
import type { Sought } from './proc-tables.ts';
import { SockDiag } from './sock-diag.ts';
import { endpointForms } from './tables/proc-net-tcp.ts';
import type { Endpoint, Queues } from './tables/proc-net-tcp.ts';
import { readTcpReply, readUnixReply, tcpRequest, unixRequest } from './tables/sock-diag.ts';

const LITTLE_ENDIAN = endianness() === 'LE';

/** A TCP socket to look for, in the forms that both ways of asking need. */
export interface SoughtSocket {
  readonly request: Uint8Array;
  readonly row: Sought;
  /** Whether sock_diag has shown the socket. `undefined`: it was not asked yet. */
  isShown?: boolean;
}

/** The socket with these ends. */
export function seek(local: Endpoint, remote: Endpoint): SoughtSocket {
  return {
    request: tcpRequest(local, remote, LITTLE_ENDIAN),
    row: {
      local: endpointForms(local, LITTLE_ENDIAN),
      remote: endpointForms(remote, LITTLE_ENDIAN),
    },
  };
}

/** The answers of this machine's kernel. Make one object for a whole session, and call `close` at its end. */
export class KernelTables {
  readonly #tables: ProcTables;
  readonly #diag = new SockDiag();

  private constructor(tables: ProcTables) {
    this.#tables = tables;
  }

  /** `undefined` where there is nothing to look at: not Linux, or /proc hidden. */
  static open(): KernelTables | undefined {
    const tables = ProcTables.open();
    return tables && new KernelTables(tables);
  }

  /** A socket's row, as it is now; `undefined` where there is none. */
  async queues(sought: SoughtSocket): Promise<Queues | undefined> {
    if (sought.isShown !== false) {
      const reply = await this.#diag.ask(sought.request);
      const told = reply && readTcpReply(reply);
      if (told?.kind === 'row') {
        sought.isShown = true;
        return told.row;
      }
      if (told?.kind === 'none' && sought.isShown === true) {
        return undefined;
      }
    }
    const row = await this.#tables.queues(sought.row);
    if (row !== undefined) {
      sought.isShown = false;
    }
    return row;
  }

  /** Memory in bytes of what a unix socket has sent and its receiver has not read, where it is told. */
  async unreadOf(inode: number): Promise<number | undefined> {
    const reply = await this.#diag.ask(unixRequest(inode, LITTLE_ENDIAN));
    const told = reply && readUnixReply(reply);
    return told?.kind === 'row' ? told.row : undefined;
  }

  /** Whether a process of this machine listens on the port. */
  listening(port: number): boolean {
    return this.#tables.listening(port);
  }

  /** Whether no segment is on its way between two sockets here. False where the kernel does not say. */
  nothingInFlight(): boolean {
    return this.#tables.nothingInFlight();
  }

  close(): void {
    this.#tables.close();
    this.#diag.close();
  }
}
