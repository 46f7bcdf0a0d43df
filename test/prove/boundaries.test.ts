// Tests of what a trial reports about its cuts. It never reports more than the gate has seen, whatever the
// way of sending.

import { PassThrough } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Gate, GateAnswer } from '../../src/deliver/looking.ts';
import type { Boundary } from '../../src/deliver/sender.ts';
import { Exchange } from '../../src/prove/server/exchange.ts';
import { resolveProveServerOptions } from '../../src/prove/server/options.ts';
import type { ExpectedAnswers } from '../../src/prove/server/run.ts';
import { RunningServer } from '../../src/prove/server/running-server.ts';
import { TrialPlayer } from '../../src/prove/server/trial-player.ts';
import { PLAIN, toServer } from '../../src/prove/trials/trial.ts';
import type { Fin, Sending } from '../../src/prove/trials/trial.ts';

const REQUESTS = ['abcd\n', 'efgh\n'].map((text) => Buffer.from(text));
const ANSWER = Buffer.concat(REQUESTS);

/** A schedule with a cut inside each of the two requests. */
const SCHEDULE = toServer([{ kind: 'cut', n: 2 } as const, { kind: 'cut', n: 6 } as const], 0);

/**
 * Plays the schedule at an echo. The gate gives this answer each time; without an answer there is no gate.
 */
async function cutsOf(
  sending: Sending,
  answer: GateAnswer | undefined,
  play = SCHEDULE,
): Promise<readonly Boundary[]> {
  const echo = new PassThrough();
  onTestFinished(() => void echo.destroy());
  const gate: Gate | undefined = answer && { settled: () => Promise.resolve(answer) };
  const options = resolveProveServerOptions({ to: ':9', send: REQUESTS, pause: 1, patience: 500 });
  const server = new RunningServer(options);
  onTestFinished(() => server.close());
  const expected: ExpectedAnswers = {
    bytes: ANSWER,
    end: sending.fin === 'none' ? 'open' : 'closed',
    latency: 0,
    slowest: 0,
    greeting: 0,
    lengths: REQUESTS.map((_, index) => (index + 1) * 5),
  };
  const run = { schedule: play, sending, effort: 'short' } as const;
  const exchange = new Exchange({ input: echo, output: echo, gate });
  const cuts = await new TrialPlayer(options, server).play(exchange, run, expected);
  expect(Buffer.from(exchange.bytes)).toEqual(ANSWER);
  return cuts;
}

/** Every way of sending except FIN joined in lock-step, which leaves no time to wait for answers. */
const WAYS: readonly Sending[] = (['none', 'late', 'apart', 'joined'] as const).flatMap(
  (fin: Fin) =>
    (fin === 'joined' ? [false] : [false, true]).map((lockstep) => ({ ...PLAIN, fin, lockstep })),
);

/**
 * Answers of a gate, each with the kind of boundary that a cut then counts as. A piece that stays unread ends
 * in a long pause.
 */
const GATES: readonly (readonly [GateAnswer | undefined, Boundary])[] = [
  [undefined, 'delayed'],
  ['unseen', 'delayed'],
  ['unread', 'delayed'],
  ['gone', 'lost'],
  ['read', 'exact'],
];

describe.each(WAYS)('cuts with FIN $fin, lockstep $lockstep,', (sending) => {
  test.each(GATES)('where the gate says %s, are %s', async (answer, boundary) => {
    expect(await cutsOf(sending, answer)).toEqual([boundary, boundary]);
  });
});

test('a border between requests is no cut, also in front of FIN', async () => {
  const border = toServer([{ kind: 'cut', n: 2 } as const], 0);
  const sending = { ...PLAIN, fin: 'apart' } as const;
  expect(await cutsOf(sending, 'unseen', border)).toEqual(['delayed']);
});

test('boundaries that a connection did not live to see do not count', async () => {
  const output = new PassThrough();
  const gate: Gate = {
    settled: () => {
      output.destroy();
      return Promise.resolve('gone');
    },
  };
  const exchange = new Exchange({ input: output, output, gate });
  const pacing = { pause: 1, unread: 500 };
  expect((await exchange.play(SCHEDULE, REQUESTS, pacing)).boundaries).toEqual([]);
  expect(await exchange.part(pacing)).toBeUndefined();
});
