// A hostile soak of one server: a well-behaved client asks while a crowd misbehaves, and when the crowd
// has gone nothing may be left of it. Three processes: the server, the crowd, and the client here.

import { setTimeout as pause } from 'node:timers/promises';
import { deriveSeed } from '../../src/schedule/random.ts';
import { CrowdProcess, ServerProcess } from './children.ts';
import { isAtRest, judge } from './judge.ts';
import type { SoakFacts } from './judge.ts';
import type { Status } from './server-main.ts';
import type { Planted } from './servers.ts';
import { WellBehaved } from './well-behaved.ts';
import type { ServerName } from './wire.ts';

export interface SoakOptions {
  readonly server: ServerName | Planted;
  /** How long the crowd stays, in ms. */
  readonly time: number;
  /** Hostile connections at a time. */
  readonly connections: number;
  readonly seed: number;
  /** How long the server may take to let everything go when the crowd has gone, in ms. Default 40 000. */
  readonly rest?: number;
}

export interface SoakReport extends SoakOptions {
  /** Empty when nothing was found. */
  readonly findings: readonly string[];
  /** Where the server lived to tell. */
  readonly facts?: SoakFacts;
}

/** A small crowd goes first, so that what is loaded and compiled once is not taken for a leak. */
const REHEARSAL = { connections: 200, time: 1500 };
/**
 * The default of `rest`. The kernel still has connections of a crowd that has gone, for some time: what
 * it could not hand over is sent again.
 */
const REST_MS = 40_000;
const LOOK_INTERVAL_MS = 500;
/** The longest that a hostile connection stays. */
const LONGEST_LIFE_MS = 30_000;

export async function soak(options: SoakOptions): Promise<SoakReport> {
  const server = await ServerProcess.start(options.server);
  try {
    const facts = await besiege(server, options);
    const findings = judge(facts);
    const refusal = await server.close();
    return {
      ...options,
      findings: refusal === undefined ? findings : [...findings, refusal],
      facts,
    };
  } catch (error) {
    return { ...options, findings: [error instanceof Error ? error.message : String(error)] };
  } finally {
    server.kill();
  }
}

function languageOf(server: ServerName | Planted): ServerName {
  return server === 'messages' || server === 'peers' ? server : 'frames';
}

async function besiege(server: ServerProcess, options: SoakOptions): Promise<SoakFacts> {
  const { seed, time, connections } = options;
  const small = {
    time: Math.min(REHEARSAL.time, time),
    connections: Math.min(REHEARSAL.connections, connections),
  };
  await visited(server, { ...options, ...small, seed: deriveSeed(seed, 1) });
  const { rest = REST_MS } = options;
  const before = await settled(server, rest);
  const visit = await visited(server, options);
  const after = await settled(server, rest, before);
  return { ...visit, before, after };
}

/** The crowd comes, stays and goes, with the well-behaved client in its midst. */
async function visited(
  server: ServerProcess,
  options: SoakOptions,
): Promise<Omit<SoakFacts, 'before' | 'after'>> {
  const { port } = server;
  const { time, connections, seed } = options;
  const language = languageOf(options.server);
  const longestLife = Math.min(LONGEST_LIFE_MS, time);
  const crowd = await CrowdProcess.start({ port, language, connections, seed, longestLife });
  const over = new AbortController();
  try {
    const asking = new WellBehaved(language, port, deriveSeed(seed, 2)).run(over.signal);
    // When the server dies the client is waited for, but its report is of no interest.
    const looks = await watched(server, time).finally(() => over.abort());
    const client = await asking;
    return { crowd: await crowd.stop(), client, ...looks };
  } finally {
    crowd.kill();
  }
}

/** Looks at the server again and again for `time` ms. */
async function watched(
  server: ServerProcess,
  time: number,
): Promise<Pick<SoakFacts, 'mostResident' | 'worstDelay' | 'worstP99Delay'>> {
  const end = performance.now() + time;
  // What was before is of no interest.
  await server.status('look');
  let [mostResident, worstDelay, worstP99Delay] = [0, 0, 0];
  while (performance.now() < end) {
    await pause(LOOK_INTERVAL_MS);
    const status = await server.status('look');
    mostResident = Math.max(mostResident, status.resident);
    worstDelay = Math.max(worstDelay, status.worstDelay);
    worstP99Delay = Math.max(worstP99Delay, status.p99Delay);
  }
  return { mostResident, worstDelay, worstP99Delay };
}

/** What the server holds without connections. Asks again while that is more than `before`. */
async function settled(server: ServerProcess, rest: number, before?: Status): Promise<Status> {
  const end = performance.now() + rest;
  for (;;) {
    const status = await server.status('collect');
    const isRest = before === undefined ? status.connections === 0 : isAtRest(before, status);
    if (isRest || performance.now() >= end) {
      return status;
    }
    await pause(LOOK_INTERVAL_MS);
  }
}
