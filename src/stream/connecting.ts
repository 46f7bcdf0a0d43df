// A socket that is connected and, with TLS, through its handshake: what dial() and dialMessages() share.

import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { unwatchAbort, watchAbort } from '../abort.ts';
import type { ConnectionError } from '../errors.ts';
import { checkSignal, connectionTime, refuse, refuseValue, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { printable } from '../text.ts';
import { Deadline } from './deadline.ts';
import { addressOf, checkText } from './listening.ts';
import { checkClientTls, tlsOver } from './tls-socket.ts';
import { closed, codeOf, connectionError } from './transport.ts';

export interface DialAddress {
  readonly port?: number | undefined;
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Path of a unix socket, instead of port and host. */
  readonly path?: string | undefined;
  /** Options of `tls.connect`, such as `{ ca }`. With them, also with `{}`, the connection is encrypted. */
  readonly tls?: ConnectionOptions | undefined;
  /** Time in ms for connecting and the TLS handshake. Infinity means no limit. Default 10 000. */
  readonly connectTimeout?: number | undefined;
  /** Aborting it gives up the attempt, or ends the connection. */
  readonly signal?: AbortSignal | undefined;
}

export const DIAL_NAMES: OptionNames<DialAddress> = {
  port: true,
  host: true,
  path: true,
  tls: true,
  connectTimeout: true,
  signal: true,
};

export interface ResolvedDialAddress {
  readonly to: { readonly port: number; readonly host: string } | { readonly path: string };
  readonly tls: ConnectionOptions | undefined;
  readonly connectTimeout: number;
  readonly signal: AbortSignal | undefined;
}

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
/** Options of `tls.connect` that stand beside `tls` here, not in it. */
const MISPLACED = ['port', 'host', 'path', 'socket', 'timeout'] as const;

/** Throws UsageError ERR_OPTION. */
export function resolveDialAddress(options: DialAddress): ResolvedDialAddress {
  const { tls, connectTimeout = DEFAULT_CONNECT_TIMEOUT_MS, signal } = options;
  checkSignal('signal', signal);
  checkTls(tls);
  return {
    to: whereTo(options),
    tls,
    connectTimeout: connectionTime('connectTimeout', connectTimeout),
    signal,
  };
}

function whereTo({ port, host, path }: DialAddress): ResolvedDialAddress['to'] {
  checkText('host', host);
  checkText('path', path);
  if (path !== undefined) {
    if (port === undefined && host === undefined) {
      return { path };
    }
    return refuse('path is the path of a unix socket, which has no port and no host.');
  }
  if (port === undefined) {
    refuse('dial needs a port, or the path of a unix socket.');
  }
  return { port: whole('port', port, { min: 1, max: 65_535 }), host: host ?? '127.0.0.1' };
}

function checkTls(tls: ConnectionOptions | undefined): void {
  if (tls === undefined) {
    return;
  }
  const given: unknown = tls;
  if (typeof given !== 'object' || given === null) {
    refuseValue('tls', 'an options object, as for tls.connect', given);
  }
  const misplaced = MISPLACED.find((name) => Object.hasOwn(tls, name));
  if (misplaced !== undefined) {
    const hint = misplaced === 'timeout' ? 'Use connectTimeout.' : 'Write it beside tls.';
    refuse(`tls takes no ${misplaced}.`, hint);
  }
  checkClientTls(tls);
}

/**
 * Connects, and hands the socket to `use` in the same tick, so that `use` misses no event. Rejects
 * with ConnectionError ERR_CONNECT, with ERR_CONNECTION_CLOSED when the signal aborts, or with what
 * `use` throws.
 */
export function connected<R>(address: ResolvedDialAddress, use: (socket: Socket) => R): Promise<R> {
  const { signal } = address;
  if (signal?.aborted === true) {
    return Promise.reject(closed('aborted', undefined, signal.reason));
  }
  return new Promise((resolve, reject) => {
    const ready = (socket: Socket): void => {
      const made = use(socket);
      if (address.tls === undefined) {
        resolve(made);
      }
      // Wait until this callback of TLS is over. TLS goes on to use the socket below it, and if that
      // was reset in the meantime, the process ends with a segmentation fault (Node 20).
      else {
        setImmediate(() => resolve(made));
      }
    };
    new Attempt(address, { ready, failed: reject }).start();
  });
}

/** How an attempt ends: with one call of one of these. The attempt also fails when `ready` throws. */
interface Outcome {
  ready(socket: Socket): void;
  failed(error: unknown): void;
}

/** One attempt to connect: TCP, and then TLS where the address asks for it. */
class Attempt {
  readonly #address: ResolvedDialAddress;
  readonly #outcome: Outcome;
  readonly #raw: Socket;
  /** The raw socket, and then the TLS socket above it. */
  #socket: Socket;
  readonly #late: Deadline;

  constructor(address: ResolvedDialAddress, outcome: Outcome) {
    this.#address = address;
    this.#outcome = outcome;
    this.#raw = connect({ ...address.to, allowHalfOpen: true, noDelay: true });
    this.#socket = this.#raw;
    this.#late = new Deadline(address.connectTimeout, () => this.#fail(tooLate(address)));
  }

  start(): void {
    this.#late.start();
    watchAbort(this.#address.signal, this.#onAbort);
    this.#raw.once('error', this.#onError).once('close', this.#onClose);
    this.#raw.once('connect', () => this.#connected());
  }

  readonly #onError = (cause: unknown): void => this.#fail(unableToConnect(this.#address, cause));

  readonly #onClose = (): void => this.#fail(unableToConnect(this.#address, undefined));

  readonly #onAbort = (): void =>
    this.#fail(closed('aborted', undefined, this.#address.signal?.reason));

  #connected(): void {
    const { tls, to } = this.#address;
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
    // The raw socket below a TLS socket has no other listener; its errors show on the TLS socket.
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
    unwatchAbort(this.#address.signal, this.#onAbort);
    for (const socket of [this.#socket, this.#raw]) {
      socket.off('error', this.#onError).off('close', this.#onClose);
    }
  }
}

function ignore(): void {
  // The attempt has failed, and its error was reported.
}

function nameOf({ to }: ResolvedDialAddress): string {
  return 'path' in to ? to.path : addressOf(to.host, to.port);
}

function tooLate(address: ResolvedDialAddress): ConnectionError {
  const { connectTimeout: limit } = address;
  return connectionError('ERR_CONNECT', `Cannot connect within ${limit} ms`, {
    reason: 'timeout',
    limit,
    remoteAddress: nameOf(address),
  });
}

function unableToConnect(address: ResolvedDialAddress, cause: unknown): ConnectionError {
  const reason = codeOf(cause) ?? 'closed';
  return connectionError('ERR_CONNECT', `Cannot connect: ${factsOf(reason, cause)}`, {
    reason,
    cause,
    hint: hintOf(reason),
    remoteAddress: nameOf(address),
  });
}

function factsOf(reason: string, cause: unknown): string {
  if (!isAboutCertificate(reason)) {
    return reason;
  }
  // The message quotes the certificate, whose text the remote chose.
  const words = cause instanceof Error ? `: ${printable(cause.message)}` : '';
  return `the certificate was not accepted, ${reason}${words}`;
}

function hintOf(reason: string): string | undefined {
  if (reason === 'ECONNREFUSED') {
    return 'Is the server running?';
  }
  if (reason === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return 'Use the name in the certificate as host.';
  }
  if (isAboutCertificate(reason)) {
    return 'Give the authority that signed it as tls.ca.';
  }
  if (reason.startsWith('ERR_SSL_') || reason === 'EPROTO') {
    return 'Does the server speak TLS?';
  }
  return undefined;
}

function isAboutCertificate(reason: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)/.test(reason) && !reason.startsWith('ERR_SSL_');
}
