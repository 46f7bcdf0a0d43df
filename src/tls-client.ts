// Starts TLS to a server over a socket that is already connected, and decides which name the certificate must
// have. Connections and the prover both start TLS here.

import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect, createSecureContext } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { UsageError } from './errors.ts';

/**
 * Starts TLS over a raw socket. The certificate must name `tls.servername`, or `host` if that option is not
 * given. Both may be IP addresses. Throws UsageError ERR_OPTION for options that Node refuses.
 */
export function tlsTo(raw: Socket, host: string, tls: ConnectionOptions): TLSSocket {
  try {
    return connect({ ...tls, ...namesOf(host, tls.servername), socket: raw });
  } catch (cause) {
    throw tlsRefused(cause);
  }
}

/**
 * Returns the options that tell Node the name of the server. Node sends a host name to the server (SNI), so
 * that the server can choose its certificate. SNI cannot hold an IP address, so an address is only given as
 * `host`, which Node compares with the certificate. Without `host` and `servername`, Node would compare the
 * certificate with `localhost`.
 */
function namesOf(host: string, servername = host): Pick<ConnectionOptions, 'host' | 'servername'> {
  return isIP(servername) === 0
    ? { host, servername }
    : { host: servername, servername: undefined };
}

/** Refuses invalid keys and certificates before connecting. Throws UsageError ERR_OPTION. */
export function checkClientTls(tls: ConnectionOptions): void {
  try {
    createSecureContext(tls);
  } catch (cause) {
    throw tlsRefused(cause);
  }
}

/** Turns an error with which Node refused TLS options into UsageError ERR_OPTION. */
export function tlsRefused(cause: unknown): UsageError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const reason = typeof code === 'string' ? code : 'unknown';
  return new UsageError('ERR_OPTION', `tls was refused: ${reason}.`, { reason, cause });
}
