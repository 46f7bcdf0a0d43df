// Connects a socket and, if the address asks for TLS, completes the handshake. dial(), dialMessages() and the
// connect() of peers share this file. One call makes one attempt; a caller that wants several attempts makes
// several calls.

import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { unwatchAbort, watchAbort } from '../abort.ts';
import { ConnectionError } from '../errors.ts';
import type { ErrorInit } from '../errors.ts';
import { checkSignal, connectionTime, refuse, refuseValue, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { printable } from '../text.ts';
import { Deadline } from './deadline.ts';
import type { Timed } from './deadline.ts';
import { addressOf, checkText } from './listening.ts';
import { allowLending, resolveReadBuffer } from './read-buffer.ts';
import type { ReadBuffer } from './read-buffer.ts';
import { isConnectedToItself } from '../self-connection.ts';
import { checkClientTls } from '../tls-client.ts';
import { tlsOver } from './tls-socket.ts';
import { closed, codeOf, connectionError } from './transport.ts';

/**
 * Address that `dial` and `dialMessages` connect to, the time limit of the attempt, and the kind of socket.
 */
export interface DialAddress {
  /**
   * Port of the server, 1 … 65 535. Any other value throws ERR_OPTION. Required without `path`. Beside `path`
   * it throws ERR_OPTION.
   */
  readonly port?: number | undefined;
  /** Name or address of the server. Throws ERR_OPTION beside `path`. Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Path of a unix socket, instead of port and host. Default: none. */
  readonly path?: string | undefined;
  /**
   * Options of `tls.connect`, such as `{ ca }`. With them, also with `{}`, the connection is encrypted.
   * Default: none, a plain connection.
   */
  readonly tls?: ConnectionOptions | undefined;
  /**
   * Time in ms for connecting and the TLS handshake together. When it is over, the attempt fails with
   * ERR_CONNECT. Infinity means no limit, and 0 throws ERR_OPTION. Default 10 000.
   */
  readonly connectTimeout?: number | undefined;
  /**
   * Signal whose abort ends the attempt or, later, the connection, with ERR_CONNECTION_CLOSED. Default: none.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Memory into which the socket is read, from its first `scan` or `body.visit` on. 'reused' is one buffer
   * for all sockets of the thread; 'own' is new memory for each read. 'reused' works with Node on Linux,
   * without `tls`, and outside workers of node:cluster; everywhere else it has the effect of 'own'. Default
   * 'reused'.
   */
  readonly readBuffer?: ReadBuffer | undefined;
}

/** The part of an address that says where the server is. */
export type ServerAddress = Pick<DialAddress, 'port' | 'host' | 'path' | 'tls'>;

export const ADDRESS_NAMES: OptionNames<ServerAddress> = {
  port: true,
  host: true,
  path: true,
  tls: true,
};

export const DIAL_NAMES: OptionNames<DialAddress> = {
  ...ADDRESS_NAMES,
  connectTimeout: true,
  signal: true,
  readBuffer: true,
};

export interface ResolvedAddress {
  readonly to: { readonly port: number; readonly host: string } | { readonly path: string };
  readonly tls: ConnectionOptions | undefined;
}

/** The checked options of one attempt to connect. */
export interface ConnectAttempt extends ResolvedAddress {
  readonly connectTimeout: number;
  readonly signal: AbortSignal | undefined;
  readonly readBuffer: ReadBuffer;
  /** Number of attempts so far, this one included. Default 1. */
  readonly made?: number;
}

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const BESIDE_TLS = 'Write it beside tls.';
/** Options of `tls.connect` that must not stand in `tls`, each with the advice that the error gives. */
const MISPLACED = {
  port: BESIDE_TLS,
  host: BESIDE_TLS,
  path: BESIDE_TLS,
  socket: 'Leave it out, because this call opens the socket. framed and peer take an open socket.',
  timeout: 'connectTimeout, beside tls, is the limit of an attempt.',
} as const;

/** Checks the options of an attempt and fills in the defaults. Throws UsageError ERR_OPTION. */
export function resolveDialAddress(options: DialAddress): ConnectAttempt {
  const { connectTimeout = DEFAULT_CONNECT_TIMEOUT_MS, signal } = options;
  checkSignal('signal', signal);
  return {
    ...resolveAddress(options),
    connectTimeout: connectionTime('connectTimeout', connectTimeout),
    signal,
    readBuffer: resolveReadBuffer(options.readBuffer),
  };
}

/** Checks the part that says where the server is, and fills in the defaults. Throws UsageError ERR_OPTION. */
export function resolveAddress({ port, host, path, tls }: ServerAddress): ResolvedAddress {
  checkText('host', host);
  checkText('path', path);
  checkTls(tls);
  if (path !== undefined) {
    if (port === undefined && host === undefined) {
      return { to: { path }, tls };
    }
    refuse(
      'path is given beside port or host, but a unix socket has neither.',
      'Give one of them.',
    );
  }
  if (port === undefined) {
    refuse('The address needs a port, or the path of a unix socket.');
  }
  const to = { port: whole('port', port, { min: 1, max: 65_535 }), host: host ?? '127.0.0.1' };
  return { to, tls };
}

function checkTls(tls: ConnectionOptions | undefined): void {
  if (tls === undefined) {
    return;
  }
  const given: unknown = tls;
  if (typeof given !== 'object' || given === null) {
    refuseValue('tls', 'an options object, as for tls.connect', given);
  }
  for (const [name, hint] of Object.entries(MISPLACED)) {
    if (Object.hasOwn(tls, name)) {
      refuse(`tls takes no ${name}.`, hint);
    }
  }
  checkClientTls(tls);
}

/**
 * Connects, and passes the socket to `use` in the tick in which it is ready, so that `use` misses no event.
 * Rejects with ConnectionError ERR_CONNECT, with ERR_CONNECTION_CLOSED when the signal aborts, or with what
 * `use` throws.
 */
export function connected<R>(asked: ConnectAttempt, use: (socket: Socket) => R): Promise<R> {
  const { signal } = asked;
  if (signal?.aborted === true) {
    return Promise.reject(closed('aborted', undefined, signal.reason));
  }
  return new Promise((resolve, reject) => {
    const ready = (socket: Socket): void => {
      const made = use(socket);
      if (asked.tls === undefined) {
        resolve(made);
      }
      // Resolve only when this callback of TLS has returned. TLS goes on to use the raw socket below the TLS
      // socket; if the caller had reset that raw socket in the meantime, the process would end with a
      // segmentation fault (Node 20).
      else {
        setImmediate(() => resolve(made));
      }
    };
    new Attempt(asked, { ready, failed: reject }).start();
  });
}

/**
 * Functions for the two outcomes of an attempt. The attempt calls one of them, once. If `ready` throws, the
 * attempt also calls `failed`.
 */
interface Outcome {
  ready(socket: Socket): void;
  failed(error: unknown): void;
}

/** One attempt to connect: TCP, and then TLS where the address asks for it. */
class Attempt implements Timed {
  readonly #asked: ConnectAttempt;
  readonly #outcome: Outcome;
  readonly #raw: Socket;
  /** The raw socket, and then the TLS socket above it. */
  #socket: Socket;
  readonly #late: Deadline;

  constructor(asked: ConnectAttempt, outcome: Outcome) {
    this.#asked = asked;
    this.#outcome = outcome;
    this.#raw = connect({ ...asked.to, allowHalfOpen: true, noDelay: true });
    if (asked.tls === undefined) {
      allowLending(this.#raw, asked.readBuffer);
    }
    this.#socket = this.#raw;
    this.#late = new Deadline(asked.connectTimeout, this);
  }

  /** Number of bytes of the handshake that came. */
  get progress(): number {
    return this.#socket.bytesRead;
  }

  /** Called when the time of the attempt is over. */
  onExpire(): void {
    this.#fail(tooLate(this.#asked));
  }

  start(): void {
    this.#late.start();
    watchAbort(this.#asked.signal, this.#onAbort);
    this.#raw.once('error', this.#onError).once('close', this.#onClose);
    this.#raw.once('connect', () => this.#connected());
  }

  readonly #onError = (cause: unknown): void => this.#fail(unableToConnect(this.#asked, cause));

  readonly #onClose = (): void => this.#fail(unableToConnect(this.#asked, undefined));

  readonly #onAbort = (): void =>
    this.#fail(closed('aborted', undefined, this.#asked.signal?.reason));

  #connected(): void {
    const { tls, to } = this.#asked;
    if (isConnectedToItself(this.#raw)) {
      this.#fail(unableToConnect(this.#asked, { code: 'ECONNREFUSED' }));
      return;
    }
    if (tls === undefined) {
      this.#done();
      return;
    }
    try {
      this.#socket = tlsOver(this.#raw, 'host' in to ? to.host : 'localhost', tls);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#socket.once('error', this.#onError).once('close', this.#onClose);
    this.#socket.once('secureConnect', () => this.#done());
  }

  #done(): void {
    this.#settle();
    // The raw socket below a TLS socket needs a listener for 'error', or its errors would end the process.
    // The TLS socket reports those errors.
    if (this.#socket !== this.#raw) {
      this.#raw.on('error', ignore);
    }
    try {
      this.#outcome.ready(this.#socket);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#settle();
    for (const broken of [this.#socket, this.#raw]) {
      broken.on('error', ignore).destroy();
    }
    this.#outcome.failed(error);
  }

  #settle(): void {
    this.#late.clear();
    unwatchAbort(this.#asked.signal, this.#onAbort);
    for (const socket of [this.#socket, this.#raw]) {
      socket.off('error', this.#onError).off('close', this.#onClose);
    }
  }
}

function ignore(): void {
  // The error needs no handling here, because the attempt or the TLS socket above has reported it.
}

function nameOf({ to }: ResolvedAddress): string {
  return 'path' in to ? to.path : addressOf(to.host, to.port);
}

function tooLate(asked: ConnectAttempt): ConnectionError {
  const { connectTimeout: limit } = asked;
  return cannotConnect(asked, `it took longer than ${limit} ms`, { reason: 'timeout', limit });
}

/**
 * Makes the error of an attempt that failed with `cause`: an error of Node, or the ConnectionError of a
 * connection that broke before it could be used. `cause` is undefined if the socket was closed and no error
 * says why.
 */
export function unableToConnect(asked: ConnectAttempt, cause: unknown): ConnectionError {
  if (cause instanceof ConnectionError) {
    const reason = codeOf(cause.cause) ?? cause.code;
    return cannotConnect(asked, wordsOf(cause), { reason, cause });
  }
  const reason = codeOf(cause) ?? 'closed';
  return cannotConnect(asked, factsOf(reason, cause), { reason, cause, hint: hintOf(reason) });
}

function cannotConnect(asked: ConnectAttempt, facts: string, init: ErrorInit): ConnectionError {
  const { made = 1 } = asked;
  const tries = made === 1 ? '' : ` in ${made} attempts`;
  return connectionError('ERR_CONNECT', `Cannot connect${tries}: ${facts}`, {
    ...init,
    sent: false,
    remoteAddress: nameOf(asked),
  });
}

/**
 * Returns the message of an error without the remote's address, because the outer message names the address.
 */
function wordsOf({ message, remoteAddress }: ConnectionError): string {
  const said =
    remoteAddress === undefined ? message : message.replace(` (remote ${remoteAddress})`, '');
  return said.replace(/\.$/, '');
}

function factsOf(reason: string, cause: unknown): string {
  if (!isAboutCertificate(reason)) {
    return reason;
  }
  // The remote chose the text of the certificate, which this message quotes. So make the text printable.
  const words = cause instanceof Error ? `: ${printable(cause.message)}` : '';
  return `the certificate was not accepted, ${reason}${words}`;
}

const ALERT_HINT =
  'The server refused the handshake: it may want a certificate (tls.key and tls.cert), or another version of TLS.';

function hintOf(reason: string): string | undefined {
  if (reason === 'ECONNREFUSED') {
    return 'Is the server running?';
  }
  if (reason === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return 'Use the name in the certificate as host.';
  }
  if (isAboutCertificate(reason)) {
    return 'Give the authority that signed the certificate as tls.ca.';
  }
  // A TLS alert comes from a server that speaks TLS and refuses the handshake.
  if (reason.includes('_ALERT_')) {
    return ALERT_HINT;
  }
  if (reason.startsWith('ERR_SSL_') || reason === 'EPROTO') {
    return 'Does the server speak TLS?';
  }
  return undefined;
}

function isAboutCertificate(reason: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)/.test(reason) && !reason.startsWith('ERR_SSL_');
}
