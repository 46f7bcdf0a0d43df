// Everything that the stream layer needs of a duplex besides bytes: its address, ways to end or reset it, and
// its errors as errors of this package. In this folder only transport.ts and tls-socket.ts look at
// private fields of Node's sockets. transport.ts also works without these fields.

import { Socket } from 'node:net';
import { finished } from 'node:stream';
import type { Duplex } from 'node:stream';
import { NO_BYTES } from '../codec/bytes.ts';
import { ConnectionError, isUnstickError, UsageError } from '../errors.ts';
import type { ErrorCode, ErrorInit, UnstickError } from '../errors.ts';
import { refuse } from '../options.ts';
import { afterInput } from './deadline.ts';
import { framingOf } from './listeners.ts';

/**
 * The carrier of a duplex: the raw socket below a TLS socket, or the old duplex below one that `release`
 * made. The carrier has the address, and a failure resets the carrier.
 */
const carriers = new WeakMap<Duplex, Duplex>();

const VERBS = ['on', 'write', 'end', 'pause', 'resume', 'destroy'];

/**
 * Throws UsageError for a value that is no duplex, and for a duplex that is already framed or has a
 * 'readable' listener.
 */
export function checkFree(duplex: Duplex): void {
  const isDuplex =
    typeof duplex === 'object' &&
    duplex !== null &&
    VERBS.every((verb) => typeof Reflect.get(duplex, verb) === 'function');
  if (!isDuplex) {
    refuse(
      'The first argument must be a node Duplex, such as a socket.',
      'Duplex.from({ readable, writable }) makes a Duplex of two streams.',
    );
  }
  if (framingOf(duplex) !== undefined) {
    throw new UsageError('ERR_CONCURRENT_READ', 'This duplex is framed already.', {
      hint: 'Use the connection that frames it, or release() that connection first.',
    });
  }
  checkReadable(duplex);
}

/**
 * Throws ERR_CONCURRENT_READ for a duplex with a 'readable' listener. Such a listener keeps the stream from
 * flowing, so a read would wait for ever.
 */
export function checkReadable(duplex: Duplex): void {
  if (duplex.listenerCount('readable') === 0) {
    return;
  }
  throw new UsageError('ERR_CONCURRENT_READ', "This duplex has a 'readable' listener.", {
    hint: "Remove that listener: it keeps the duplex from giving 'data'.",
  });
}

/** Returns `address:port` of the remote, where the transport knows it. */
export function remoteAddressOf(duplex: Duplex): string | undefined {
  return peerNameOf(duplex) ?? statedAddressOf(duplex);
}

/**
 * Asks the handle of a plain socket for its remote. The getters of the socket would keep an object with the
 * address for as long as the socket lives, and a text that is put together would keep its parts: together 200
 * bytes for each connection.
 */
function peerNameOf(duplex: Duplex): string | undefined {
  // Code above a proxy may have given the socket another address: ask only for that of Node's own getter.
  const isNodes =
    Reflect.getPrototypeOf(duplex) === Socket.prototype && !Object.hasOwn(duplex, 'remoteAddress');
  const handle = isNodes && !isConnecting(duplex) ? handleOf(duplex) : undefined;
  if (handle === undefined || !tellsPeerName(handle)) {
    return undefined;
  }
  const name: { address?: unknown; port?: unknown } = {};
  const isKnown = handle.getpeername(name) === 0 && typeof name.address === 'string';
  return isKnown && typeof name.port === 'number' ? [name.address, name.port].join(':') : undefined;
}

function tellsPeerName(handle: object): handle is { getpeername(name: object): unknown } {
  return typeof Reflect.get(handle, 'getpeername') === 'function';
}

function statedAddressOf(duplex: Duplex): string | undefined {
  if (!('remoteAddress' in duplex) || typeof duplex.remoteAddress !== 'string') {
    const carrier = carriers.get(duplex);
    return carrier === undefined ? undefined : remoteAddressOf(carrier);
  }
  const port =
    'remotePort' in duplex && typeof duplex.remotePort === 'number' ? duplex.remotePort : 0;
  return `${duplex.remoteAddress}:${port}`;
}

/**
 * Turns off Nagle's algorithm: we pack small writes ourselves, so the kernel need not wait for more bytes.
 */
