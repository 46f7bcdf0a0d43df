// Takes the baselines, which are the answers to the whole requests before anything is cut. The requests are
// sent one by one and pipelined, several times.
//
// Rules:
// - The answer of a server that is still starting is no baseline. While a spawned server is young, baselines
//   whose answers differ are taken again.
// - A request that is too long for one segment arrives in pieces even if it is sent whole. If the answers to
//   such requests vary, the baseline sends them in pieces of a fixed length instead.

import { setTimeout as sleep } from 'node:timers/promises';
import { firstDifference } from '../evidence/answers.ts';
import { judgePipelining, varying } from '../evidence/baselines.ts';
import type { Pipelining } from '../evidence/baselines.ts';
import type { Exchange } from './exchange.ts';
import { Inconclusive } from './inconclusive.ts';
import { untilQuiet } from './listening.ts';
import type { Baseline, Judged } from './run.ts';
import type { ServerUnderTest } from './server-under-test.ts';

/** Number of times that the whole requests are sent in each way. */
const TIMES = 3;
/** Pauses in ms before the baselines of a young server are taken again. */
const SECOND_CHANCES = [200, 500, 1000];
/** Time in ms after which the baselines are not taken again. */
const LONGEST_START = 4000;
/** Time in ms to wait for the greeting of a server that speaks first. */
const GREETING_TIME = 150;
/**
 * Length in bytes of the pieces of long requests. The number is no power of two, because the buffers of
 * servers end at powers of two.
 */
const PIECE = 20_000;
const PACING = { pause: 0, unread: 500 };

type Taken = { readonly baseline: Baseline } | { readonly problem: Inconclusive };

/**
 * Takes the baselines. Returns how the server takes pipelined requests. Throws Inconclusive if no answer can
 * be a baseline.
 */
export async function takeBaselines(server: ServerUnderTest): Promise<Pipelining> {
  const { requests, lockstep, ready } = server.options;
  const piece = server.usesPieces ? PIECE : Infinity;
  const chances = ready === 'answer' && server.server.isOurs ? SECOND_CHANCES : [];
  const begin = performance.now();
  let taken = await oneByOne(server, piece);
  for (const wait of chances) {
    if ('baseline' in taken || performance.now() - begin > LONGEST_START) {
      break;
    }
    await sleep(wait);
    taken = await oneByOne(server, piece);
  }
  if ('problem' in taken && server.mayUsePieces) {
    const pieces = await oneByOne(server, PIECE);
    server.usesPieces = 'baseline' in pieces;
    taken = server.usesPieces ? pieces : taken;
  }
  if ('problem' in taken) {
    throw taken.problem;
  }
  checkExpected(server);
  return requests.length > 1 && !lockstep ? pipelining(server) : { kind: 'supported' };
}

async function pipelining(server: ServerUnderTest): Promise<Pipelining> {
  const answers: Judged[] = [];
  for (let time = 0; time < TIMES; time++) {
    answers.push(await server.whole('pipelined'));
  }
  return judgePipelining(
    server.baseline,
    answers.map(({ answer }) => answer),
  );
}

/**
 * Sends the whole requests one by one, TIMES times. If all answers agree, the first answer is the baseline.
 */
async function oneByOne(server: ServerUnderTest, piece: number): Promise<Taken> {
  const first = await firstAnswer(server, piece);
  const problem = await emptiness(server, first);
  if (problem !== undefined) {
    return { problem };
  }
  server.baseline = first;
  const answers = [first];
  let roundTrip = Infinity;
  for (let time = 1; time < TIMES; time++) {
    let again = await server.whole('one by one');
    if (again.difference !== undefined && !server.alwaysFresh && (await server.server.hasEnded())) {
      // The server process ended with its first connection, as the servers of course exercises do. So start a
      // process for each run.
      server.alwaysFresh = true;
      again = await server.whole('one by one');
    }
    answers.push({ ...first, ...again.answer });
    roundTrip = Math.min(roundTrip, again.took);
  }
  const found = varying(answers);
  if (found === undefined) {
    server.baseline = { ...first, roundTrip };
    return { baseline: server.baseline };
  }
  const why = server.mayUsePieces
    ? 'a request is longer than one segment, so it comes in pieces also when it is whole'
    : 'leave out what changes with --normalize, such as clocks, counters and nonces, or name it with "capture" in a dialogue';
  return {
    problem: new Inconclusive(
      `the server is not deterministic: two answers to the same whole requests differ at byte ${found.at}; ${why}`,
      found,
    ),
  };
}

