// What somebody who waits is told when a peer is over. Pure.

import { ConnectionError, ProtocolError } from '../../errors.ts';
import type { ErrorCode, StreamPlace, UnstickError } from '../../errors.ts';
import { MAX_DEBT_MS } from './flood.ts';
import type { FloodOptions } from './flood.ts';

/** A call on a peer that takes none any more; nothing of it was sent. */
export function peerClosed(remoteAddress?: string, sent?: boolean): ConnectionError {
  return new ConnectionError('ERR_CONNECTION_CLOSED', 'The peer is closed', {
    remoteAddress,
    reason: 'closed',
    ...(sent === undefined ? {} : { sent }),
  });
}

/** What somebody who waited is told, with a `sent` of its own where that has a meaning. */
export function lossOf(
  failure: UnstickError | undefined,
  remoteAddress: string | undefined,
  sent?: boolean,
): ConnectionError {
  if (failure === undefined) {
    return peerClosed(remoteAddress, sent);
  }
  const code = codeOfLoss(failure);
  return new ConnectionError(code, 'The peer is gone', {
    remoteAddress,
    cause: failure,
    hint: failure.message,
    ...(failure.reason === undefined ? {} : { reason: failure.reason }),
    ...(sent === undefined ? {} : { sent }),
  });
}

/** Whoever waits for an answer cannot act on the remote's bytes, or on how long a close took. */
function codeOfLoss(failure: UnstickError): ErrorCode {
  if (failure instanceof ProtocolError) {
    return 'ERR_CONNECTION_LOST';
  }
  return failure.reason === 'within' ? 'ERR_CONNECTION_CLOSED' : failure.code;
}

/** More requests, channels or pings would wait than is allowed. */
export function tooManyWait(what: string, limit: number, hint: string): ConnectionError {
  return new ConnectionError('ERR_QUEUE_FULL', `${limit} ${what}`, { limit, hint });
}

/** More bytes would wait to be sent than is allowed. */
export function queueFull(length: number, limit: number): ConnectionError {
  const facts = `${length} bytes would wait to be sent, above maxQueuedLength ${limit}`;
  return new ConnectionError('ERR_QUEUE_FULL', facts, {
    length,
    limit,
    hint: 'Await each notify and request: they resolve when the other side has caught up.',
  });
}

/** The remote repeated for too long what leads to nothing. */
export function flooded({ burst, rate }: FloodOptions, place: StreamPlace): ProtocolError {
  const facts = `The other side was held up for more than ${MAX_DEBT_MS} ms: it repeats what leads to nothing`;
  return new ProtocolError('ERR_PEER_FLOOD', facts, {
    ...place,
    limit: rate,
    hint: `It may do so ${burst} times at once and ${rate} times a second: floodBurst, floodRate.`,
  });
}
