// Asks the kernel of this Linux machine about its sockets. It asks for a single socket where that is possible
// (sock-diag.ts), and otherwise reads the kernel's tables (proc-tables.ts).
//
// Rule: an answer "there is no such socket" from sock_diag counts only if sock_diag has shown that socket
// before. A kernel without sock_diag, and a kernel that must be told the network interface, give this answer
// even for a socket that exists.

import { endianness } from 'node:os';
import { ProcTables } from './proc-tables.ts';
import type { Sought } from './proc-tables.ts';
import { SockDiag } from './sock-diag.ts';
import { endpointForms } from './tables/proc-net-tcp.ts';
import type { Endpoint, Queues } from './tables/proc-net-tcp.ts';
import { readTcpReply, readUnixReply, tcpRequest, unixRequest } from './tables/sock-diag.ts';

const LITTLE_ENDIAN = endianness() === 'LE';

/** A TCP socket to look for, in two forms: as a request for sock_diag, and as a row of the tables. */
export interface SoughtSocket {
  readonly request: Uint8Array;
  readonly row: Sought;
  /** Whether sock_diag has shown the socket. It is `undefined` before sock_diag was asked. */
  isShown?: boolean;
}

/** Describes the socket with these ends, in the form that `queues` takes. */
export function seek(local: Endpoint, remote: Endpoint): SoughtSocket {
  return {
    request: tcpRequest(local, remote, LITTLE_ENDIAN),
    row: {
      local: endpointForms(local, LITTLE_ENDIAN),
      remote: endpointForms(remote, LITTLE_ENDIAN),
    },
  };
}

/** Asks the kernel of this machine. Make one object for a whole session, and call `close` at its end. */
export class KernelTables {
  readonly #tables: ProcTables;
  readonly #diag = new SockDiag();

  private constructor(tables: ProcTables) {
    this.#tables = tables;
  }

  /** Opens the tables. Returns `undefined` if there are none: this is not Linux, or /proc is hidden. */
  static open(): KernelTables | undefined {
    const tables = ProcTables.open();
    return tables && new KernelTables(tables);
  }

  /** Resolves to the current row of a socket, or to `undefined` if there is none. */
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

  /**
   * Resolves to the memory in bytes of the data that a unix socket has sent and its receiver has not read.
   * Resolves to `undefined` if the kernel does not say.
   */
  async unreadOf(inode: number): Promise<number | undefined> {
    const reply = await this.#diag.ask(unixRequest(inode, LITTLE_ENDIAN));
    const told = reply && readUnixReply(reply);
    return told?.kind === 'row' ? told.row : undefined;
  }

  /** Returns whether a process of this machine listens on the port. */
  listening(port: number): boolean {
    return this.#tables.listening(port);
  }

  /**
   * Returns whether no segment is on its way between sockets of this machine. Returns false if the kernel
   * does not say.
   */
  nothingInFlight(): boolean {
    return this.#tables.nothingInFlight();
  }

  close(): void {
    this.#tables.close();
    this.#diag.close();
  }
}
