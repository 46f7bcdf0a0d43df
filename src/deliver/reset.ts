// Ends a connection at once, with a reset where the transport has one. stream/transport.ts does the same
// for framed connections; this room may not import it.

import { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/**
 * Resets a plain TCP connection, so that the remote cannot take the end for an orderly one. Destroys any
 * other stream, TLS included, without a reset.
 *
 * While FIN is on its way, the kernel refuses a reset (EINVAL). Node then neither closes the socket nor
 * reports the error, and the descriptor is lost. So a socket whose FIN has just left is destroyed without a
 * reset.
 */
export function reset(stream: Writable): void {
  if (stream.destroyed) {
    return;
  }
  const isFinishing =
    stream.writableEnded && stream.writableLength === 0 && !stream.writableFinished;
  const isTcp = stream instanceof Socket && stream.remoteAddress !== undefined;
  if (isTcp && !isFinishing && !('encrypted' in stream)) {
    stream.resetAndDestroy();
  }
  stream.destroy();
}
