// The server below serve(), serveMessages() and the listen() of peers. It listens, counts connections, waits
// for TLS handshakes, and ends within a given time whatever the remotes do. Its host decides what to make of
// a connection.
//
//   accepted ──▶ counted ──▶ handshake (TLS only) ──▶ host.enter(duplex) … 'close' ──▶ no longer counted
//   attached ──▶ counted ─────────────────────────────▲
//
// The server counts sockets, not the objects that the host makes of them. So a connection that was released
// from its framing still counts, and still ends with the server.

import { createServer, Socket } from 'node:net';
import type { ListenOptions, Server } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { unwatchAbort, watchAbort } from '../abort.ts';
import { afterInput, Deadline } from './deadline.ts';
import { resolveWithin } from './framed-options.ts';
import type { CloseOptions } from './framed-options.ts';
import { addressOf, listening, portOf, stopListening, unableToListen } from './listening.ts';
import { allowLending } from './read-buffer.ts';
import { Newcomers } from './newcomers.ts';
import type { ResolvedServerOptions } from './server-options.ts';
import { allowHalfOpen, newTlsServer, rawBelow } from './tls-socket.ts';
import { carriedBy, reset } from './transport.ts';

/** Makes connections, message streams or peers of the duplexes that a server takes. */
export interface Host {
  /**
   * Takes a connection. `since` is the time at which the connection came, before its handshake, by
   * performance.now(). Must not throw. If the remote must still show that it belongs here, returns a promise
   * that resolves when the remote has shown that, and the connection is a newcomer until then.
   */
  enter(duplex: Duplex, since: number): Promise<void> | undefined;
  /**
   * Asks everything on these duplexes to end in order. Resolves when everything has ended, however long that
   * takes.
   */
  finish(duplexes: Iterable<Duplex>): Promise<unknown>;
  /** Ends everything at once. If `abortedBy` is given, the errors name that signal as the reason. */
  destroyAll(abortedBy: AbortSignal | undefined): void;
  /** Takes an error of the listening socket. */
  report(error: unknown): void;
  /** Whether the caller has an `onError`. Without it, only `ready` reports that the server cannot listen. */
  readonly isHeard: boolean;
}

/** A connection that the server counts. */
interface Slot {
  /** The duplex to reset: the accepted socket, or the TLS socket once its handshake is over. */
  duplex: Duplex;
  /** The time limit of the TLS handshake, while the handshake runs. */
  handshake: Deadline | undefined;
  /** Time at which the connection came, by performance.now(). */
  readonly since: number;
}

/**
 * Time in ms that `close` waits for the sockets that it has reset to be gone. They are gone at once, unless
 * another process holds them, too.
 */
const RESET_MS = 100;
const DEFAULT_WITHIN_MS = 5000;

export class OpenServer {
  readonly server: Server;
  readonly ready: Promise<void>;
  readonly #host: Host;
  readonly #options: ResolvedServerOptions;
  readonly #slots = new Map<Duplex, Slot>();
  readonly #newcomers = new Newcomers();
  /** Resolves when `ready` settles, with success or failure. */
  readonly #listened: Promise<void>;
  #whenEmpty: (() => void)[] = [];
  /**
   * Set once the server takes no more connections. The promise resolves when the server and all connections
   * have ended.
   */
  #ending: Promise<unknown> | undefined;

