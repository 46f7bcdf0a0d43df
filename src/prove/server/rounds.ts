// Chooses the trials that are played next: one trial, or with --jobs several at the same time, each on its
// own connection. A trial that cannot be tried is left out, and the tally gets the reason.

import type { Tally } from '../evidence/tally.ts';
import { PLAIN } from '../trials/trial.ts';
import type { Sending, Trial } from '../trials/trial.ts';
import type { Controls } from './controls.ts';
import type { ServerUnderTest } from './server-under-test.ts';

/**
 * Returns whether a trial takes one connection and sends no FIN. Only such trials can be played at the same
 * time: to send FIN, the prover may stop the server.
 */
function isPlain({ sending }: Trial): boolean {
  return sending.connections === 1 && sending.fin === 'none';
}

export class Rounds {
  readonly #trials: Iterator<Trial, unknown>;
  readonly #server: ServerUnderTest;
  readonly #controls: Controls;
  /** A trial that was drawn and must wait for the next round. */
  #waiting: Trial | undefined;

  constructor(trials: Iterable<Trial>, server: ServerUnderTest, controls: Controls) {
    this.#trials = trials[Symbol.iterator]();
    this.#server = server;
    this.#controls = controls;
  }

  /** Returns the next trials, at most `most`. The list is empty when there are no more trials. */
  async next(most: number, tally: Tally): Promise<readonly Trial[]> {
    const round: Trial[] = [];
    for (;;) {
      const trial = this.#draw();
      if (trial === undefined) {
        return round;
      }
      if (round.length > 0 && !isPlain(trial)) {
        this.#waiting = trial;
        return round;
      }
      const against = await this.#controls.reasonAgainst(trial.sending);
      if (against !== undefined) {
        tally.skip(trial.kind, against);
        continue;
      }
      round.push(trial);
      if (
        !isPlain(trial) ||
        round.length >= most ||
        round.length >= (await this.#width(trial.sending))
      ) {
        return round;
      }
    }
  }

  #draw(): Trial | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) {
      return waiting;
    }
    const next = this.#trials.next();
    return next.done === true ? undefined : next.value;
  }

  /**
   * Returns the number of trials to play at once: `jobs`, if the server answers so many whole requests at
   * once.
   */
  async #width({ lockstep }: Sending): Promise<number> {
    const { jobs } = this.#server.options;
    if (jobs === 1 || this.#server.alwaysFresh) {
      return 1;
    }
    const sending = { ...PLAIN, lockstep, connections: jobs };
    return (await this.#controls.reasonAgainst(sending)) === undefined ? jobs : 1;
  }
}
