// A soak of one server: a well-behaved client asks questions while a crowd of hostile connections misbehaves.
// When the crowd has gone, the server may hold nothing of it. There are three processes: the server, the
// crowd, and this one with the client.

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
  /** Time in ms that the crowd stays. */
  readonly time: number;
  /** Number of hostile connections at a time. */
  readonly connections: number;
  readonly seed: number;
  /** Time in ms that the server may take to free everything after the crowd has gone. Default 40 000. */
  readonly rest?: number;
}

export interface SoakReport extends SoakOptions {
  /** What was found, a text for each finding. */
  readonly findings: readonly string[];
  /** Missing if the server died. */
  readonly facts?: SoakFacts;
}

/**
 * A small crowd comes first, so that memory for code that is loaded and compiled once does not look like a
 * leak.
 */
const REHEARSAL = { connections: 200, time: 1500 };
/**
 * The default of `rest`. For some time the kernel still has connections of the crowd that has gone: it sends
 * bytes again that it could not deliver.
 */
const REST_MS = 40_000;
const LOOK_INTERVAL_MS = 500;
/** Maximum time in ms that a hostile connection lives. */
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

/** Runs a crowd for its time, and the well-behaved client at the same time. Resolves when both have ended. */
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
    // If the server dies, end the client, too. `watched` has then thrown, and the report is not needed.
    const looks = await watched(server, time).finally(() => over.abort());
    const client = await asking;
    return { crowd: await crowd.stop(), client, ...looks };
  } finally {
    crowd.kill();
  }
}

/** Asks the server for its status repeatedly for `time` ms. Returns the largest values. */
async function watched(
  server: ServerProcess,
  time: number,
): Promise<Pick<SoakFacts, 'mostResident' | 'worstDelay' | 'worstP99Delay'>> {
  const end = performance.now() + time;
  // Drop the delays until now: each measurement covers the time since the last one.
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

/**
 * The status of the server at rest: without connections, or holding no more than `before`. Waits up to `rest`
 * ms.
 */
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
