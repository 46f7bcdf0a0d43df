// A listening socket: where, whether it listens, and its end. What serve() and the server of peers share.

import type { AddressInfo, ListenOptions, Server } from 'node:net';
import { UsageError } from '../errors.ts';
import type { UnstickError } from '../errors.ts';
import { whole } from './framed-options.ts';
import { codeOf, connectionError } from './transport.ts';

export interface ListenAddress {
  /** Default 0: a free one; see `server.port`. */
  readonly port?: number | undefined;
  /** Default 127.0.0.1: say '0.0.0.0' or '::' to be reachable from elsewhere. */
  readonly host?: string | undefined;
  /** A unix socket, instead of port and host. */
  readonly path?: string | undefined;
}

export function whereToListen({
  port = 0,
  host = '127.0.0.1',
  path,
}: ListenAddress): ListenOptions {
  for (const [name, text] of Object.entries({ host, path })) {
    if (text === undefined || (typeof text === 'string' && text !== '')) continue;
    throw new UsageError('ERR_OPTION', `${name} must be text, not ${JSON.stringify(text)}.`);
  }
  return path === undefined ? { port: whole('port', port, 65_535), host } : { path };
}

/** To be called when it listens or never will: what is closed before would listen all the same. */
export function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/** Each connection has the signal, too. */
export function closeOnAbort(server: Server, listened: Promise<void>, signal: AbortSignal): void {
  const abort = (): void => void listened.then(() => server.close());
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  server.once('close', () => signal.removeEventListener('abort', abort));
}

export function listening(server: Server, where: ListenOptions): Promise<void> {
  const ready = new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error) => reject(unableToListen(error)));
    server.once('close', resolve);
  });
  server.listen(where);
  return ready;
}

export function unableToListen(cause: unknown): UnstickError {
  const reason = codeOf(cause) ?? 'unknown';
  return connectionError('ERR_LISTEN', `The server cannot listen: ${reason}`, { reason, cause });
}

export function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
