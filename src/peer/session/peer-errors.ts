// Makes the errors of a peer that is over, full or flooded. This file is pure.

import { ConnectionError, ProtocolError } from '../../errors.ts';
import type { ErrorCode, StreamPlace, UnstickError } from '../../errors.ts';
import { MAX_DEBT_MS } from './flood.ts';
import type { FloodOptions } from './flood.ts';

/** Makes the error of a call on a peer that is closing, or that has ended in order. */
export function peerClosed(remoteAddress?: string, sent?: boolean): ConnectionError {
  return new ConnectionError('ERR_CONNECTION_CLOSED', 'The peer is closed', {
    remoteAddress,
    reason: 'closed',
    ...(sent === undefined ? {} : { sent }),
  });
}

/**
 * Makes the error of a call that was waiting when the peer ended, or of a later call. Give `sent` where it
 * has a meaning.
 */
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

/**
 * Returns the code for a call that was waiting. Two codes concern only the whole peer, so another code
 * replaces them: the code of a fault in the remote's bytes, and the code of a close that took too long.
 */
function codeOfLoss(failure: UnstickError): ErrorCode {
  if (failure instanceof ProtocolError) {
    return 'ERR_CONNECTION_LOST';
  }
  return failure.reason === 'within' ? 'ERR_CONNECTION_CLOSED' : failure.code;
}

/** Makes the error of a request, channel or ping when too many of them already wait. */
export function tooManyWait(what: string, limit: number, hint: string): ConnectionError {
  return new ConnectionError('ERR_QUEUE_FULL', `${limit} ${what}`, { limit, hint });
}

/** Makes the error of a message with which too many bytes would wait to be sent. */
export function queueFull(length: number, limit: number): ConnectionError {
  const facts = `${length} bytes would wait to be sent, above maxQueuedLength ${limit}`;
  return new ConnectionError('ERR_QUEUE_FULL', facts, {
    length,
    limit,
    hint: 'Await each notify and request: they resolve when the remote has caught up.',
  });
}

/** Makes the error of a remote that has sent too many messages without effect for too long. */
export function flooded({ burst, rate }: FloodOptions, place: StreamPlace): ProtocolError {
  const facts = `The remote sent too many messages without effect, and was held up for over ${MAX_DEBT_MS} ms`;
  return new ProtocolError('ERR_PEER_FLOOD', facts, {
    ...place,
    limit: rate,
    hint: `floodBurst allows ${burst} such messages at once, and floodRate ${rate} a second.`,
  });
}
