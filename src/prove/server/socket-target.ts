// A program that listens on a TCP port or a unix socket, with TLS or without. If it runs on the same Linux
// machine, the kernel's tables show when it has read a piece. Over TLS each piece of up to 16 KiB is one
// record.

import { readFileSync } from 'node:fs';
import net from 'node:net';
import type { Socket } from 'node:net';
import { formatAddress } from '../../deliver/address.ts';
import type { Address } from '../../deliver/address.ts';
import { openGate } from '../../deliver/gate.ts';
import { KernelTables } from '../../deliver/kernel-tables.ts';
import { isConnectedToItself } from '../../self-connection.ts';
import { printable } from '../../text.ts';
import { tlsTo } from '../../tls-client.ts';
import type { Target, Wire } from './target.ts';
import type { Where } from './where.ts';

/** Time in ms that a connection may take to be made, TLS included. */
const CONNECT_TIME = 3000;
/** Time in ms for one attempt to find out whether a process listens. */
const ATTEMPT_TIME = 500;
/** Flag in a row of /proc/net/unix which says that the socket listens. */
const ACCEPTS = '00010000';

type Place = Address | { readonly path: string };

/** Resolves to whether a connection can be made. Makes a connection, and closes it at once. */
function accepts(place: Place): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(place);
    const answer = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.setTimeout(ATTEMPT_TIME, () => answer(false));
    socket.once('connect', () => answer(!isConnectedToItself(socket)));
    socket.once('error', () => answer(false));
  });
}

/**
 * Returns whether a unix socket listens at the path, or `undefined` where the kernel has no table of unix
 * sockets.
 */
function listensAt(path: string): boolean | undefined {
  try {
    const rows = readFileSync('/proc/net/unix', 'latin1').split('\n');
    const name = Buffer.from(path).toString('latin1');
    return rows.some((row) => row.endsWith(` ${name}`) && row.split(/\s+/)[3] === ACCEPTS);
  } catch {
    return undefined;
  }
}

/** What to do about a handshake that failed, by the code of Node's error. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'name it with --tls-name'],
  [/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/, 'renew it, or accept it with --insecure'],
  [
    /CERT|UNABLE_TO_VERIFY/,
    'name the file of its issuer with --tls-ca, or accept it with --insecure',
  ],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH/, 'the server speaks no TLS there: leave out --tls'],
];

function adviceOn(code: string | undefined): string {
  const found = ADVICE.find(([pattern]) => pattern.test(code ?? ''));
  return found === undefined ? '' : `; ${found[1]}`;
}

export class SocketTarget implements Target {
  readonly name: string;
  readonly #where: Exclude<Where, { command: string }>;
  readonly #place: Place;
  /** The kernel's tables of TCP. `undefined` where there are none. */
  readonly #tables = KernelTables.open();
  #problem: string | undefined;

  constructor(where: Exclude<Where, { command: string }>) {
    this.#where = where;
    this.#place = where.kind === 'tcp' ? where.address : { path: where.path };
    const name = where.kind === 'tcp' ? formatAddress(where.address) : `unix:${where.path}`;
    this.name = where.tls === undefined ? name : `tls:${name}`;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  async isListening(): Promise<boolean> {
    if ('path' in this.#place) {
      return listensAt(this.#place.path) ?? accepts(this.#place);
    }
    return this.#tables?.listening(this.#place.port) ?? accepts(this.#place);
  }

  open(): Promise<Wire | undefined> {
    return new Promise((resolve, reject) => {
      const raw = net.connect(this.#place);
      const timer = setTimeout(() => raw.destroy(), CONNECT_TIME);
      const settle = (wire: Wire | undefined): void => {
        clearTimeout(timer);
        resolve(wire);
      };
      // Keep this listener after the connection is made, so that a later error is not uncaught.
      raw.on('error', () => settle(undefined));
      raw.once('close', () => settle(undefined));
      raw.once('connect', () => {
        if (isConnectedToItself(raw)) {
          raw.destroy();
          return;
        }
        if ('port' in this.#place) {
          raw.setNoDelay(true);
        }
        try {
          this.#secure(raw, settle);
        } catch (error) {
          raw.destroy();
          reject(error);
        }
      });
    });
  }

  /**
   * Calls `settle` with the wire: after the TLS handshake, or without TLS at once. Throws UsageError
   * ERR_OPTION.
   */
  #secure(raw: Socket, settle: (wire: Wire | undefined) => void): void {
    const { tls } = this.#where;
    if (tls === undefined) {
      settle(this.#wire(raw));
      return;
    }
    const socket = tlsTo(raw, 'host' in this.#place ? this.#place.host : 'localhost', tls);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#problem = printable(error.message) + adviceOn(error.code);
      settle(undefined);
    });
    socket.once('secureConnect', () => settle(this.#wire(socket)));
  }

  close(): void {
    this.#tables?.close();
  }

  #wire(socket: Socket): Wire {
    return { output: socket, input: socket, gate: openGate(this.#tables, socket) };
  }
}