/** Returns the reason why an answer cannot be a baseline, or `undefined` if it can. */
async function emptiness(
  server: ServerUnderTest,
  { bytes, end }: Baseline,
): Promise<Inconclusive | undefined> {
  const { until, patience } = server.options;
  if (bytes.length === 0) {
    const code = end === 'open' ? undefined : await server.server.failedWith();
    if (code !== undefined) {
      return new Inconclusive(
        `the server answered nothing to the whole requests and exited with code ${code}; see whether the command runs by itself`,
      );
    }
    const how = end === 'open' ? `within ${patience} ms` : 'and ended the connection';
    const hint =
      end === 'open'
        ? 'give a request that it answers, a longer --patience, or --until eof'
        : 'check the request with a client that works';
    return new Inconclusive(`the server answered nothing to the whole requests ${how}; ${hint}`);
  }
  if (until === 'eof' && end === 'open') {
    return new Inconclusive(`the server did not end its answer within ${patience} ms`);
  }
  return undefined;
}

function checkExpected(server: ServerUnderTest): void {
  const { expect } = server.options;
  const wanted = expect && server.normalized(expect);
  if (wanted === undefined) {
    return;
  }
  const { bytes, end } = server.baseline;
  const at = firstDifference(wanted, bytes);
  if (at < wanted.length || at < bytes.length) {
    throw new Inconclusive(
      `the answer to the whole requests differs from the expected answer at byte ${at}`,
      { one: { bytes: wanted, end }, other: { bytes, end }, at },
    );
  }
}

/**
 * Sends the whole requests for the first time. Each request waits until the request before it seems to be
 * answered.
 */
async function firstAnswer(server: ServerUnderTest, piece: number): Promise<Baseline> {
  if (server.alwaysFresh && server.hasBaseline) {
    await server.server.restart();
  }
  const exchange = await server.server.connect();
  try {
    const { until } = server.options;
    const quiet = untilQuiet(server.options, false);
    if (until !== 'eof') {
      await exchange.listen({ ...quiet, first: GREETING_TIME, quiet: GREETING_TIME });
    }
    const greeting = server.normalized(exchange.bytes).length;
    const sent = await sendEach(server, exchange, piece);
    server.server.checkInterrupted();
    const { bytes, end } = exchange.answer();
    return { bytes: server.normalized(bytes), end, greeting, piece, ...sent, roundTrip: 0 };
  } finally {
    server.server.leave(exchange);
  }
}

async function sendEach(
  server: ServerUnderTest,
  exchange: Exchange,
  piece: number,
): Promise<Pick<Baseline, 'lengths' | 'latency' | 'sent'>> {
  const { requests, until } = server.options;
  const lengths: number[] = [];
  let latency = 0;
  let sent = 0;
  for (const [index, request] of requests.entries()) {
    const isLast = index === requests.length - 1;
    sent += exchange.answer().end === 'open' ? 1 : 0;
    await exchange.sendIn(piece, request, PACING);
    if (until === 'eof' && isLast) {
      exchange.finish();
    }
    if (until !== 'eof' || isLast) {
      await exchange.listen(untilQuiet(server.options, isLast));
      latency = Math.max(latency, exchange.answer().latency);
    }
    lengths.push(server.normalized(exchange.bytes).length);
  }
  return { lengths, latency, sent };
}
