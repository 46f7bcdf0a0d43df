// What the proxy tells of each connection: when it opens, while it is open, and when it is over.

import type { Boundary } from '../deliver/sender.ts';

/** What passed in one direction. */
export interface DirectionReport {
  readonly bytes: number;
  readonly pieces: number;
  /** Number of planned boundaries of each kind: kept exactly, kept by a pause, or not kept. */
  readonly boundaries: Readonly<Record<Boundary, number>>;
}

/** A connection that was accepted. */
export interface ConnectionStart {
  /** Number of the connection, from 0. */
  readonly connection: number;
  /** Seed of the random choices, made from the seed of the proxy and the number of the connection. */
  readonly seed: number;
  /** The client, as `host:port`. */
  readonly from: string;
}

/** A connection that is open, and what has passed so far. */
export interface ConnectionState extends ConnectionStart {
  readonly toServer: DirectionReport;
  readonly toClient: DirectionReport;
}

/** A connection that is over. */
export interface ConnectionReport extends ConnectionState {
  /**
   * 'refused': the proxy could not reach the server. 'stopped': the proxy closed, or a custom function threw.
   */
  readonly end: 'closed' | 'reset' | 'refused' | 'stopped';
  /**
   * The system's error code, or the message of the error that a custom plan, finder or onPass threw.
   * `undefined` if there was no error.
   */
  readonly cause?: string | undefined;
}
