// Log lines as values: what happened, in words that a program can match, and where. Text of a device is made
// printable here, so that no device can forge a line or move a cursor.

import { printable } from 'unstick';

export type Level = 'info' | 'warn' | 'error';

/** Everything that a gateway reports. */
export type EventName =
  | 'listening'
  | 'draining'
  | 'closed'
  | 'bus-up'
  | 'bus-down'
  | 'bus-retry'
  | 'device-up'
  | 'device-down'
  | 'taken-over'
  | 'address-limit'
  | 'unidentified'
  | 'identity-refused'
  | 'connection-broken'
  | 'frame-too-large'
  | 'bus-failed'
  | 'fault';

/** One line of the log. */
export interface LogLine {
  /** Wall-clock time as ISO 8601, in UTC. */
  readonly time: string;
  readonly level: Level;
  readonly event: EventName;
  /**
   * Id of the device. Missing in lines about no device, and in lines that `report` in session.ts writes about
   * an ended connection.
   */
  readonly device?: string;
  /** `address:port` of the device. */
  readonly remote?: string;
  /** The reason, in one printable line. */
  readonly why?: string;
}

/** The facts of a line besides its time, level and event. */
export interface LogFacts {
  readonly device?: string | undefined;
  readonly remote?: string | undefined;
  /** An error, or text that may come from a remote. */
  readonly why?: unknown;
}

export type Log = (level: Level, event: EventName, facts?: LogFacts) => void;

/** Makes the function with which the gateway logs. */
export function makeLog(write: (line: LogLine) => void, wall: () => number): Log {
  return (level, event, { device, remote, why } = {}) => {
    write({
      time: new Date(wall()).toISOString(),
      level,
      event,
      ...(device === undefined ? {} : { device }),
      ...(remote === undefined ? {} : { remote }),
      ...(why === undefined ? {} : { why: reasonOf(why) }),
    });
  };
}

/** Returns text for a log line: the code and message of an error, with everything unprintable escaped. */
export function reasonOf(why: unknown): string {
  if (!(why instanceof Error)) {
    return printable(String(why), { quotes: false });
  }
  const code = 'code' in why && typeof why.code === 'string' ? ` [${why.code}]` : '';
  return printable(`${why.message}${code}`, { quotes: false, maxLength: 500 });
}