export function sendAtOnce(duplex: Duplex): void {
  if ('setNoDelay' in duplex && typeof duplex.setNoDelay === 'function') {
    duplex.setNoDelay(true);
  }
}

/** Records which duplex carries `duplex`, so that a failure resets the carrier. Returns `duplex`. */
export function carriedBy<D extends Duplex>(duplex: D, carrier: Duplex): D {
  carriers.set(duplex, carrier);
  return duplex;
}

/** Yields a duplex and all its carriers, from the top down to the socket. */
function* layersOf(duplex: Duplex): Generator<Duplex, void> {
  for (let layer: Duplex | undefined = duplex; layer !== undefined; layer = carriers.get(layer)) {
    yield layer;
  }
}

/** Returns the TCP socket that a duplex is or has below it, or `undefined` if there is none. */
function tcpSocketOf(duplex: Duplex): Socket | undefined {
  const socket = [...layersOf(duplex)].at(-1);
  const isPlain = socket instanceof Socket && !('encrypted' in socket);
  if (!isPlain) {
    return undefined;
  }
  // A socket that was reset has lost its address, but the class of its handle still shows that it is TCP.
  const isTcpHandle = handleOf(socket)?.constructor.name === 'TCP';
  return isTcpHandle || socket.remoteAddress !== undefined ? socket : undefined;
}

/**
 * Calls `onEnded` when it is certain that the remote has ended in order. Node 20 and 22 report a reset that
 * comes with the last bytes as a plain end. So a write of zero bytes asks the kernel: after a reset the write
 * fails, the duplex emits 'error', and `onEnded` is not called. Only a TCP socket that is still writable can
 * be asked in this way. Any other end is taken as it was reported.
 */
export function confirmEnd(duplex: Duplex, onEnded: () => void): void {
  if (tcpSocketOf(duplex) !== duplex || !duplex.writable) {
    onEnded();
    return;
  }
  // If bytes are queued, their write fails after a reset, too. So no write of zero bytes is needed.
  if (duplex.writableLength > 0) {
    afterInput(onEnded);
    return;
  }
  duplex.write(NO_BYTES, (error) => {
    if (!error) {
      onEnded();
    }
  });
}

/**
 * Ends a duplex at once because something failed. On TCP this sends a reset, which the remote cannot take for
 * an orderly end. The reset also discards what the kernel still holds for the remote. If our FIN is out
 * already, the socket is only closed. Where the transport has no reset, the remote sees a plain end.
 */
export function reset(duplex: Duplex): void {
  if (canReset(duplex)) {
    resetSocket(tcpSocketOf(duplex));
  }
  duplex.destroy();
}

/**
 * Ends a duplex that emitted 'error'. Most duplexes are destroyed by then. Others would stay open for ever: a
 * TLSSocket that received an alert after its handshake, and any duplex with `autoDestroy: false`.
 */
export function abandon(duplex: Duplex, error: unknown): void {
  if (duplex.destroyed) {
    return;
  }
  const isOpen = canReset(duplex);
  // Destroy the duplex before its socket is reset, so that the duplex closes with this error.
  duplex.destroy(error instanceof Error ? error : undefined);
  if (isOpen) {
    resetSocket(tcpSocketOf(duplex));
  }
}

/** Whether a reset can still be sent. It cannot once FIN is out, on the duplex or on a layer below it. */
function canReset(duplex: Duplex): boolean {
  return ![...layersOf(duplex)].some(isFinishing) && !duplex.destroyed;
}

/**
 * Whether the kernel has everything, and FIN is out or on its way. In this state the system refuses a reset
 * (EINVAL), and Node neither closes the socket nor reports that. The descriptor of the socket would leak, and
 * the process would wait for it in a busy loop when it exits.
 */
function isFinishing(duplex: Duplex): boolean {
  return duplex.writableEnded && duplex.writableLength === 0;
}

function resetSocket(socket: Socket | undefined): void {
  if (socket === undefined || socket.destroyed || socket.connecting) {
    return;
  }
  // Without a handle, `resetAndDestroy` would only emit an 'error' event.
  if (handleOf(socket) === undefined) {
    return;
  }
  socket.resetAndDestroy();
}

