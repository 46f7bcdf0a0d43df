// TLS over raw sockets that this package keeps. A TLSSocket cannot be reset (`resetAndDestroy` throws on Node
// 20, 24 and 26), so a failure resets the raw socket below. Bun 1 and Deno 2 do not show the raw socket, so a
// failure closes the connection there.

import type { Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer } from 'node:tls';
import type { ConnectionOptions, TlsOptions, TLSSocket } from 'node:tls';
import { MAX_TIMER_MS } from '../options.ts';
import { tlsRefused, tlsTo } from '../tls-client.ts';
import { carriedBy } from './transport.ts';

/**
 * Makes a TLS server. It emits 'connection' with the raw socket before the handshake, and 'secureConnection'
 * after it. We do not make a `new TLSSocket` for each raw socket ourselves, because only `tls.Server`
 * verifies client certificates, resumes sessions, and takes new certificates while it runs.
 */
export function newTlsServer(tls: TlsOptions): Server {
  try {
    // Turn Node's time limit off, because OpenServer has its own. Node's limit starts anew with every byte,
    // and a limit of 0 would mean 120 s.
    const late = { handshakeTimeout: MAX_TIMER_MS };
    // Allow half-open only after the handshake (see `allowHalfOpen`). A client that ends in the middle of the
    // handshake is gone, and Node reports that only if Node itself closes the socket.
    return createServer({ noDelay: true, ...tls, allowHalfOpen: false, ...late });
  } catch (cause) {
    throw tlsRefused(cause);
  }
}

/**
 * Lets a socket of a TLS server send on after the remote has ended. Call this when the handshake of the
 * socket is done.
 */
export function allowHalfOpen(secure: TLSSocket): void {
  secure.allowHalfOpen = true;
}

/**
 * Starts TLS as a client over a connected raw socket. A failure resets the raw socket. Throws UsageError
 * ERR_OPTION.
 */
export function tlsOver(raw: Socket, host: string, tls: ConnectionOptions): TLSSocket {
  return carriedBy(tlsTo(raw, host, tls), raw);
}

/**
 * Returns the known socket that carries a TLS socket: the raw socket below it, or the TLS socket itself.
 * Returns `undefined` if neither is known. Only the private `_parent` gives the raw socket;
 * test/stream/serve-tls.test.ts fails if a Node has no `_parent`.
 */
export function rawBelow(
  secure: TLSSocket,
  known: ReadonlyMap<Duplex, unknown>,
): Duplex | undefined {
  const parent: unknown = Reflect.get(secure, '_parent');
  if (isKnown(parent, known)) {
    return parent;
  }
  return known.has(secure) ? secure : undefined;
}

function isKnown(candidate: unknown, known: ReadonlyMap<unknown, unknown>): candidate is Duplex {
  return known.has(candidate);
}
