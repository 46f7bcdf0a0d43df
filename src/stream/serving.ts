// The server object that serve() and serveMessages() return. This file combines the listening server with the
// handlers of its connections.

import type { Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { isBytes } from '../codec/bytes.ts';
import { checkFunction, checkNames, refuse, refuseValue } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { Attendance } from './attendance.ts';
import type { Guest, Manners } from './attendance.ts';
import type { CloseOptions } from './framed-options.ts';
import { faceOf, OpenServer } from './open-server.ts';
import { restoreUnread } from './release.ts';
import { resolveServerOptions, SERVER_NAMES } from './server-options.ts';
import type { ServerOptions } from './server-options.ts';
import { checkFree } from './transport.ts';

/**
 * The options of a server, without the options of each connection. `C` is the type of the object that its
 * handler is called with.
 */
export interface HandlerOptions<C = unknown> extends ServerOptions {
  /**
   * Function that is called with what a handler threw, with the error of a connection that could not be
   * closed after its handler, and with errors of the listening socket. A connection with such an error is
   * reset, with or without `onError`. Default: a process warning. There is no warning for an error that the
   * remote caused, and none for a server that cannot listen, where only `ready` rejects. The channel
   * `unstick:error` may have an error that the remote caused.
   */
  readonly onError?: ((error: unknown, connection: C | undefined) => unknown) | undefined;
}

/** Options of `attach`, which gives a server a connection that it did not accept itself. */
export interface AttachOptions {
  /**
   * Bytes that were read from the duplex earlier, such as the `head` of an 'upgrade' event. The connection
   * reads these bytes first. Default: none.
   */
  readonly unread?: Uint8Array | undefined;
}

/** A server of `serve` or `serveMessages`: its port, its connections, and how it ends. */
export interface FramedServer {
  /**
   * Promise that resolves when the server listens, was closed first, or need not listen. It rejects with
   * ERR_LISTEN when the server cannot listen. If you neither handle that rejection nor give `onError`, the
   * rejection ends the process.
   */
  readonly ready: Promise<void>;
  /** Port that the server listens on. It is 0 while the server does not listen, and on a unix socket. */
  readonly port: number;
  /** `host:port`, or the path of the unix socket, while the server listens. */
  readonly address: string | undefined;
  /** Number of open sockets: those in their handshake, with a running handler, attached, or released. */
  readonly connections: number;
  readonly server: Server;
  /**
   * Takes a duplex that did not come through the listening socket. The duplex gets the same limits and
   * handler, and ends with the server; `tls` is not applied to it. If there is no room, or the server is
   * ending, the duplex is reset and the result is false. For a duplex that is already destroyed the result is
   * false, too. Throws UsageError for a value that is no duplex, and for a duplex that is framed, attached or
   * read by other code.
   */
  attach(duplex: Duplex, options?: AttachOptions): boolean;
  /**
   * Stops listening. Each connection stops reading at the next boundary, so handlers finish what they have,
   * and their answers go out. TLS handshakes are cut off. After `within` ms (default 5000) every socket that
   * is left is reset, released ones included.
   */
  close(options?: CloseOptions): Promise<void>;
  /** Calls `close()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

export const HANDLER_NAMES: OptionNames<HandlerOptions> = {
  ...SERVER_NAMES,
  onError: true,
};

/** Default times in ms of a server's connections. `framed` has no limit by default. */
export const SERVER_TIMES = { frameTimeout: 30_000, sendTimeout: 30_000 } as const;

const ATTACH_NAMES = { unread: true } satisfies OptionNames<AttachOptions>;

/** Opens a server that handles its connections as `manners` says. Throws UsageError ERR_OPTION. */
export function openFramedServer<G extends Guest>(
  manners: Omit<Manners<G>, 'onError' | 'hasSignal'>,
  options: HandlerOptions<G>,
): FramedServer {
  const { onError, ...server } = options;
  checkFunction('handler', manners.handle);
  if (onError !== undefined) {
    checkFunction('onError', onError);
  }
  const resolved = resolveServerOptions(server);
  const hasSignal = resolved.signal !== undefined;
  const attendance = new Attendance<G>({ ...manners, onError, hasSignal });
  const door = new OpenServer(resolved, attendance);
  return Object.assign(faceOf(door), {
    attach: (duplex: Duplex, given: AttachOptions = {}) =>
      attach(door, attendance, checkedAttach(door, duplex, given)),
  });
}

interface Attached {
  /** The duplex that the server counts. */
  readonly duplex: Duplex;
  readonly unread: Uint8Array[];
}

/**
 * Checks the arguments of `attach`. Throws UsageError ERR_OPTION, or ERR_CONCURRENT_READ for a duplex that is
 * in use.
 */
function checkedAttach(door: OpenServer, duplex: Duplex, options: AttachOptions): Attached {
  checkNames('attach', options, ATTACH_NAMES);
  const { unread } = options;
  if (unread !== undefined && !isBytes(unread)) {
    refuseValue('unread', 'a Uint8Array', unread);
  }
  checkFree(duplex);
  if (door.has(duplex)) {
    refuse('This duplex is attached already.');
  }
  return { duplex, unread: unread === undefined || unread.length === 0 ? [] : [unread] };
}

function attach<G extends Guest>(
  door: OpenServer,
  attendance: Attendance<G>,
  { duplex, unread }: Attached,
): boolean {
  if (!door.admit(duplex)) {
    return false;
  }
  try {
    const { readableEnded } = duplex;
    attendance.begin(unread.length === 0 ? duplex : restoreUnread(duplex, unread, readableEnded));
    return true;
  } catch (error) {
    door.leave(duplex);
    throw error;
  }
}
