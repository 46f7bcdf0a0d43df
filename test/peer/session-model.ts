// A model of two sessions in plain tables: who requested what, and which bytes were written, read and
// promised. Every call of the sessions and every message on the wire is checked against it when it happens.
// `checkOver` checks the end, when all bytes have been carried over.

import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import { lengthOf } from '../../src/codec/bytes.ts';
import { bodyOf, isSame, pattern, resultOf } from './session-bytes.ts';
import { otherOf, SIDES } from '../support/session-pair.ts';
import type { PeerLimits, Side } from '../support/session-pair.ts';
import type { PlacedMessage } from '../../src/peer/session/peer-codec.ts';

interface Asked {
  headerLength: number;
  isSent: boolean;
  /** How it ended for its requester. */
  end: 'answered' | 'given up' | 'unsent' | undefined;
  handled: 'no' | 'running' | 'cancelled' | 'answered';
  /** It was said that it was not sent. */
  mustNotBeSent: boolean;
}

/** One direction of a channel. */
export interface Flow {
  written: number;
  received: number;
  read: number;
  ended: boolean;
  endHeard: boolean;
}

export interface Line {
  readonly id: number;
  readonly opener: Side;
  headerLength: number;
  isSent: boolean;
  isOpenThere: boolean;
  isUnsent: boolean;
  /** By writer. */
  readonly flows: readonly [Flow, Flow];
  readonly reset: [boolean, boolean];
  readonly resetHeard: [boolean, boolean];
}

/** No request and no opening of these tests has a longer header. */
const MOST_HEADER = 90;

const newFlow = (): Flow => ({ written: 0, received: 0, read: 0, ended: false, endHeard: false });

/** What a side knows, and did. */
class SideModel {
  readonly asked: Asked[] = [];
  readonly opened: Line[] = [];
  lastHeardRequest = 0;
  notified = 0;
  noticesTaken = 0;
  noticesHeard = 0;
  pings = 0;
  pongs = 0;
  /** It may start nothing new. */
  closing = false;
  closesSent = 0;
  silent: 'hello' | 'heartbeat' | undefined;
}

export class Model {
  readonly limits: readonly [PeerLimits, PeerLimits];
  readonly sides: readonly [SideModel, SideModel] = [new SideModel(), new SideModel()];

  constructor(limits: readonly [PeerLimits, PeerLimits]) {
    this.limits = limits;
  }

  /** The channel that a side knows by this id. */
  line(side: Side, id: number): Line {
    const opener = id > 0 ? side : otherOf(side);
    const line = this.sides[opener].opened[Math.abs(id) - 1];
    if (line === undefined) {
      throw new Error(`side ${side} heard of channel ${id}, never opened`);
    }
    return line;
  }

  request(side: Side, id: number): Asked {
    const asked = this.sides[side].asked[id - 1];
    if (asked === undefined) {
      throw new Error(`request ${id} of side ${side} was never made`);
    }
    return asked;
  }

  ask(side: Side, id: number): void {
    const asked: Asked = {
      headerLength: 0,
      isSent: false,
      end: undefined,
      handled: 'no',
      mustNotBeSent: false,
    };
    this.sides[side].asked.push(asked);
    strictEqual(id, this.sides[side].asked.length);
  }

  open(side: Side, id: number): void {
    this.sides[side].opened.push({
      id,
      opener: side,
      headerLength: 0,
      isSent: false,
      isOpenThere: false,
      isUnsent: false,
      flows: [newFlow(), newFlow()],
      reset: [false, false],
      resetHeard: [false, false],
    });
    strictEqual(id, this.sides[side].opened.length);
  }

  /** Requests of a side that are running over there, by id. */
  running(side: Side): number[] {
    return this.sides[side].asked.flatMap(({ handled }, i) =>
      handled === 'running' || handled === 'cancelled' ? [i + 1] : [],
    );
  }

  /** Channels that this side can use, by its ids. */
  usable(side: Side): number[] {
    const own = this.sides[side].opened.filter((line) => isUsable(line, side));
    const theirs = this.sides[otherOf(side)].opened.filter(
      (line) => line.isOpenThere && isUsable(line, side),
    );
    return [...own.map(({ id }) => id), ...theirs.map(({ id }) => -id)];
  }

