// serve(): a TCP (or unix-socket) server whose connections are framed, with an end that is graceful.

import { createServer } from 'node:net';
import type { AddressInfo, ListenOptions, Server, Socket } from 'node:net';
import type { Codec } from '../codec/codec.ts';
import { isUnstickError, UsageError } from '../errors.ts';
import type { UnstickError } from '../errors.ts';
import type { Connection } from './connection.ts';
import { framed } from './framed.ts';
import type { CodecPair } from './framed.ts';
import { resolveOptions, whole } from './framed-options.ts';
import type { FramedOptions } from './framed-options.ts';
import { codeOf, connectionError } from './transport.ts';

export interface ServeOptions extends Omit<FramedOptions, 'signal'> {
  /** Default 0: a free one; see `server.port`. */
  readonly port?: number | undefined;
  /** Default 127.0.0.1: say '0.0.0.0' or '::' to be reachable from elsewhere. */
  readonly host?: string | undefined;
  /** A unix socket, instead of port and host. */
  readonly path?: string | undefined;
  /** More connections than this are refused at once. Default: no limit. */
  readonly maxConnections?: number | undefined;
  /** Ends the server and every connection at once. */
  readonly signal?: AbortSignal | undefined;
  /**
   * What a handler threw, and errors of the listening socket. The connection is destroyed in any case.
   * Default: a remote that misbehaves or goes is only published on `unstick:error`; anything else is a
   * bug of the handler, or a server that cannot listen, and becomes a process warning.
   */
  readonly onError?: ((error: unknown, connection: unknown) => void) | undefined;
}

export interface FramedServer {
  /** Resolves when it listens; rejects when it cannot. */
  readonly ready: Promise<void>;
  /** The port it listens on, once `ready`; 0 on a unix socket. */
  readonly port: number;
  readonly connections: number;
  readonly server: Server;
  /**
   * Stops listening; each connection ends its reading at the next boundary, so handlers finish what
   * they have and their answers go out. After `grace` ms what is left is destroyed. Default 5000.
   */
  close(options?: { readonly grace?: number }): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export type Handler<In, Out> = (connection: Connection<In, Out>) => unknown;

/** How long a remote may take to end after the handler has: enough for its last bytes to be answered. */
const LAST_WORDS_MS = 5000;
const DEFAULT_GRACE_MS = 5000;

/**
 * Listens, frames each connection and calls the handler with it. When the handler returns, what it sent
 * goes out and the connection is closed; when it throws, destroyed.
 */
export function serve<In, Out>(
  codec: Codec<In, Out> | CodecPair<In, Out>,
  handler: Handler<In, Out>,
  options: ServeOptions = {},
): FramedServer {
  const {
    port = 0,
    host = '127.0.0.1',
    path,
    maxConnections,
    signal,
    onError = warn,
    ...rest
  } = options;
  // A wrong option fails here, not with the first connection.
  resolveOptions(rest);
  const open = new Map<Connection<In, Out>, Promise<void>>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const connection = framed(socket, codec, { ...rest, signal });
    open.set(
      connection,
      attend(connection, socket).finally(() => open.delete(connection)),
    );
  });
  if (maxConnections !== undefined) server.maxConnections = maxConnections;

  async function attend(connection: Connection<In, Out>, socket: Socket): Promise<void> {
    try {
      await handler(connection);
      await connection.close({ discardUnread: true });
      await gone(socket, LAST_WORDS_MS);
    } catch (error) {
      onError(error, connection);
    } finally {
      connection.destroy();
    }
  }

  async function close({ grace = DEFAULT_GRACE_MS } = {}): Promise<void> {
    const patience = whole('grace', grace, 2 ** 31 - 1);
    await settled;
    const stopped = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    for (const connection of open.keys()) connection.stopReading();
    // A handler that never returns holds nothing up: after the grace its socket is gone.
    let timer: NodeJS.Timeout | undefined;
    const graceIsOver = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patience);
    });
    await Promise.race([Promise.all(open.values()), graceIsOver]);
    clearTimeout(timer);
    destroyAll();
    await stopped;
  }

  function destroyAll(): void {
    for (const connection of open.keys()) connection.destroy();
  }

  const abort = (): void => {
    // Each connection has the signal, too.
    void settled.then(() => server.close());
  };
  const ready = listening(server, path === undefined ? { port, host } : { path });
  // Only a server that listens can be closed: what is closed before would listen all the same.
  const settled = ready.catch(() => undefined);
  server.on('error', (error) => onError(unableToListen(error), undefined));
  if (signal?.aborted === true) abort();
  else signal?.addEventListener('abort', abort, { once: true });
  server.once('close', () => signal?.removeEventListener('abort', abort));

  return {
    ready,
    get port() {
      return portOf(server.address());
    },
    get connections() {
      return open.size;
    },
    server,
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

function listening(server: Server, where: ListenOptions): Promise<void> {
  const ready = new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error) => reject(unableToListen(error)));
    server.once('close', resolve);
  });
  server.listen(where);
  return ready;
}

/** Resolves when the socket is closed, or after `ms`. */
function gone(socket: Socket, ms: number): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function unableToListen(cause: unknown): UnstickError {
  const reason = codeOf(cause) ?? 'unknown';
  return connectionError('ERR_LISTEN', `The server cannot listen: ${reason}`, { reason, cause });
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function warn(error: unknown, connection: unknown): void {
  const isRemote = isUnstickError(error) && !(error instanceof UsageError);
  if (!isRemote || connection === undefined)
    process.emitWarning(error instanceof Error ? error : String(error));
}
