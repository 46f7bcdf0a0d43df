// TLS to a server, over a socket that is connected already: which options it takes, and which name the
// certificate must have. Connections and the prover have this one way.

import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect, createSecureContext } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { UsageError } from './errors.ts';

/**
 * TLS over a raw socket. The certificate must name `tls.servername`, or `host` without one; both may be
 * addresses. Throws UsageError ERR_OPTION.
 */
export function tlsTo(raw: Socket, host: string, tls: ConnectionOptions): TLSSocket {
  try {
    return connect({ ...tls, ...namesOf(host, tls.servername), socket: raw });
  } catch (cause) {
    throw tlsRefused(cause);
  }
}

/**
 * The server gets the name (SNI), so that it can choose its certificate. TLS has no place for an address: that
 * is only compared with the certificate, which Node does with `host`. Without both it would take `localhost`.
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

/** What Node's TLS refused, as an error of ours. */
export function tlsRefused(cause: unknown): UsageError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const reason = typeof code === 'string' ? code : 'unknown';
  return new UsageError('ERR_OPTION', `tls was refused: ${reason}.`, { reason, cause });
}
