// One direction of one connection: does what its planner says, until one side has ended.
// It decides nothing itself.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Corrupter } from './faults/corrupt.ts';
import type { Inlet } from './inlet.ts';
import type { Action, Planner } from './plan/planner.ts';
import type { Note } from './plan/recorder.ts';
import type { Sender } from '../deliver/sender.ts';

/** How a direction came to its end. `gone`: the connection was over before. */
export type FlowEnd = 'end' | 'stall' | 'half-close' | 'fin' | 'rst' | 'gone';

export interface FlowParts {
  readonly inlet: Inlet;
  readonly sender: Sender;
  readonly planner: Planner;
  readonly corrupter: Corrupter | undefined;
  readonly note: Note;
  /** After so long without a byte the sender has paused, in ms. */
  readonly quietTime: number;
  /** Aborted when the connection is over. */
  readonly over: AbortSignal;
  /** Aborted when there is no time left for delays: what has come is all that will. */
  readonly hurry: AbortSignal;
}

export class Flow {
  bytes = 0;
  pieces = 0;
  readonly #parts: FlowParts;

  constructor(parts: FlowParts) {
    this.#parts = parts;
  }

  /** Passes bytes on until there is an end. Never throws for what the sockets do. */
  async run(): Promise<FlowEnd> {
    const { inlet, planner, over } = this.#parts;
    while (!over.aborted && !inlet.gone) {
      const action = planner.next(inlet);
      if (action.kind === 'read') {
        await this.#read(action.patient);
      } else if (action.kind === 'delay') {
        await this.#delay(action.ms);
      } else if (action.kind !== 'piece') {
        return this.#end(action);
      } else if (!(await this.#piece(action))) {
        return 'gone';
      }
    }
    return 'gone';
  }

  /** Reads on into nothing, so that the sender's end is seen. */
  async drain(): Promise<void> {
    const { inlet, over } = this.#parts;
    while (!over.aborted && !inlet.gone && !inlet.ended) {
      await inlet.more();
      inlet.take(inlet.available);
    }
  }

  async #read(patient: boolean): Promise<void> {
    const { inlet, planner, quietTime } = this.#parts;
    const chunk = await inlet.more(patient ? quietTime : undefined);
    if (chunk !== undefined) {
      planner.arrived(chunk);
    }
  }

  async #delay(ms: number): Promise<void> {
    const { note, hurry } = this.#parts;
    note({ kind: 'delay', ms });
    await sleep(ms, undefined, { signal: hurry }).catch(() => undefined);
  }

  async #piece({ at, length, apart }: Extract<Action, { kind: 'piece' }>): Promise<boolean> {
    const { inlet, sender, corrupter, note } = this.#parts;
    const piece = inlet.take(length);
    const sent = await sender.send(corrupter?.apply(piece, at) ?? piece, apart);
    if (!sent) {
      return false;
    }
    note({ kind: 'hold', n: length });
    this.bytes += length;
    this.pieces++;
    return true;
  }

  #end(action: Exclude<Action, { kind: 'piece' | 'read' | 'delay' }>): FlowEnd {
    const { note } = this.#parts;
    if (action.kind === 'stall') {
      note({ kind: 'stall' });
    }
    if (action.kind === 'half-close') {
      note({ kind: 'fin', at: this.bytes });
    }
    if (action.kind === 'rst') {
      note({ kind: 'rst', at: this.bytes });
    }
    return action.kind;
  }
}
