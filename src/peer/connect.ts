// connect() makes a peer of a connection to an address, with several attempts if the caller wants that.

import { unwatchAbort, watchAbort } from '../abort.ts';
import { ConnectionError } from '../errors.ts';
import { connected, unableToConnect } from '../stream/connecting.ts';
import type { ConnectAttempt } from '../stream/connecting.ts';
import { closed, reset } from '../stream/transport.ts';
import { Admission, admitted } from './admit.ts';
import { backoff, pause, resolveConnect } from './connect-options.ts';
import type { ConnectOptions, PeerAddress, ResolvedConnect } from './connect-options.ts';
import { newPeer } from './peer.ts';
import type { Peer } from './peer.ts';
import { withHelloWithin } from './peer-options.ts';

/**
 * Connects, and resolves to the peer when the remote has said hello. If the last attempt fails, rejects with
 * ConnectionError ERR_CONNECT, whose `cause` is the error of that attempt.
 *
 * Some errors end the attempts early, because a further attempt would fail in the same way. An error that is
 * no ConnectionError, such as a ProtocolError, is thrown unchanged. An error of `admit` is thrown unchanged,
 * too, with one exception: a ConnectionError with another code than ERR_CONNECT and ERR_CONNECTION_CLOSED
 * becomes the `cause` of ERR_CONNECT. An abort of `signal` rejects with ERR_CONNECTION_CLOSED.
 */
export async function connect(where: PeerAddress, options: ConnectOptions = {}): Promise<Peer> {
  const resolved = resolveConnect(where, options);
  const { retry } = resolved;
  const { signal } = resolved.asked;
  for (let made = 1; ; made++) {
    const asked = { ...resolved.asked, made };
    try {
      return await connectOnce(asked, resolved);
    } catch (thrown) {
      // A server that ends the connection during `admit` refuses this client, and would refuse it at the next
      // attempt, too.
      const isLast = thrown instanceof AdmitError || made >= retry.attempts;
      const error: unknown = thrown instanceof AdmitError ? thrown.cause : thrown;
      if (!(error instanceof ConnectionError) || error.code === 'ERR_CONNECTION_CLOSED') {
        throw error;
      }
      if (isLast) {
        throw error.code === 'ERR_CONNECT' ? error : unableToConnect(asked, error);
      }
    }
    await pause(backoff(made, retry), signal);
  }
}

/**
 * Holds the error that `admit` threw, or the error of a connection that broke during `admit`. No caller ever
 * gets an AdmitError.
 */
class AdmitError {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause;
  }
}

async function connectOnce(asked: ConnectAttempt, resolved: ResolvedConnect): Promise<Peer> {
  const { onError, admit, setup } = resolved;
  const { signal } = asked;
  const admission = new Admission(asked.connectTimeout);
  // Without a listener, an 'error' event would end the process. The error has destroyed the socket by then,
  // and `admitted` notices that.
  const socket = await connected(asked, (made) => made.on('error', () => undefined));
  const onAbort = (): void => void socket.destroy();
  watchAbort(signal, onAbort);
  let peer: Peer | undefined;
  try {
    const duplex = await admitted(socket, admit, admission).catch((error: unknown) => {
      throw new AdmitError(error);
    });
    peer = newPeer(duplex, withHelloWithin(resolved.peer, admission.left), { onError });
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
  watchAbort(signal, onAbort);
  void peer.closed.then(() => unwatchAbort(signal, onAbort));
}
