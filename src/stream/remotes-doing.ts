// Whose fault an error is that leaves a handler. A remote resets, stalls, sends garbage and goes as it
// likes; a warning for each would let it fill the log. Everything else is a bug on our side.

import type { Duplex } from 'node:stream';
import { ConnectionError, ProtocolError } from '../errors.ts';
import { shown } from '../options.ts';
import { codeOf } from './transport.ts';

/** What node says of a socket whose other side went. */
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
/** Connections that we asked for. */
const OUR_CALLS = new Set(['ERR_CONNECT', 'ERR_LISTEN']);

/** Whether the remote of this connection brought the error about, and nobody here. */
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
    // Of another connection of the handler, such as one to a database.
    const { remoteAddress } = error;
    return remoteAddress === undefined || remoteAddress === connection.remoteAddress;
  }
  // From a socket that was released.
  const code = codeOf(error);
  return code !== undefined && GONE.has(code) && connection.duplex.destroyed;
}

/** A process warning of what was thrown, whatever that was. */
export function warn(thrown: unknown): void {
  process.emitWarning(thrown instanceof Error ? thrown : `Thrown: ${shown(thrown)}`);
}
