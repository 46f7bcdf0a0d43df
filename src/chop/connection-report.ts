// The reports of the proxy on each connection: when it opens, while it is open, and when it is over.

import type { Boundary } from '../deliver/sender.ts';

/** The numbers of bytes, pieces and boundaries that passed in one direction. */
export interface DirectionReport {
  readonly bytes: number;
  readonly pieces: number;
  /** Number of planned boundaries of each kind: kept exactly, kept by a pause, and not kept. */
  readonly boundaries: Readonly<Record<Boundary, number>>;
}

/** A connection that was accepted. */
export interface ConnectionStart {
  /** Number of the connection, from 0. */
  readonly connection: number;
  /** Seed of the random choices, made from the seed of the proxy and the number of the connection. */
  readonly seed: number;
  /** Address of the client, as `host:port`. */
  readonly from: string;
}

/** A connection that is open, with the numbers of what has passed so far. */
export interface ConnectionState extends ConnectionStart {
  readonly toServer: DirectionReport;
  readonly toClient: DirectionReport;
}

/** A connection that is over. */
export interface ConnectionReport extends ConnectionState {
  /**
   * How the connection ended. 'refused': the proxy could not reach the server. 'stopped': the proxy closed,
   * or a custom function threw.
   */
  readonly end: 'closed' | 'reset' | 'refused' | 'stopped';
  /**
   * The system's error code, or the message of the error that a custom plan, finder or onPass threw.
   * `undefined` if there was no error.
   */
  readonly cause?: string | undefined;
}
