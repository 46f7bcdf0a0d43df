// connect(): a peer at an address, tried again where that was asked for.

import { connect as connectSocket } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { checkFunction, checkOptionNames, ConnectionError, UsageError } from '../errors.ts';
import { MAX_TIMEOUT, whole } from '../stream/framed-options.ts';
import { closed, codeOf, connectionError, lost } from '../stream/transport.ts';
import { admitted } from './admit.ts';
import type { Admit } from './admit.ts';
import { Peer } from './peer.ts';
import type { PeerOptions } from './peer.ts';
import { resolvePeerOptions } from './peer-options.ts';

export interface PeerAddress {
  readonly port?: number | undefined;
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** A unix socket, instead of port and host. */
  readonly path?: string | undefined;
  /** Options of `tls.connect`, such as `{ ca }`: then the connection is encrypted. */
  readonly tls?: ConnectionOptions | undefined;
}

/** How often to try, and how long to wait in between: twice as long each time, and not all at once. */
export interface Retry {
  /** Attempts in all. Default 10. */
  readonly attempts?: number | undefined;
  /** In ms. Default 100. */
  readonly minDelay?: number | undefined;
  /** In ms. Default 10 000. */
  readonly maxDelay?: number | undefined;
}

export interface ConnectOptions extends PeerOptions {
  /** Tries again where no connection could be made, or it broke before the hello. Default: once. */
  readonly retry?: Retry | undefined;
  /** Registers handlers before anything of the other side is heard. */
  readonly setup?: ((peer: Peer) => void) | undefined;
  /** Speaks with the other side first: authentication. */
  readonly admit?: Admit | undefined;
  /** So many ms may one attempt take until it is connected and admitted. Default 10 000. */
  readonly timeout?: number | undefined;
  /** Stops trying, and ends the peer. */
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const RETRY_NAMES = ['attempts', 'minDelay', 'maxDelay'];
const ADDRESS_NAMES = ['port', 'host', 'path', 'tls'];

interface Attempt {
  readonly where: PeerAddress;
  readonly options: PeerOptions;
  readonly admit: Admit | undefined;
  readonly setup: (peer: Peer) => void;
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Connects, and resolves when the other side has said hello. Rejects with ConnectionError ERR_CONNECT
 * (its cause is the last failure), with what `admit` throws, or with a ProtocolError: those are not
 * tried again, for they would be the same.
 */
export async function connect(where: PeerAddress, options: ConnectOptions = {}): Promise<Peer> {
  checkOptionNames('The address', where, ADDRESS_NAMES);
  const { retry, setup = () => undefined, admit, timeout, signal, ...peerOptions } = options;
  const { onError, ...settings } = peerOptions;
  if (onError !== undefined) checkFunction('onError', onError);
  resolvePeerOptions(settings);
  checkFunction('setup', setup);
  checkAddress(where);
  const { attempts, minDelay, maxDelay } = resolveRetry(retry);
  const ms = whole('timeout', timeout ?? DEFAULT_TIMEOUT_MS, MAX_TIMEOUT);
  const attempt: Attempt = { where, options: peerOptions, admit, setup, timeout: ms, signal };
  for (let made = 1; ; made++) {
    if (signal?.aborted === true) throw closed('aborted', undefined, signal.reason);
    try {
      return await connectOnce(attempt);
    } catch (error) {
      if (!(error instanceof ConnectionError) || error.code === 'ERR_CONNECTION_CLOSED')
        throw error;
      if (made >= attempts) throw unableToConnect(where, made, error);
    }
    await pause(backoff(made, minDelay, maxDelay), signal);
  }
}

async function connectOnce(attempt: Attempt): Promise<Peer> {
  const { options, admit, setup, timeout, signal } = attempt;
  const socket = await connected(attempt);
  const onAbort = (): void => void socket.destroy();
  signal?.addEventListener('abort', onAbort, { once: true });
  let peer: Peer | undefined;
  try {
    peer = new Peer(await admitted(socket, admit, timeout), options);
    setup(peer);
    await peer.ready;
    endOnAbort(peer, signal);
    return peer;
  } catch (error) {
    peer?.destroy(error);
    socket.destroy();
    throw signal?.aborted === true ? closed('aborted', undefined, signal.reason) : error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

function endOnAbort(peer: Peer, signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  const onAbort = (): void => peer.destroy(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  void peer.closed.then(() => signal.removeEventListener('abort', onAbort));
}

/** A socket that is connected, and through its TLS handshake. */
function connected({ where, timeout, signal }: Attempt): Promise<Socket> {
  const { port = 0, host = '127.0.0.1', path, tls } = where;
  const to = path === undefined ? { port, host } : { path };
  const socket =
    tls === undefined
      ? connectSocket({ ...to, allowHalfOpen: true })
      : connectTls({ ...to, ...tls });
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      act();
    };
    const fail = (error: ConnectionError): void =>
      settle(() => {
        socket.destroy();
        reject(error);
      });
    const late = `No connection within ${timeout} ms`;
    const timer =
      timeout === 0
        ? undefined
        : setTimeout(() => fail(connectionError('ERR_TIMEOUT', late, { limit: timeout })), timeout);
    const onAbort = (): void => fail(closed('aborted', undefined, signal?.reason));
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () =>
      settle(() => resolve(socket)),
    );
    socket.on('error', (error) => fail(lostBefore(error)));
  });
}

function lostBefore(cause: Error): ConnectionError {
  const broke = lost(cause, undefined);
  return broke instanceof ConnectionError
    ? broke
    : connectionError('ERR_CONNECTION_LOST', 'The connection broke', { cause });
}

function unableToConnect(
  where: PeerAddress,
  made: number,
  cause: ConnectionError,
): ConnectionError {
  const to = where.path ?? `${where.host ?? '127.0.0.1'}:${where.port}`;
  const tries = made === 1 ? '' : ` after ${made} attempts`;
  const reason = codeOf(cause.cause) ?? cause.code;
  const why = cause.message.replace(/\.$/, '');
  return connectionError('ERR_CONNECT', `No connection to ${to}${tries}: ${why}`, {
    reason,
    cause,
    sent: false,
    ...(reason === 'ECONNREFUSED' ? { hint: 'Is the server running?' } : {}),
  });
}

/** Half of the time is certain and half by chance, so that many clients do not return at once. */
function backoff(made: number, minDelay: number, maxDelay: number): number {
  const full = Math.min(minDelay * 2 ** (made - 1), maxDelay);
  return full / 2 + (Math.random() * full) / 2;
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (signal?.aborted === true) done();
    else signal?.addEventListener('abort', done, { once: true });
  });
}

function resolveRetry(retry: Retry | undefined): Required<{ [K in keyof Retry]: number }> {
  if (retry === undefined) return { attempts: 1, minDelay: 0, maxDelay: 0 };
  checkOptionNames('retry', retry, RETRY_NAMES);
  return {
    attempts: Math.max(1, whole('attempts', retry.attempts ?? 10, Number.MAX_SAFE_INTEGER)),
    minDelay: whole('minDelay', retry.minDelay ?? 100, MAX_TIMEOUT),
    maxDelay: whole('maxDelay', retry.maxDelay ?? 10_000, MAX_TIMEOUT),
  };
}

function checkAddress({ port, path }: PeerAddress): void {
  if (path !== undefined) return;
  if (port !== undefined && whole('port', port, 65_535) > 0) return;
  throw new UsageError('ERR_OPTION', 'The address needs a port, or the path of a unix socket.');
}
