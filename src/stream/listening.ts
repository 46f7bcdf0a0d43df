// A listening socket: its address, its start and its end. serve(), serveMessages() and the listen() of peers
// share this file.

import type { AddressInfo, ListenOptions, Server } from 'node:net';
import type { UnstickError } from '../errors.ts';
import { refuse, refuseValue, whole } from '../options.ts';
import { codeOf, connectionError } from './transport.ts';

export interface ListenAddress {
  /**
   * Port to listen on, 0 … 65 535. With 0 the system chooses a free port, and `server.port` gives its number.
   * A port together with `path` is refused with ERR_OPTION. Default 0.
   */
  readonly port?: number | undefined;
  /**
   * Address to listen on. '0.0.0.0' or '::' make the server reachable from other machines. A host together
   * with `path` is refused with ERR_OPTION. Default 127.0.0.1.
   */
  readonly host?: string | undefined;
  /** Path of a unix socket to listen on, instead of port and host. Default: none. */
  readonly path?: string | undefined;
}

const MAX_PORT = 65_535;

const HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Another server listens there; port 0 takes a free one.',
  EACCES: 'This process needs a privilege to listen on ports below 1024 or in some folders.',
  EADDRNOTAVAIL: 'No interface of this machine has that address.',
};

/** Checks an address and returns it in the form that Node takes. Throws UsageError ERR_OPTION. */
export function whereToListen({ port, host, path }: ListenAddress): ListenOptions {
  checkText('host', host);
  checkText('path', path);
  if (path === undefined) {
    return { port: whole('port', port ?? 0, { max: MAX_PORT }), host: host ?? '127.0.0.1' };
  }
  if (port !== undefined || host !== undefined) {
    refuse(
      'path is given beside port or host, but a unix socket has neither.',
      'Give one of them.',
    );
  }
  return { path };
}

/** Throws UsageError ERR_OPTION for an empty text, and for a value that is neither text nor `undefined`. */
export function checkText(name: string, value: unknown): void {
  if (value === undefined || (typeof value === 'string' && value !== '')) {
    return;
  }
  refuseValue(name, 'text of at least one character', value);
}

/**
 * Stops listening and resolves when the server is closed. Call this only when the server already listens, or
 * when it never will. A server that is closed before that would start to listen all the same.
 */
export function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/** Resolves when the server listens, or when it was closed first. Rejects when it cannot listen. */
export function listening(server: Server, where: ListenOptions): Promise<void> {
  const ready = new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error) => reject(unableToListen(error, where)));
    server.once('close', resolve);
  });
  server.listen(where);
  return ready;
}

export function unableToListen(cause: unknown, where: ListenOptions): UnstickError {
  const reason = codeOf(cause) ?? 'unknown';
  const place = where.path ?? addressOf(where.host, where.port);
  return connectionError('ERR_LISTEN', `The server cannot listen on ${place}: ${reason}`, {
    reason,
    cause,
    hint: HINTS[reason],
  });
}

export function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Returns `host:port` as people write it, with brackets around an IPv6 address. */
export function addressOf(host = '', port = 0): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
