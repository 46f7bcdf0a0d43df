// What is told of each connection through the proxy, when it opens and when it is over.

import type { Boundary } from '../deliver/sender.ts';

/** What passed in one direction. */
export interface DirectionReport {
  readonly bytes: number;
  readonly pieces: number;
  /** How the planned boundaries were kept: seen; hoped for by a pause; not at all. */
  readonly boundaries: Readonly<Record<Boundary, number>>;
}

/** A connection that was accepted. */
export interface ConnectionStart {
  /** Its number, from 0. */
  readonly connection: number;
  /** Made from the seed of the proxy and that number; decides all chance in it. */
  readonly seed: number;
  /** The client, as `host:port`. */
  readonly from: string;
}

/** A connection that is over. */
export interface ConnectionReport extends ConnectionStart {
  /** `refused`: the server could not be reached. `stopped`: the proxy was closed. */
  readonly end: 'closed' | 'reset' | 'refused' | 'stopped';
  /** The error code of the system behind `reset` or `refused`, if there was one. */
  readonly cause?: string | undefined;
  readonly toServer: DirectionReport;
  readonly toClient: DirectionReport;
}
