// connect(): makes a peer of a connection to an address, with several attempts if the caller wants that.

import { connect as connectSocket, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { unwatchAbort, watchAbort } from '../abort.ts';
import { ConnectionError } from '../errors.ts';
import { Deadline } from '../stream/deadline.ts';
import { carriedBy, closed, codeOf, connectionError, lost, reset } from '../stream/transport.ts';
import { Admission, admitted } from './admit.ts';
import { backoff, pause, resolveConnect } from './connect-options.ts';
import type { Attempt, ConnectOptions, PeerAddress } from './connect-options.ts';
import { Peer } from './peer.ts';

/**
 * Connects, and resolves when the remote has said hello. Rejects with ConnectionError ERR_CONNECT, whose
 * cause is the last failure. Rejects with what `admit` throws, or with a ProtocolError, without another
 * attempt: the next one would fail the same way.
 */
export async function connect(where: PeerAddress, options: ConnectOptions = {}): Promise<Peer> {
  const { attempt, retry } = resolveConnect(where, options);
  const { signal } = attempt;
  for (let made = 1; ; made++) {
    if (signal?.aborted === true) {
      throw closed('aborted', undefined, signal.reason);
    }
    try {
      return await connectOnce(attempt);
    } catch (thrown) {
      // A server that ends the connection during `admit` refuses, and would refuse again.
      const isLast = thrown instanceof AdmitError || made >= retry.attempts;
      const error: unknown = thrown instanceof AdmitError ? thrown.cause : thrown;
      if (!(error instanceof ConnectionError) || error.code === 'ERR_CONNECTION_CLOSED') {
        throw error;
      }
      if (isLast) {
        throw unableToConnect(where, made, error);
      }
    }
    await pause(backoff(made, retry), signal);
  }
}

/** Holds what `admit` threw, or how the connection broke during it. Never leaves this file. */
class AdmitError {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause;
  }
}

async function connectOnce(attempt: Attempt): Promise<Peer> {
  const { settings, onError, admit, setup, timeout, signal } = attempt;
  const admission = new Admission(timeout);
  const socket = await connected(attempt, admission);
  const onAbort = (): void => void socket.destroy();
  watchAbort(signal, onAbort);
  let peer: Peer | undefined;
  try {
    const duplex = await admitted(socket, admit, admission).catch((error: unknown) => {
      throw new AdmitError(error);
    });
    const helloTimeout = Math.min(attempt.helloTimeout, admission.left);
    peer = new Peer(duplex, { ...settings, onError, helloTimeout });
    setup(peer);
    await peer.ready;
    endOnAbort(peer, signal);
    return peer;
  } catch (error) {
    peer?.destroy(error);
    reset(socket);
    throw signal?.aborted === true ? closed('aborted', undefined, signal.reason) : error;
  } finally {
    unwatchAbort(signal, onAbort);
  }
}

function endOnAbort(peer: Peer, signal: AbortSignal | undefined): void {
  if (signal === undefined) {
    return;
  }
  const onAbort = (): void => peer.destroy(signal.reason);
  if (signal.aborted) {
    onAbort();
  }
  watchAbort(signal, onAbort);
  void peer.closed.then(() => unwatchAbort(signal, onAbort));
}

/** A socket that is connected and, with TLS, through its handshake. */
function connected({ where, signal }: Attempt, admission: Admission): Promise<Socket> {
  const { port = 0, host = '127.0.0.1', path, tls } = where;
  const raw = connectSocket({
    ...(path === undefined ? { port, host } : { path }),
    allowHalfOpen: true,
  });
  // A TLS socket cannot be reset. When the peer fails, the raw socket below it is reset.
  const socket =
    tls === undefined ? raw : carriedBy(connectTls({ ...namedAs(host), ...tls, socket: raw }), raw);
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      timer.clear();
      unwatchAbort(signal, onAbort);
      act();
    };
    const fail = (error: ConnectionError): void =>
      settle(() => {
        socket.destroy();
        raw.destroy();
        reject(error);
      });
    const { limit, deadline } = admission;
    const late = connectionError('ERR_TIMEOUT', `No connection within ${limit} ms`, { limit });
    const progress = (): number => socket.bytesRead;
    const timer = new Deadline(Infinity, () => fail(late), { progress, isRef: true });
    timer.runUntil(deadline);
    const onAbort = (): void => fail(closed('aborted', undefined, signal?.reason));
    if (signal?.aborted === true) {
      onAbort();
    } else {
      watchAbort(signal, onAbort);
    }
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () =>
      settle(() => resolve(socket)),
    );
    for (const one of new Set([socket, raw])) {
      one.on('error', (error) => fail(lostBefore(error)));
    }
  });
}

/** The name that the certificate must have. A server name in TLS must not be an IP address. */
function namedAs(host: string): { readonly host: string; readonly servername?: string } {
  return isIP(host) === 0 ? { host, servername: host } : { host };
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
