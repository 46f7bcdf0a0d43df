// What the stream layer asks of a duplex besides the bytes: its address, and its errors in our words.

import type { Duplex } from 'node:stream';
import { ConnectionError, isUnstickError, UsageError } from '../errors.ts';
import type { ErrorCode, ErrorInit, UnstickError } from '../errors.ts';

/** The duplexes that are framed now. A second framing would read every byte a second time. */
const framedNow = new WeakSet<Duplex>();

/** Takes a duplex for a connection: refuses what is none, and one that has a connection already. */
export function occupy(duplex: Duplex): void {
  const verbs = ['on', 'write', 'end', 'pause', 'resume', 'destroy'];
  const isDuplex =
    typeof duplex === 'object' &&
    duplex !== null &&
    verbs.every((verb) => typeof Reflect.get(duplex, verb) === 'function');
  if (!isDuplex) {
    throw new UsageError('ERR_OPTION', 'framed needs a node Duplex, such as a socket.', {
      hint: 'Make one of two streams with Duplex.from({ readable, writable }).',
    });
  }
  if (framedNow.has(duplex)) {
    throw new UsageError('ERR_CONCURRENT_READ', 'This duplex is framed already.', {
      hint: 'Use that connection, or release() it first.',
    });
  }
  framedNow.add(duplex);
}

/** Gives a duplex free again. */
export function vacate(duplex: Duplex): void {
  framedNow.delete(duplex);
}

/** `address:port` of the other side, where the transport knows it. */
export function remoteAddressOf(duplex: Duplex): string | undefined {
  if (!('remoteAddress' in duplex) || typeof duplex.remoteAddress !== 'string') return undefined;
  const port =
    'remotePort' in duplex && typeof duplex.remotePort === 'number' ? duplex.remotePort : 0;
  return `${duplex.remoteAddress}:${port}`;
}

/** Small writes are packed here, so the kernel need not wait for more. */
export function sendAtOnce(duplex: Duplex): void {
  if ('setNoDelay' in duplex && typeof duplex.setNoDelay === 'function') duplex.setNoDelay(true);
}

/** An error of the transport. One of ours passes as it is. */
export function lost(cause: unknown, remoteAddress: string | undefined): UnstickError {
  if (isUnstickError(cause)) return cause;
  const word = codeOf(cause);
  const facts = word === undefined ? 'The connection broke' : `The connection broke: ${word}`;
  return new ConnectionError('ERR_CONNECTION_LOST', facts, {
    remoteAddress,
    cause,
    ...(word === undefined ? {} : { reason: word }),
  });
}

/** The connection ended on this side. `reason` says by what. */
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

/** Ends the writing side. Resolves when all of it went out: true; or the duplex closed before: false. */
export function finish(duplex: Duplex): Promise<boolean> {
  return new Promise((resolve) => {
    if (duplex.writableFinished) resolve(true);
    duplex.once('finish', () => resolve(true));
    duplex.once('close', () => resolve(duplex.writableFinished));
    duplex.end();
  });
}

/** Nothing came within `limit` ms. */
export function timedOut(limit: number, remoteAddress: string | undefined): ConnectionError {
  const facts = `Nothing was received within ${limit} ms`;
  return connectionError('ERR_TIMEOUT', facts, { remoteAddress, limit });
}

/** The remote began a frame and did not finish it in `limit` ms. */
export function stalled(
  limit: number,
  remoteAddress: string | undefined,
  received: number,
): ConnectionError {
  const facts = `A frame was begun and not finished within ${limit} ms`;
  return connectionError('ERR_FRAME_STALLED', facts, { remoteAddress, limit, received });
}

export function connectionError(
  code: ErrorCode,
  facts: string,
  init: ErrorInit & { readonly remoteAddress?: string | undefined },
): ConnectionError {
  return new ConnectionError(code, facts, init);
}

/** The code of an error of Node, such as ECONNRESET. */
export function codeOf(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined;
  return typeof cause.code === 'string' ? cause.code : undefined;
}