/** Returns Node's handle below a socket. */
function handleOf(duplex: object): object | undefined {
  const handle: unknown = Reflect.get(duplex, '_handle');
  return typeof handle === 'object' && handle !== null ? handle : undefined;
}

/**
 * Returns the number of bytes that the kernel has taken so far, or `undefined` where Node does not tell.
 * Node's handles count the bytes that were written to them and the bytes that still wait. A TLS socket
 * encrypts into the handle below its own, so the carrier is asked.
 */
export function bytesTaken(duplex: Duplex): number | undefined {
  const own = handleOf(duplex);
  if (own === undefined) {
    const carrier = carriers.get(duplex);
    return carrier === undefined ? undefined : bytesTaken(carrier);
  }
  const below: unknown = Reflect.get(own, '_parent');
  const handle = typeof below === 'object' && below !== null ? below : own;
  const written: unknown = Reflect.get(handle, 'bytesWritten');
  const waiting: unknown = Reflect.get(handle, 'writeQueueSize');
  if (typeof written !== 'number' || typeof waiting !== 'number') {
    return undefined;
  }
  return written - waiting;
}

/** Whether a socket is still being connected. */
export function isConnecting(duplex: Duplex): boolean {
  return 'connecting' in duplex && duplex.connecting === true;
}

/**
 * Ends the writing side. Resolves with true when everything went out, or with false when the duplex closed
 * first.
 */
export function finish(duplex: Duplex): Promise<boolean> {
  return new Promise((resolve) => {
    if (duplex.writableFinished) {
      resolve(true);
    }
    duplex.once('finish', () => resolve(true));
    duplex.once('close', () => resolve(duplex.writableFinished));
    if (duplex.closed) {
      resolve(duplex.writableFinished);
    }
    duplex.end();
  });
}

/** Resolves when a duplex is closed, or both its sides are over and no 'close' comes. */
export function gone(duplex: Duplex): Promise<void> {
  return new Promise((resolve) => {
    duplex.once('close', resolve);
    // A socket emits 'close' a little later than it is finished, and some duplexes never emit 'close'. So
    // wait for both, and give 'close' a moment.
    const leave = finished(duplex, () => {
      leave();
      afterInput(resolve);
    });
  });
}

/** Turns an error of the transport into ERR_CONNECTION_LOST. An error of this package stays as it is. */
export function lost(cause: unknown, remoteAddress: string | undefined): UnstickError {
  if (isUnstickError(cause)) {
    return cause;
  }
  const word = codeOf(cause);
  const facts = word === undefined ? 'The connection broke' : `The connection broke: ${word}`;
  return new ConnectionError('ERR_CONNECTION_LOST', facts, {
    remoteAddress,
    cause,
    ...(word === undefined ? {} : { reason: word }),
  });
}

/** Makes the error of a connection that this side ended. `reason` names the way. */
export function closed(
  reason: 'closed' | 'destroyed' | 'released' | 'aborted',
  remoteAddress: string | undefined,
  cause?: unknown,
): ConnectionError {
  return connectionError('ERR_CONNECTION_CLOSED', `The connection was ${reason} on this side`, {
    remoteAddress,
    reason,
    cause,
  });
}

/** Makes the error of a call whose `timeout` of `limit` ms is over. */
export function timedOut(limit: number, remoteAddress: string | undefined): ConnectionError {
  const facts = `Nothing was received within ${limit} ms`;
  return connectionError('ERR_TIMEOUT', facts, { remoteAddress, limit });
}

/** Makes the error of a call whose signal was aborted. */
export function givenUp(signal: AbortSignal, remoteAddress: string | undefined): ConnectionError {
  return connectionError('ERR_ABORTED', 'The signal of this call was aborted', {
    remoteAddress,
    cause: signal.reason,
    hint: 'The connection goes on.',
  });
}

export function connectionError(
  code: ErrorCode,
  facts: string,
  init: ErrorInit & { readonly remoteAddress?: string | undefined },
): ConnectionError {
  return new ConnectionError(code, facts, init);
}

/** Returns the code of an error of Node, such as ECONNRESET. */
export function codeOf(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) {
    return undefined;
  }
  return typeof cause.code === 'string' ? cause.code : undefined;
}