  // What a side hears.

  heardRequest(side: Side, id: number, body: Uint8Array): void {
    const asked = this.request(otherOf(side), id);
    ok(id > this.sides[side].lastHeardRequest);
    this.sides[side].lastHeardRequest = id;
    has(asked, { handled: 'no', isSent: true });
    ok(isSame(body, bodyOf(id)));
    asked.handled = 'running';
    ok(this.running(otherOf(side)).length <= this.limits[side].maxPendingRequests);
  }

  heardCancel(side: Side, id: number): void {
    const asked = this.request(otherOf(side), id);
    has(asked, { end: 'given up' });
    // It may be answered and the answer not be taken yet: then nobody is there to hear it.
    if (asked.handled === 'running') {
      asked.handled = 'cancelled';
    }
  }

  heardAnswer(side: Side, id: number, result: unknown): void {
    const asked = this.request(side, id);
    has(asked, { handled: 'answered', end: undefined });
    deepStrictEqual(result, resultOf(id));
    asked.end = 'answered';
  }

  heardUnsent(side: Side, kind: 'request' | 'channel', id: number): void {
    if (kind === 'channel') {
      const line = this.line(side, id);
      has(line, { isSent: false });
      line.isUnsent = true;
      return;
    }
    const asked = this.request(side, id);
    has(asked, { end: undefined, isSent: false });
    asked.end = 'unsent';
  }

  heardEvent(side: Side, number: unknown): void {
    strictEqual(number, ++this.sides[side].noticesHeard);
  }

  heardOpen(side: Side, id: number, params: unknown): void {
    const line = this.line(side, id);
    has(line, { isSent: true, isOpenThere: false, opener: otherOf(side) });
    strictEqual(params, line.id);
    line.isOpenThere = true;
  }

  heardBytes(side: Side, id: number, bytes: Uint8Array): void {
    const line = this.line(side, id);
    const flow = line.flows[otherOf(side)];
    this.#checkHears(line, side);
    strictEqual(flow.endHeard, false);
    ok(isSame(bytes, pattern(line, otherOf(side), flow.received, bytes.length)));
    flow.received += bytes.length;
    ok(flow.received <= flow.written);
    ok(flow.received - flow.read <= this.limits[side].window);
  }

  heardEnd(side: Side, id: number): void {
    const line = this.line(side, id);
    const flow = line.flows[otherOf(side)];
    this.#checkHears(line, side);
    has(flow, { ended: true, endHeard: false, received: flow.written });
    flow.endHeard = true;
  }

  heardReset(side: Side, id: number, reason: string | undefined): void {
    const line = this.line(side, id);
    this.#checkHears(line, side);
    // BUSY would be a session that refuses what it said it takes.
    strictEqual(reason, `by ${otherOf(side)}`);
    strictEqual(line.reset[otherOf(side)], true);
    line.resetHeard[side] = true;
  }

