// Whether a way of sending can be tried at all: the whole requests, sent in that way, must get the
// answers that are expected. Each way is tested once, and the report has the reason against it.

import type { Sending } from '../trials/trial.ts';
import { sendingName } from '../trials/trial.ts';
import { controlOf } from './health.ts';
import type { ServerUnderTest } from './server-under-test.ts';

/** Number of times that the answers to the whole requests must be right. */
const TIMES = 2;
/** Maximum number of rounds that are also tested one by one. More would take long. */
const FEW = 3;

export class Controls {
  readonly #server: ServerUnderTest;
  readonly #known = new Map<string, string | undefined>();

  constructor(server: ServerUnderTest) {
    this.#server = server;
  }

  /** The reason not to try this way of sending; `undefined` if it can be tried. */
  async reasonAgainst(sending: Sending): Promise<string | undefined> {
    const name = sendingName(sending);
    if (!this.#known.has(name)) {
      this.#known.set(name, await this.#find(sending));
    }
    return this.#known.get(name);
  }

  async #find(sending: Sending): Promise<string | undefined> {
    const { repeat, connections, fin } = sending;
    if (fin !== 'none') {
      return this.#findFin(sending);
    }
    if (repeat > 1) {
      return this.#findRepeat(sending);
    }
    if (connections > 1) {
      const isRight = !this.#server.alwaysFresh && (await this.#isRight(sending));
      return isRight ? undefined : 'the server does not serve whole requests on several at once';
    }
    return undefined;
  }

  async #findRepeat(sending: Sending): Promise<string | undefined> {
    const { baseline, options } = this.#server;
    if (baseline.end !== 'open' || options.until !== 'same-length') {
      return 'the server ends the connection behind its answer, or --until lets only its end tell';
    }
    const isFew = sending.repeat <= FEW;
    const single = isFew ? await this.#server.whole('one by one', { sending }) : undefined;
    const isRight =
      single?.difference === undefined && (await this.#isRight(sending, isFew ? TIMES : 1));
    return isRight ? undefined : 'the server answers the second round in another way, also whole';
  }

  async #findFin(sending: Sending): Promise<string | undefined> {
    if (this.#server.options.until === 'eof') {
      return undefined;
    }
    const late = await this.#server.whole('pipelined', {
      sending: { ...sending, fin: 'late' },
      effort: 'short',
    });
    this.#server.finEnd = late.answer.end === 'open' ? 'open' : 'closed';
    const isRight = late.difference === undefined && (await this.#isRight(sending));
    return isRight
      ? undefined
      : 'the server gives up its answer when FIN comes before it, also whole';
  }

  async #isRight(sending: Sending, times = TIMES): Promise<boolean> {
    for (let time = 0; time < times; time++) {
      const judged = await this.#server.whole('pipelined', { sending: controlOf(sending) });
      if (judged.difference !== undefined) {
        return false;
      }
    }
    return true;
  }
}
