// Two sessions, their model, and each thing that can happen to them, as a step of a property test.

import { ok, strictEqual, throws } from 'node:assert';
import type { SessionEvents } from '../../src/peer/session/session-events.ts';
import { join } from '../support/bytes.ts';
import { NO_BYTES, otherOf, SessionEnd, SIDES } from '../support/session-pair.ts';
import type { SessionOptions, Side } from '../support/session-pair.ts';
import { bodyOf, pattern, resultOf } from './session-bytes.ts';
import { Model } from './session-model.ts';
import type { Flow } from './session-model.ts';

/** One of a list, whatever the number; undefined where there is none. */
function pick<T>(list: readonly T[], number: number): T | undefined {
  return list[number % Math.max(1, list.length)];
}

export class World {
  readonly model: Model;
  readonly ends: readonly [SessionEnd, SessionEnd];
  readonly #options: readonly [SessionOptions, SessionOptions];
  readonly #lastHeardAt: [number, number] = [0, 0];
  readonly #hasHello: [boolean, boolean] = [false, false];
  now = 0;

  constructor(options: readonly [SessionOptions, SessionOptions]) {
    this.#options = options;
    this.model = new Model([options[0].limits, options[1].limits]);
    this.ends = [
      new SessionEnd(0, options[0], this.#events(0)),
      new SessionEnd(1, options[1], this.#events(1)),
    ];
  }

  /** Somebody was silent for too long: nothing more is to be expected of them. */
  get isDead(): boolean {
    return this.model.sides.some(({ silent }) => silent !== undefined);
  }

  #events(side: Side): SessionEvents {
    const { model } = this;
    const own = model.sides[side];
    return {
      hello: () => {
        strictEqual(this.#hasHello[side], false);
        this.#hasHello[side] = true;
      },
      handles: () => true,
      request: (id, { params, body }) => {
        strictEqual(params, id);
        model.heardRequest(side, id, body);
      },
      cancel: (id) => model.heardCancel(side, id),
      answer: (id, answer) => {
        const result = 'error' in answer ? answer.error.details : answer.result;
        model.heardAnswer(side, id, result);
      },
      event: ({ params }) => model.heardEvent(side, params),
      open: (id, { params }) => model.heardOpen(side, id, params),
      bytes: (id, pieces) => model.heardBytes(side, id, join(pieces)),
      end: (id) => model.heardEnd(side, id),
      reset: (id, reason) => model.heardReset(side, id, reason),
      pong: (id) => strictEqual(id, ++own.pongs),
      unsent: (kind, id, error) => {
        strictEqual(error.code, 'ERR_CONNECTION_CLOSED');
        model.heardUnsent(side, kind, id);
      },
      stalled: () => ok(false, 'nothing stalls without a channelTimeout'),
      silent: (what) => {
        own.silent = what;
        this.#checkSilence(side, what);
      },
    };
  }

  #checkSilence(side: Side, what: 'hello' | 'heartbeat'): void {
    const { heartbeat, helloTimeout } = this.#options[side];
    strictEqual(what, this.#hasHello[side] ? 'heartbeat' : 'hello');
    const limit = what === 'hello' ? helloTimeout : heartbeat.interval + heartbeat.timeout;
    const since = what === 'hello' ? 0 : this.#lastHeardAt[side];
    ok(this.now - since >= limit);
  }

  #throwsWhenClosing(side: Side, act: () => void): void {
    if (!this.model.sides[side].closing) {
      act();
    } else {
      throws(act, { code: 'ERR_CONNECTION_CLOSED', sent: false });
    }
  }

  // What the applications do.

  ask(side: Side): void {
    const next = this.model.sides[side].asked.length + 1;
    this.#throwsWhenClosing(side, () => {
      const id = this.ends[side].session.request('ask', next, bodyOf(next));
      this.model.ask(side, id);
    });
  }

  answer(side: Side, number: number, isFailure: boolean): void {
    const id = pick(this.model.running(otherOf(side)), number);
    if (id === undefined) {
      return;
    }
    const error = { code: 'E_NO', message: 'no', details: resultOf(id) };
    const answer = isFailure ? { error } : { result: resultOf(id), body: bodyOf(id) };
    this.model.request(otherOf(side), id).handled = 'answered';
    this.ends[side].session.answer(id, answer);
    // A second one is nobody's.
    this.ends[side].session.answer(id, { result: 'again', body: NO_BYTES });
  }

  giveUp(side: Side, number: number): void {
    const { asked } = this.model.sides[side];
    const waiting = asked.flatMap(({ end }, i) => (end === undefined ? [i + 1] : []));
    const id = pick(waiting, number);
    if (id === undefined) {
      return;
    }
    const request = this.model.request(side, id);
    request.end = 'given up';
    request.mustNotBeSent = !this.ends[side].session.wasSent(id);
    strictEqual(request.isSent, !request.mustNotBeSent);
    this.ends[side].session.giveUp(id);
    this.ends[side].session.giveUp(id);
  }

  notify(side: Side): void {
    const own = this.model.sides[side];
    this.#throwsWhenClosing(side, () => {
      const number = own.notified + 1;
      const onTaken = (): void => strictEqual(number, ++own.noticesTaken);
      this.ends[side].session.notify('told', number, { body: NO_BYTES, onTaken });
      own.notified = number;
    });
  }

  open(side: Side): void {
    const next = this.model.sides[side].opened.length + 1;
    this.#throwsWhenClosing(side, () => {
      this.model.open(side, this.ends[side].session.open('line', next));
    });
  }

  write(side: Side, number: number, length: number): void {
    const open = this.model.usable(side).filter((id) => !this.#flow(side, id, side).ended);
    const id = pick(open, number);
    if (id === undefined) {
      return;
    }
    const flow = this.#flow(side, id, side);
    const from = flow.written;
    const bytes = pattern(this.model.line(side, id), side, from, length);
    flow.written += length;
    let isTaken = false;
    this.ends[side].session.write(id, [bytes], () => {
      strictEqual(isTaken, false);
      isTaken = true;
    });
  }

  read(side: Side, number: number, length: number): void {
    const unread = this.model.usable(side).filter((id) => {
      const { received, read } = this.#flow(side, id, otherOf(side));
      return received > read;
    });
    const id = pick(unread, number);
    if (id === undefined) {
      return;
    }
    const flow = this.#flow(side, id, otherOf(side));
    const taken = Math.min(length, flow.received - flow.read);
    flow.read += taken;
    this.ends[side].session.consumed(id, taken);
  }

  end(side: Side, number: number): void {
    const open = this.model.usable(side).filter((id) => !this.#flow(side, id, side).ended);
    const id = pick(open, number);
    if (id === undefined) {
      return;
    }
    this.#flow(side, id, side).ended = true;
    this.ends[side].session.end(id, () => undefined);
  }

  reset(side: Side, number: number): void {
    const id = pick(this.model.usable(side), number);
    if (id === undefined) {
      return;
    }
    this.model.line(side, id).reset[side] = true;
    this.ends[side].session.reset(id, `by ${side}`);
  }

  ping(side: Side): void {
    this.ends[side].session.ping();
  }

  close(side: Side): void {
    this.model.sides[side].closing = true;
    this.ends[side].session.close();
  }

  // What the connection and the clock do.

  pump(side: Side, most = Infinity): boolean {
    const said = this.ends[side].pump(most);
    for (const message of said) {
      this.model.said(side, message);
    }
    return said.length > 0;
  }

  /** Bytes of `side` arrive at the other. */
  deliver(side: Side, most = Infinity): boolean {
    const bytes = this.ends[side].take(most);
    if (bytes.length === 0) {
      return false;
    }
    const to = otherOf(side);
    this.#lastHeardAt[to] = this.now;
    this.ends[to].hear(bytes, this.now, ({ header }) => {
      if (header['kind'] === 'close') {
        this.model.sides[to].closing = true;
      }
    });
    return true;
  }

  tick(ms: number): void {
    this.now += ms;
    for (const { side, session } of this.ends) {
      session.tick(this.now);
      const own = this.model.sides[side];
      if (own.silent === undefined) {
        ok(session.deadline > this.now);
      }
    }
  }

  #flow(side: Side, id: number, writer: Side): Flow {
    return this.model.line(side, id).flows[writer];
  }

  /** Carries everything over until nothing moves. */
  settle(): void {
    for (let moved = true; moved;) {
      moved = false;
      for (const side of SIDES) {
        if (this.pump(side)) {
          moved = true;
        }
        if (this.deliver(side)) {
          moved = true;
        }
      }
    }
  }

  settleAndCheck(): void {
    this.settle();
    this.model.checkQuiet();
  }

  /** Both sides finish what they have, and close. */
  finish(): void {
    this.settleAndCheck();
    for (const side of SIDES) {
      this.close(side);
    }
    // With a window of one byte, each round carries one byte.
    const rounds = 1000 + this.model.written;
    for (let round = 0; round < rounds && !this.isFinished; round++) {
      for (const side of SIDES) {
        for (let i = this.model.running(otherOf(side)).length; i > 0; i--) {
          this.answer(side, 0, false);
        }
        for (let i = 0; i < this.model.usable(side).length; i++) {
          this.read(side, 0, Infinity);
          this.end(side, 0);
        }
      }
      this.settle();
    }
    this.model.checkOver();
  }

  /** Both sides may end the connection. */
  get isFinished(): boolean {
    return this.ends.every(({ session }) => session.isFinished);
  }
}