  #checkHears(line: Line, side: Side): void {
    strictEqual(line.reset[side] || line.resetHeard[side], false);
    strictEqual(line.opener === side || line.isOpenThere, true);
  }

  // What is on the wire.

  said(side: Side, { header, body, headerLength }: PlacedMessage): void {
    const { kind, id, channel } = header;
    const own = this.sides[side];
    ok(lengthOf(body) <= this.limits[otherOf(side)].maxBodyLength);
    const starts = kind === 'request' || kind === 'event' || kind === 'open';
    if (starts) {
      strictEqual(own.closesSent, 0);
    }
    if (kind === 'request') {
      const asked = this.request(side, Number(id));
      strictEqual(asked.mustNotBeSent || asked.isSent, false);
      asked.isSent = true;
      asked.headerLength = headerLength;
      const out = own.asked.filter(({ isSent, handled }) => isSent && handled !== 'answered');
      ok(out.length <= this.limits[otherOf(side)].maxPendingRequests);
    } else if (kind === 'open') {
      const line = this.line(side, Number(channel));
      has(line, { isSent: false, isUnsent: false });
      line.isSent = true;
      line.headerLength = headerLength;
    } else if (kind === 'ping') {
      own.pings++;
    } else if (kind === 'close') {
      strictEqual(++own.closesSent, 1);
    }
  }

  /** When nothing is under way any more: everything arrived, and nothing waits that had room. */
  checkQuiet(): void {
    for (const side of SIDES) {
      const own = this.sides[side];
      const there = this.sides[otherOf(side)];
      strictEqual(there.noticesHeard, own.notified);
      strictEqual(own.noticesTaken, own.notified);
      strictEqual(own.pongs, own.pings);
      this.#checkNothingWaits(side);
      for (const line of own.opened.filter(({ isSent }) => isSent)) {
        this.#checkLine(line);
      }
    }
  }

  #checkNothingWaits(side: Side): void {
    const own = this.sides[side];
    const { maxPendingRequests, maxChannels } = this.limits[otherOf(side)];
    const waiting = own.asked.filter(({ isSent, end }) => !isSent && end === undefined).length;
    const running = this.running(side).map((id) => this.request(side, id));
    const isFull = running.length === maxPendingRequests || this.#isHeavy(side, running);
    if (waiting > 0) {
      ok(isFull);
    }
    const sent = own.opened.filter(({ isSent }) => isSent);
    const open = sent.filter((line) => !isOver(line));
    ok(open.length <= maxChannels);
    const toBeOpened = own.opened.some(
      ({ isSent, isUnsent, reset }) => !isSent && !isUnsent && !reset[side],
    );
    if (toBeOpened) {
      ok(open.length === maxChannels || this.#isHeavy(side, open));
    }
  }

  /** Their headers leave no room for another; more than one of them keep to the limit. */
  #isHeavy(side: Side, held: readonly { readonly headerLength: number }[]): boolean {
    const { maxPendingHeaderLength } = this.limits[otherOf(side)];
    const sum = held.reduce((length, { headerLength }) => length + headerLength, 0);
    ok(held.length <= 1 || sum <= maxPendingHeaderLength);
    return held.length > 0 && sum + MOST_HEADER > maxPendingHeaderLength;
  }

  #checkLine(line: Line): void {
    if (line.reset.some(Boolean)) {
      for (const side of SIDES) {
        const isComplete = line.flows[side].ended && line.flows[otherOf(side)].endHeard;
        strictEqual(line.reset[side] || line.resetHeard[side] || isComplete, true);
      }
      return;
    }
    for (const writer of SIDES) {
      const flow = line.flows[writer];
      // Credit is granted in halves of a window, so a writer may have to wait with less than that.
      const { window } = this.limits[otherOf(writer)];
      const granted = flow.read + Math.floor(window / 2) + 1;
      ok(flow.received >= Math.min(flow.written, granted));
      if (flow.ended && flow.received === flow.written) {
        strictEqual(flow.endHeard, true);
      }
    }
  }

  /** Bytes that both sides wrote to all channels. */
  get written(): number {
    const flows = this.sides.flatMap(({ opened }) => opened.flatMap((line) => line.flows));
    return flows.reduce((sum, flow) => sum + flow.written, 0);
  }

  /** When both sides closed, and answered, read and ended everything. */
  checkOver(): void {
    this.checkQuiet();
    for (const side of SIDES) {
      const own = this.sides[side];
      strictEqual(own.closesSent, 1);
      for (const asked of own.asked) {
        ok(asked.end !== undefined);
        strictEqual(asked.handled, asked.isSent ? 'answered' : 'no');
      }
      for (const line of own.opened) {
        strictEqual(line.isUnsent || line.reset[side] || (line.isSent && isOver(line)), true);
      }
    }
  }
}

function isUsable(line: Line, side: Side): boolean {
  return !line.isUnsent && !line.reset[side] && !line.resetHeard[side];
}

function isOver({ reset, flows }: Line): boolean {
  return reset.some(Boolean) || flows.every(({ endHeard }) => endHeard);
}

/** Whether a record has these facts, and any others. */
function has<T extends object>(record: T, facts: Partial<T>): void {
  deepStrictEqual({ ...record, ...facts }, { ...record });
}
