// serve(): a TCP (or unix-socket) server whose connections are framed, with an end that is graceful.

import { createServer } from 'node:net';
import type { AddressInfo, ListenOptions, Server, Socket } from 'node:net';
import type { Codec } from '../codec/codec.ts';
import { isUnstickError } from '../errors.ts';
import type { Connection } from './connection.ts';
import { framed } from './framed.ts';
import type { CodecPair } from './framed.ts';
import type { FramedOptions } from './framed-options.ts';
import { lost } from './transport.ts';

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
   * Default: errors of this package (a remote that misbehaves or goes) are only published on
   * `unstick:error`; anything else is a bug of the handler and becomes a process warning.
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
    const stopped = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    for (const connection of open.keys()) connection.stopReading();
    const timer = setTimeout(() => destroyAll(), grace);
    await Promise.all(open.values());
    clearTimeout(timer);
    await stopped;
  }

  function destroyAll(): void {
    for (const connection of open.keys()) connection.destroy();
  }

  const abort = (): void => {
    server.close();
    destroyAll();
  };
  const ready = listening(server, path === undefined ? { port, host } : { path });
  server.on('error', (error) => onError(lost(error, undefined), undefined));
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
    server.once('error', (error) => reject(lost(error, undefined)));
    server.once('close', resolve);
  });
  // Whoever does not await it hears of a failure through onError.
  ready.catch(() => undefined);
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

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function warn(error: unknown): void {
  if (!isUnstickError(error)) process.emitWarning(error instanceof Error ? error : String(error));
}
