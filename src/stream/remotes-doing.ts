// Decides whether the remote caused an error that a handler threw. A remote may reset, stall, send garbage or
// go at any time, and a warning for each such error could fill the log. Any other error is a bug on this
// side.

import type { Duplex } from 'node:stream';
import { ConnectionError, ProtocolError } from '../errors.ts';
import { shown } from '../options.ts';
import { codeOf } from './transport.ts';

/** Codes of node's errors for a socket whose remote has gone. */
const GONE = new Set([
  'ECONNABORTED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTCONN',
  'EPIPE',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_WRITE_AFTER_END',
  'ETIMEDOUT',
]);
/** Codes of errors that come from a call on this side, and not from an open connection. */
const OUR_CALLS = new Set(['ERR_CONNECT', 'ERR_LISTEN']);

/** Returns whether the remote of this connection, and not this side, caused the error. */
export function isRemotesDoing(
  error: unknown,
  connection: { readonly duplex: Duplex; readonly remoteAddress?: string | undefined },
): boolean {
  if (error instanceof ProtocolError) {
    return true;
  }
  if (error instanceof ConnectionError) {
    if (OUR_CALLS.has(error.code)) {
      return false;
    }
    // If the error names another address, it comes from another connection of the handler, for example to a
    // database.
    const { remoteAddress } = error;
    return remoteAddress === undefined || remoteAddress === connection.remoteAddress;
  }
  // Node gives such an error for this duplex, for example after a release.
  const code = codeOf(error);
  return code !== undefined && GONE.has(code) && connection.duplex.destroyed;
}

/** Emits a process warning for a thrown value, whether it is an Error or not. */
export function warn(thrown: unknown): void {
  process.emitWarning(thrown instanceof Error ? thrown : `Thrown: ${shown(thrown)}`);
}