  constructor(options: ResolvedServerOptions, host: Host) {
    this.#options = options;
    this.#host = host;
    this.server = this.#newServer();
    const { where, signal } = options;
    const listens = where !== undefined && signal?.aborted !== true;
    const listened = listens ? this.#listen(where) : Promise.resolve();
    this.#listened = listened.catch(() => undefined);
    // Make another promise: if its rejection is not handled, the process ends, as with an unhandled 'error'
    // of a net.Server.
    this.ready = listened.then(() => undefined);
    if (host.isHeard) {
      this.ready.catch(() => undefined);
    }
    watchAbort(signal, this.#onAbort);
  }

  /** Port that the server listens on. It is 0 while the server does not listen, and on a unix socket. */
  get port(): number {
    return portOf(this.server.address());
  }

  /** `host:port`, or the path of the unix socket. It is `undefined` while the server does not listen. */
  get address(): string | undefined {
    const address = this.server.address();
    if (address === null || typeof address === 'string') {
      return address ?? undefined;
    }
    return addressOf(address.address, address.port);
  }

  get connections(): number {
    return this.#slots.size;
  }

  has(duplex: Duplex): boolean {
    return this.#slots.has(duplex);
  }

  /**
   * Counts a duplex and returns true. A full server first resets a newcomer to make room. If there is no
   * newcomer, or the server is ending, this resets the duplex and returns false. For a duplex that is already
   * destroyed it returns false, too.
   */
  admit(duplex: Duplex): boolean {
    // Without a listener, the 'error' of a reset would end the process. The connection above the duplex
    // reports that error.
    duplex.on('error', ignore);
    if (this.#ending !== undefined || !this.#makeRoom()) {
      reset(duplex);
      return false;
    }
    if (duplex.destroyed) {
      return false;
    }
    this.#slots.set(duplex, { duplex, handshake: undefined, since: performance.now() });
    // `on` takes a third of the memory that `once` takes, and 'close' comes once.
    duplex.on('close', () => this.leave(duplex));
    return true;
  }

  /** Stops counting a duplex. */
  leave(duplex: Duplex): void {
    this.#slots.get(duplex)?.handshake?.clear();
    this.#slots.delete(duplex);
    this.#newcomers.leave(duplex);
    this.#tellWhenEmpty();
  }

  /** Stops listening, asks everything to end, and resets after `within` ms what is left. */
  async close(within: number): Promise<void> {
    const gone = this.#stop();
    await before(gone, within);
    this.#resetAll(undefined);
    await before(gone, RESET_MS);
    unwatchAbort(this.#options.signal, this.#onAbort);
  }

  /**
   * Makes room for one more connection, and returns whether there is room. A full server resets a newcomer;
   * if it has no newcomer, there is no room.
   */
  #makeRoom(): boolean {
    if (this.#slots.size < this.#options.maxConnections) {
      return true;
    }
    const newcomer = this.#newcomers.first();
    const slot = newcomer === undefined ? undefined : this.#slots.get(newcomer);
    if (newcomer === undefined || slot === undefined) {
      return false;
    }
    this.leave(newcomer);
    reset(slot.duplex);
    return true;
  }

  #newServer(): Server {
    const { tls, readBuffer } = this.#options;
    if (tls === undefined) {
      return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
        if (this.admit(socket)) {
          allowLending(socket, readBuffer);
          const known = this.#host.enter(socket, performance.now());
          if (known !== undefined) {
            this.#newcomers.enter(socket, { isInHandshake: false });
            void known.then(() => this.#newcomers.leave(socket));
          }
        }
      });
    }
    const server = newTlsServer(tls);
    server.on('connection', (raw) => this.#awaitHandshake(raw));
    server.on('secureConnection', (secure) => this.#secured(secure));
    // The remote caused the failed handshake, so report nothing. Destroy the socket and do not reset it: the
    // TLS alert, which tells the remote what went wrong, then still arrives.
    server.on('tlsClientError', (_, secure) => secure.destroy());
    return server;
  }

  #listen(where: ListenOptions): Promise<void> {
    const listened = listening(this.server, where);
    let hasListened = false;
    this.server.once('listening', () => {
      hasListened = true;
    });
    this.server.on('error', (cause) => {
      if (hasListened || this.#host.isHeard) {
        this.#host.report(unableToListen(cause, where));
      }
    });
    return listened;
  }

