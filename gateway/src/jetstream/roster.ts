// The devices that this node holds, and the turns in which their claims are renewed.
//
// One timer serves all claims: a round has TURNS turns, and each claim is renewed in one of them. So a claim
// needs no timer, and the renewals of a node are spread over the round, however many devices came at once.

import type { Outcome } from '../bus.ts';
import type { Clock } from '../clock.ts';

/** A claim, as far as the roster knows it. */
export interface Member {
  readonly device: string;
  readonly epoch: number;
  /** Writes the entry of the device again. Never rejects. */
  renew(): Promise<void>;
  /** Passes a command on. Resolves to `undefined` if this node does not hold the device any more. */
  pass(bytes: Uint8Array, within: number): Promise<Outcome | undefined>;
  /** Called when a newer claim has the device. */
  lose(): void;
}

interface Place {
  readonly member: Member;
  readonly turn: number;
}

/** Claims of one device that are being made. */
interface Taking {
  count: number;
  /** Highest epoch that another node has announced meanwhile. */
  announced: number;
}

const TURNS = 60;

export class Roster {
  readonly #places = new Map<string, Place>();
  readonly #taking = new Map<string, Taking>();
  /** Turns whose renewals have not ended. They last longer than a round only if the bucket does not answer. */
  readonly #busy = new Set<number>();
  #joined = 0;
  #cancel: (() => void) | undefined;

  get(device: string): Member | undefined {
    return this.#places.get(device)?.member;
  }

  /**
   * Runs `take`, which claims the device, and adds the claim that it resolves to. If a newer claim was
   * announced meanwhile, the claim is lost at once.
   */
  async join(device: string, take: () => Promise<Member>): Promise<void> {
    const taking = this.#taking.get(device) ?? { count: 0, announced: 0 };
    this.#taking.set(device, taking);
    taking.count++;
    try {
      const member = await take();
      this.#add(member);
      this.hear(device, taking.announced);
    } finally {
      taking.count--;
      if (taking.count === 0) {
        this.#taking.delete(device);
      }
    }
  }

  /** Handles the notice that a claim of this epoch was made. */
  hear(device: string, epoch: number): void {
    const taking = this.#taking.get(device);
    if (taking !== undefined) {
      taking.announced = Math.max(taking.announced, epoch);
    }
    const member = this.get(device);
    if (member !== undefined && member.epoch < epoch) {
      member.lose();
    }
  }

  remove(member: Member): void {
    if (this.get(member.device) === member) {
      this.#places.delete(member.device);
    }
  }

  /** Renews each claim once in `round` ms, until `stop`. */
  start(clock: Clock, round: number): void {
    let turn = 0;
    const next = (): void => {
      this.#cancel = clock.after(round / TURNS, () => {
        void this.#renewTurn(turn);
        turn = (turn + 1) % TURNS;
        next();
      });
    };
    next();
  }

  stop(): void {
    this.#cancel?.();
  }

  /** Renews all claims, one after another, as long as `goesOn` returns true. */
  async renewAll(goesOn: () => boolean): Promise<void> {
    for (const { member } of this.#places.values()) {
      if (!goesOn()) {
        return;
      }
      await member.renew();
    }
  }

  #add(member: Member): void {
    const before = this.get(member.device);
    if (before !== undefined && before.epoch > member.epoch) {
      member.lose();
      return;
    }
    this.#places.set(member.device, { member, turn: this.#joined % TURNS });
    this.#joined++;
    before?.lose();
  }

  async #renewTurn(turn: number): Promise<void> {
    if (this.#busy.has(turn)) {
      return;
    }
    this.#busy.add(turn);
    // Collect them first: claims come and go while we wait.
    const due: Member[] = [];
    for (const place of this.#places.values()) {
      if (place.turn === turn) {
        due.push(place.member);
      }
    }
    for (const member of due) {
      await member.renew();
    }
    this.#busy.delete(turn);
  }
}
