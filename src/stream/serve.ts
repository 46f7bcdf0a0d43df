// serve(): a TCP (or unix-socket) server whose connections are framed, with an end that is graceful.

import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { Codec } from '../codec/codec.ts';
import { checkFunction, checkOptionNames, isUnstickError, UsageError } from '../errors.ts';
import { internals } from './connection.ts';
import type { Connection } from './connection.ts';
import { codecPair } from './codec-pair.ts';
import { framed } from './framed.ts';
import type { CodecPair } from './codec-pair.ts';
import { framedOptionNames, MAX_TIMEOUT, resolveOptions, whole } from './framed-options.ts';
import type { FramedOptions } from './framed-options.ts';
import {
  closeOnAbort,
  listening,
  portOf,
  stopListening,
  unableToListen,
  whereToListen,
} from './listening.ts';
import type { ListenAddress } from './listening.ts';

export interface ServeOptions extends Omit<FramedOptions, 'signal'>, ListenAddress {
  /** More connections than this are refused at once. Default: no limit. */
  readonly maxConnections?: number | undefined;
  /** Ends the server and every connection at once. */
  readonly signal?: AbortSignal | undefined;
  /**
   * What a handler threw, and errors of the listening socket. The connection is destroyed in any case.
   * Default: a remote that misbehaves or goes is only published on `unstick:error`; anything else is a
   * bug of the handler, or a server that cannot listen, and becomes a process warning; so does what
   * this function throws.
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

const OPTION_NAMES = ['port', 'host', 'path', 'maxConnections', 'onError', ...framedOptionNames];

/**
 * Listens, frames each connection and calls the handler with it. When the handler returns, what it sent
 * goes out and the connection is closed; when it throws, destroyed. Throws UsageError ERR_OPTION; that
 * it cannot listen shows in `ready`, as ConnectionError ERR_LISTEN.
 */
export function serve<In, Out>(
  codec: Codec<In, Out> | CodecPair<In, Out>,
  handler: Handler<In, Out>,
  options: ServeOptions = {},
): FramedServer {
  checkOptionNames('serve', options, OPTION_NAMES);
  const { port, host, path, maxConnections, signal, onError = warn, ...framing } = options;
  // A wrong option fails here, not with the first connection.
  resolveOptions({ ...framing, signal });
  checkFunction('handler', handler);
  checkFunction('onError', onError);
  const pair = codecPair(codec);
  const where = whereToListen({ port, host, path });
  const attendance = new Attendance(handler, onError);
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    attendance.begin(framed(socket, pair, { ...framing, signal }), socket);
  });
  if (maxConnections !== undefined)
    server.maxConnections = whole('maxConnections', maxConnections, Number.MAX_SAFE_INTEGER);
  const ready = listening(server, where);
  server.on('error', (error) => onError(unableToListen(error), undefined));
  const listened = ready.catch(() => undefined);
  if (signal !== undefined) closeOnAbort(server, listened, signal);
  const close: FramedServer['close'] = async ({ grace = DEFAULT_GRACE_MS } = {}) => {
    const patience = whole('grace', grace, MAX_TIMEOUT);
    await listened;
    await Promise.all([stopListening(server), attendance.end(patience)]);
  };
  return {
    ready,
    get port() {
      return portOf(server.address());
    },
    get connections() {
      return attendance.size;
    },
    server,
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

/** The open connections, each with the handler that attends to it. */
class Attendance<In, Out> {
  readonly #handler: Handler<In, Out>;
  readonly #onError: (error: unknown, connection: unknown) => void;
  readonly #open = new Map<Connection<In, Out>, Promise<void>>();

  constructor(handler: Handler<In, Out>, onError: (error: unknown, connection: unknown) => void) {
    this.#handler = handler;
    this.#onError = onError;
  }

  get size(): number {
    return this.#open.size;
  }

  begin(connection: Connection<In, Out>, socket: Socket): void {
    this.#open.set(
      connection,
      this.#attend(connection, socket).finally(() => this.#open.delete(connection)),
    );
  }

  /** Reading ends at the next boundary; whoever is not done after `grace` ms is cut off. */
  async end(grace: number): Promise<void> {
    for (const connection of this.#open.keys()) internals(connection).stopAtBoundary();
    // A handler that never returns holds nothing up: after the grace its socket is gone.
    let timer: NodeJS.Timeout | undefined;
    const graceIsOver = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, grace);
    });
    await Promise.race([Promise.all(this.#open.values()), graceIsOver]);
    clearTimeout(timer);
    for (const connection of this.#open.keys()) connection.destroy();
  }

  /** Never rejects: nobody could do anything about one connection that ended badly. */
  async #attend(connection: Connection<In, Out>, socket: Socket): Promise<void> {
    try {
      await this.#handler(connection);
      await connection.close({ within: LAST_WORDS_MS });
      await gone(socket, LAST_WORDS_MS);
    } catch (error) {
      this.#report(error, connection);
    } finally {
      connection.destroy();
    }
  }

  #report(error: unknown, connection: Connection<In, Out>): void {
    try {
      this.#onError(error, connection);
    } catch (thrown) {
      warn(thrown, undefined);
    }
  }
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

function warn(error: unknown, connection: unknown): void {
  const isRemote = isUnstickError(error) && !(error instanceof UsageError);
  if (!isRemote || connection === undefined)
    process.emitWarning(error instanceof Error ? error : String(error));
}