  #awaitHandshake(raw: Duplex): void {
    if (!this.admit(raw)) {
      return;
    }
    const handshake = new Deadline(this.#options.handshakeTimeout, {
      onExpire: () => reset(raw),
    });
    this.#slots.set(raw, { duplex: raw, handshake, since: performance.now() });
    this.#newcomers.enter(raw, { isInHandshake: true });
    handshake.start();
  }

  #secured(secure: TLSSocket): void {
    allowHalfOpen(secure);
    const raw = rawBelow(secure, this.#slots);
    const slot = raw === undefined ? undefined : this.#slots.get(raw);
    if (raw === undefined || slot === undefined) {
      // Node always emits the raw socket first, and then it is counted already. On a runtime that does not
      // emit the raw socket, count the TLS socket.
      if (!secure.destroyed && this.admit(secure)) {
        void this.#host.enter(secure, performance.now());
      }
      return;
    }
    this.#newcomers.secured(raw);
    slot.handshake?.clear();
    slot.handshake = undefined;
    slot.duplex = secure;
    if (raw !== secure && raw instanceof Socket) {
      carriedBy(secure, raw);
    }
    secure.on('error', ignore);
    const { since } = slot;
    // Enter only when this callback of TLS has returned: a handler that resets the socket inside the callback
    // would crash the process (Node 20).
    setImmediate(() => {
      if (!secure.destroyed) {
        void Promise.resolve(this.#host.enter(secure, since)).then(() =>
          this.#newcomers.leave(raw),
        );
      }
    });
  }

  readonly #onAbort = (): void => {
    // Reset first, so that readers get the abort and not an orderly end.
    this.#resetAll(this.#options.signal);
    void this.#stop();
  };

  /** Takes no more connections. Resolves when all open connections are gone. */
  #stop(): Promise<unknown> {
    this.ready.catch(() => undefined);
    if (this.#ending !== undefined) {
      return this.#ending;
    }
    const stopped = this.#listened.then(() => stopListening(this.server));
    const empty = new Promise<void>((resolve) => {
      this.#whenEmpty.push(resolve);
    });
    const duplexes = Array.from(this.#slots.values(), ({ duplex }) => duplex);
    this.#ending = Promise.all([stopped, empty, this.#host.finish(duplexes)]);
    // A client whose handshake runs has asked for nothing yet, so cut it off.
    for (const { duplex, handshake } of this.#slots.values()) {
      if (handshake !== undefined) {
        reset(duplex);
      }
    }
    this.#tellWhenEmpty();
    return this.#ending;
  }

  #tellWhenEmpty(): void {
    if (this.#slots.size > 0) {
      return;
    }
    for (const resolve of this.#whenEmpty.splice(0)) {
      resolve();
    }
  }

  #resetAll(abortedBy: AbortSignal | undefined): void {
    this.#host.destroyAll(abortedBy);
    for (const [raw, { duplex }] of this.#slots) {
      reset(duplex);
      // Some duplexes do not emit 'close', so stop counting them here.
      this.leave(raw);
    }
  }
}

/** The members that the server object of a caller has, whatever its connections are. */
export interface ServerFace {
  readonly ready: Promise<void>;
  readonly port: number;
  readonly address: string | undefined;
  readonly connections: number;
  readonly server: Server;
  close(options?: CloseOptions): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes the server object of a caller. Its methods are closures, so that the caller can pass one of them on
 * alone.
 */
export function faceOf(door: OpenServer): ServerFace {
  const close = (options: CloseOptions = {}): Promise<void> => closeWithin(door, options);
  return {
    ready: door.ready,
    get port() {
      return door.port;
    },
    get address() {
      return door.address;
    },
    get connections() {
      return door.connections;
    },
    server: door.server,
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

async function closeWithin(door: OpenServer, options: CloseOptions): Promise<void> {
  await door.close(resolveWithin(options, DEFAULT_WITHIN_MS));
}

function ignore(): void {
  // The error needs no handling here: the connection that reads or writes reports it.
}

/** Waits for a promise that never rejects, but no longer than `ms`. */
async function before(promise: Promise<unknown>, ms: number): Promise<void> {
  if (ms === Infinity) {
    await promise;
    return;
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    // When the timer fires, read the input once more: in a busy process an end may have come in time and
    // still be unread.
    timer = setTimeout(() => afterInput(resolve), ms);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
