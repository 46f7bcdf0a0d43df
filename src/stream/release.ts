// Makes the duplex that `release` returns, with the unread bytes in front.

import { Duplex } from 'node:stream';
import { carriedBy } from './transport.ts';

/**
 * Puts `rest` back in front of `duplex`, which then looks as if it had never had listeners, and returns it.
 * If the remote has ended and there is a rest, returns a new duplex instead.
 */
export function restoreUnread(duplex: Duplex, rest: Uint8Array[], hasEnded: boolean): Duplex {
  if (hasEnded && rest.length > 0) {
    return withUnread(duplex, rest);
  }
  for (const bytes of rest.toReversed()) {
    duplex.unshift(bytes);
  }
  // Make the duplex neither paused nor flowing. Then 'data', pipe and iteration all start it, as on a new
  // socket.
  Reflect.set(duplex, 'readableFlowing', null);
  return duplex;
}

/**
 * Makes a new duplex that gives the rest and writes to the old duplex, because a duplex takes no bytes back
 * after its end. The new duplex breaks when the old duplex does.
 */
function withUnread(duplex: Duplex, rest: Uint8Array[]): Duplex {
  const unread = new Duplex({
    allowHalfOpen: true,
    read() {
      // `read` has nothing to do: all bytes are pushed at once, so that they can also be read after a loss.
    },
    write(bytes, encoding, done) {
      duplex.write(bytes, encoding, done);
    },
    final(done) {
      duplex.end(done);
    },
    destroy(error, done) {
      duplex.destroy(error ?? undefined);
      done(error);
    },
  });
  for (const bytes of rest) {
    unread.push(bytes);
  }
  unread.push(null);
  duplex.once('error', (error) => unread.destroy(error));
  duplex.once('close', () => {
    // After an orderly end, keep the new duplex, because its unread bytes can still be read.
    if (!duplex.writableFinished) {
      unread.destroy();
    }
  });
  return carriedBy(unread, duplex);
}
