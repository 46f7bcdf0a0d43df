// Turns the errors of the client of NATS into BusErrors.

import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { BusError } from '../bus.ts';

const REFUSALS = [
  errors.AuthorizationError,
  errors.UserAuthenticationExpiredError,
  errors.PermissionViolationError,
];

/**
 * Codes with which NATS refuses to make the stream or the bucket as the options say. Waiting does not help: the
 * options or the stream that exists must change. The client has no names for these codes.
 */
const REFUSED_CODES = {
  invalidJson: 10_025,
  invalidConfiguration: 10_052,
  /** The server is no cluster, and `replicas` is more than 1. */
  replicasWithoutCluster: 10_074,
  /** Another stream takes the subjects. */
  subjectsOverlap: 10_065,
} as const;

const REFUSED: readonly number[] = Object.values(REFUSED_CODES);

/** Returns whether the last message of the subject is another one than the caller expected. */
export function isWrongSequence(error: unknown): boolean {
  return (
    error instanceof JetStreamApiError &&
    (error.code === JetStreamApiCodes.StreamWrongLastSequence ||
      error.code === JetStreamApiCodes.StreamWrongLastSequenceUnknown)
  );
}

export function busErrorOf(error: unknown): BusError {
  if (error instanceof BusError) {
    return error;
  }
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const reason = error instanceof Error ? error.message : String(error);
  const isRefused =
    REFUSALS.some((kind) => error instanceof kind || cause instanceof kind) ||
    (error instanceof JetStreamApiError && REFUSED.includes(error.code));
  if (isRefused) {
    return new BusError('ERR_BUS_REFUSED', `NATS refuses this node: ${reason}.`, { cause: error });
  }
  if (error instanceof errors.ClosedConnectionError) {
    return new BusError('ERR_BUS_CLOSED', 'The connection to NATS is closed.', { cause: error });
  }
  return new BusError('ERR_BUS_AWAY', `NATS failed: ${reason}.`, { cause: error });
}
