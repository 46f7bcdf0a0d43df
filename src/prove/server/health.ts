// Checks whether the server still answers the whole requests as it did at first, and decides what follows if
// it does not. A schedule may have damaged the server, the server may have been starting when the baselines
// were taken, or it may answer differently each time.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../schedule/random.ts';
import type { Varying } from '../evidence/baselines.ts';
import type { Sending, Trial } from '../trials/trial.ts';
import { Changed, Inconclusive } from './inconclusive.ts';
import type { Judged } from './run.ts';
import type { ServerUnderTest } from './server-under-test.ts';

/** Time in ms that a new server gets until it answers as the first server did. */
const COME_UP_TIME = 5000;
/** Time in ms that a server which the prover did not start gets to recover. */
const RECOVERY_TIME = 500;
/**
 * Limits for watching a new server. The prover watches it until it has reached the age in ms and the number
 * of connections of the old server, but each at most up to the first two limits. After WATCH_LIMIT ms the
 * watching ends in any case.
 */
const MOST_WATCHED_TIME = 3000;
const MOST_WATCHED_CONNECTIONS = 150;
const WATCH_LIMIT = 6000;
/** Time in ms by which, on a busy machine, one start of a program may take longer than another. */
const START_SPREAD = 1000;

const NORMALIZE_HINT = 'if answers change with time, leave out what changes with --normalize';

export class Health {
  readonly #server: ServerUnderTest;
  readonly #random: Random;
  #hasWatched = false;

  constructor(server: ServerUnderTest, source: Random) {
    this.#server = server;
    this.#random = source;
  }

  /**
   * Plays whole requests between two runs of a schedule, one to three times. Throws if an answer to them is
   * wrong.
   */
  async between(trial: Trial, linger: number): Promise<void> {
    const count = this.#random.between(1, 3);
    const control = controlOf(trial.sending);
    for (let index = 0; index < count; index++) {
      const isPlain = this.#random.chance(1, 2) || control.lockstep;
      const judged = isPlain
        ? await this.#server.whole('one by one', { linger })
        : await this.#server.whole('pipelined', { sending: control, linger });
      if (judged.difference !== undefined) {
        throw this.#differs('the answers to the whole requests differ from time to time', judged);
      }
    }
  }

  /**
   * Called after a wrong answer. Checks that the server still answers the whole requests correctly. If it
   * does not, this starts the server anew, or waits a little if the prover did not start it. Throws
   * Inconclusive if the answers are still wrong then.
   */
  async recover(): Promise<void> {
    const judged = await this.#server.whole('one by one');
    if (judged.difference === undefined) {
      return;
    }
    const { server } = this.#server;
    if (!server.isOurs) {
      await sleep(RECOVERY_TIME);
      const again = await this.#server.whole('one by one');
      if (again.difference !== undefined) {
        throw this.#differs(
          'the server no longer answers the whole requests as it did at first; --spawn can start it anew',
          again,
        );
      }
      return;
    }
    const { age } = server;
    await server.restart();
    await this.#comesUp();
    await this.#watch(age);
  }

  /**
   * Checks, without any failure, that the server still answers the whole requests as at first. Throws
   * Inconclusive if it answers in another way.
   */
  async check(lockstep: boolean): Promise<void> {
    const first = await this.#server.whole('one by one');
    const judged =
      first.difference === undefined && !lockstep ? await this.#server.whole('pipelined') : first;
    if (judged.difference === undefined) {
      return;
    }
    await this.recover();
    throw this.#differs(
      `the answers to the whole requests changed while schedules were played, whose own answers were right; ${NORMALIZE_HINT}`,
      judged,
    );
  }

  /** Waits until a new server answers as the first server did. Throws after COME_UP_TIME. */
  async #comesUp(): Promise<void> {
    const deadline = performance.now() + COME_UP_TIME;
    for (;;) {
      const judged = await this.#server.whole('one by one');
      if (judged.difference === undefined) {
        return;
      }
      if (performance.now() > deadline) {
        throw this.#differs(
          `a new server does not answer the whole requests as the first one did; ${NORMALIZE_HINT}`,
          judged,
        );
      }
      await sleep(50);
    }
  }

  /**
   * Watches, once in a proof, whether the answers of a new server change without a single cut: with the age
   * of the server, or with the number of its connections. If they change, the baselines were those of a
   * starting server, and this throws Changed.
   */
  async #watch(old: { readonly time: number; readonly connections: number }): Promise<void> {
    if (this.#hasWatched || this.#server.alwaysFresh) {
      return;
    }
    this.#hasWatched = true;
    const begin = performance.now();
    const time = Math.min(old.time + START_SPREAD, MOST_WATCHED_TIME);
    const connections = Math.min(old.connections, MOST_WATCHED_CONNECTIONS);
    for (;;) {
      const passed = performance.now() - begin;
      const { age } = this.#server.server;
      if ((age.time >= time && age.connections >= connections) || passed > WATCH_LIMIT) {
        return;
      }
      const judged = await this.#server.whole('one by one');
      if (judged.difference !== undefined) {
        const { message, varying } = this.#differs(
          'the answers change while the server runs',
          judged,
        );
        throw new Changed(message, varying);
      }
      if (age.connections >= connections) {
        await sleep(20);
      }
    }
  }

  #differs(why: string, { answer, difference }: Judged): Inconclusive {
    const { bytes, end } = this.#server.baseline;
    const found: Varying = { one: { bytes, end }, other: answer, at: difference?.at ?? 0 };
    if (this.#server.mayUsePieces) {
      // The answers of the baselines were equal only by chance, so take the baselines in pieces from now on.
      this.#server.usesPieces = true;
      return new Changed(why, found);
    }
    return new Inconclusive(why, found);
  }
}

/**
 * Returns how to send the whole requests as the control of a trial. It is the way of the trial, except that
 * FIN is apart if the trial sends it joined.
 */
export function controlOf(sending: Sending): Sending {
  return sending.fin === 'joined' ? { ...sending, fin: 'apart' } : sending;
}
