// A trial, which is played against a target, as a value: a schedule, and how it is sent. This file is pure.

import type { Op, Schedule } from '../../schedule/schedule.ts';

/**
 * Time at which the end of the requests (FIN) is sent. 'none': never or, if the option `until` is 'eof',
 * after the requests. 'late': when the whole answer has come. 'apart': when the server has read the last
 * byte, or has left that byte unread for too long. 'joined': with the last byte.
 */
export type Fin = 'none' | 'late' | 'apart' | 'joined';

/** How the requests are sent. (The schedule says where they are cut.) */
export interface Sending {
  /** Number of times that the list of requests is sent on one connection. */
  readonly repeat: number;
  /** Number of connections that send the list at the same time. */
  readonly connections: number;
  readonly fin: Fin;
  /** Whether each request waits for the answer to the request before it. */
  readonly lockstep: boolean;
}

/**
 * The plain way of sending: on one connection, the requests once, without waiting for answers, without FIN.
 */
export const PLAIN: Sending = { repeat: 1, connections: 1, fin: 'none', lockstep: false };

export type TrialKind =
  | 'cuts'
  | 'pieces'
  | 'joined'
  | 'pauses'
  | 'fin'
  | 'repeats'
  | 'deep'
  | 'connections'
  | 'large'
  | 'random'
  | 'replay';

/** The kinds of trial, with the words of the report's table. */
export const TRIAL_KINDS: Readonly<Record<TrialKind, string>> = {
  cuts: 'one cut inside a request',
  pieces: 'many small pieces',
  joined: 'requests joined in one piece',
  pauses: 'a cut with a pause of 60, 300 or 1100 ms',
  fin: 'FIN with the last byte, and right behind it',
  repeats: 'the requests twice on one connection',
  deep: 'up to 64 KiB of requests in few pieces',
  connections: '2 and 8 connections at once, each cut',
  large: 'a request above 64 KiB in one write',
  random: 'random cuts and joins from the seed',
  replay: 'schedules of a file',
};

export interface Trial {
  readonly kind: TrialKind;
  readonly schedule: Schedule;
  readonly sending: Sending;
}

/**
 * Number of requests on a connection above which whole requests are sent in groups: a piece for each request
 * would take too long.
 */
const MOST_APART = 1000;

/** Returns whether so many requests are sent on a connection that whole requests go in groups. */
export function isGrouped({ repeat }: Sending, requests: number): boolean {
  return repeat * requests > MOST_APART;
}

/**
 * Returns a name for a way of sending. Controls tests each name once, with whole requests sent in that way.
 */
export function sendingName({ repeat, connections, fin, lockstep }: Sending): string {
  return `${repeat} ${connections} ${fin} ${lockstep}`;
}

/** Makes a schedule for requests. All schedules of the prover cut requests, not answers. */
export function toServer(ops: readonly Op[], seed: number): Schedule {
  return { v: 1, seed, direction: 'to-server', ops };
}

/** Returns the list `times` times in a row. The items are requests, or their lengths. */
export function repeated<T>(list: readonly T[], times: number): readonly T[] {
  return Array.from({ length: times }, () => list).flat();
}
