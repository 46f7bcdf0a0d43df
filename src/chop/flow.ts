// One direction of one connection. A flow carries out the actions that its planner returns, until an action
// ends the direction, or until the connection is over. The planner makes all decisions.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Corrupter } from './faults/corrupt.ts';
import type { Inlet } from './inlet.ts';
import type { Action, Planner, PlannerChange } from './plan/planner.ts';
import type { Note } from './plan/recorder.ts';
import type { Sender } from '../deliver/sender.ts';

/** How a direction ended. 'gone': the connection was over before the direction had ended by itself. */
export type FlowEnd = 'end' | 'stall' | 'half-close' | 'fin' | 'rst' | 'gone';

/** New settings for a flow, from the next byte on. */
export interface FlowChange extends PlannerChange {
  readonly corrupter: Corrupter | undefined;
}

export interface FlowParts {
  readonly inlet: Inlet;
  readonly sender: Sender;
  readonly planner: Planner;
  readonly corrupter: Corrupter | undefined;
  readonly note: Note;
  /**
   * Function that is called with the bytes that pass, and with `undefined` when the direction ends without a
   * reset.
   */
  readonly pass: (bytes: Uint8Array | undefined) => void;
  /** Time in ms without a byte after which the sender counts as paused. */
  readonly quietTime: number;
  /** Signal that aborts when the connection is over. */
  readonly over: AbortSignal;
  /**
   * Signal that aborts when delays must be cut short: the sender has broken the connection, or the connection
   * is over.
   */
  readonly hurry: AbortSignal;
}

export class Flow {
  bytes = 0;
  pieces = 0;
  readonly #parts: FlowParts;
  #corrupter: Corrupter | undefined;
  #stalled = false;
  /** Ends the delay that is going on. */
  #skipDelay: () => void = () => undefined;

  constructor(parts: FlowParts) {
    this.#parts = parts;
    this.#corrupter = parts.corrupter;
  }

  /** Applies new settings from the next byte on, even in the middle of a delay or a stall. */
  change(change: FlowChange): void {
    this.#parts.planner.change(change);
    this.#corrupter = change.corrupter;
    this.#skipDelay();
    this.#parts.inlet.nudge();
  }

  /** Passes bytes on until the direction ends. Never throws because of the sockets. */
  async run(): Promise<FlowEnd> {
    const { inlet, planner, over } = this.#parts;
    while (!over.aborted && !inlet.gone) {
      const action = planner.next(inlet);
      if (action.kind === 'read') {
        await this.#read(action.patient);
      } else if (action.kind === 'delay') {
        await this.#delay(action.ms);
      } else if (action.kind === 'stall') {
        await this.#drop();
        if (inlet.ended) {
          return 'stall';
        }
      } else if (action.kind !== 'piece') {
        return this.#end(action.kind);
      } else if (!(await this.#piece(action))) {
        return 'gone';
      }
    }
    return this.#stalled ? 'stall' : 'gone';
  }

  /**
   * Reads and drops bytes until the sender ends or is gone, or the connection is over. Without a reader, the
   * socket would never emit 'end'.
   */
  async drain(): Promise<void> {
    const { inlet, over } = this.#parts;
    while (!over.aborted && !inlet.gone && !inlet.ended) {
      await inlet.more();
      inlet.take(inlet.available);
    }
  }

  /**
   * Drops the bytes that have come, because the direction is stalled. Then waits for more bytes, or for the
   * end.
   */
  async #drop(): Promise<void> {
    const { inlet, note } = this.#parts;
    if (!this.#stalled) {
      this.#stalled = true;
      note({ kind: 'stall' });
    }
    inlet.take(inlet.available);
    if (!inlet.ended) {
      await inlet.more();
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
    const skip = new AbortController();
    this.#skipDelay = () => skip.abort();
    const signal = AbortSignal.any([hurry, skip.signal]);
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }

  async #piece({ at, length, apart }: Extract<Action, { kind: 'piece' }>): Promise<boolean> {
    const { inlet, sender, note, pass } = this.#parts;
    let offset = at;
    const parts = inlet.take(length).map((part) => {
      const passed = this.#corrupter?.apply(part, offset) ?? part;
      offset += part.length;
      return passed;
    });
    this.#stalled = false;
    for (const part of parts) {
      pass(part);
    }
    const sent = await sender.send(parts, apart);
    if (!sent) {
      return false;
    }
    note({ kind: 'hold', n: length });
    this.bytes += length;
    this.pieces++;
    return true;
  }

  #end(how: 'end' | 'half-close' | 'fin' | 'rst'): FlowEnd {
    const { note, pass } = this.#parts;
    if (how !== 'rst') {
      pass(undefined);
    }
    if (how === 'half-close') {
      note({ kind: 'fin', at: this.bytes });
    }
    if (how === 'fin') {
      note({ kind: 'close', at: this.bytes });
    }
    if (how === 'rst') {
      note({ kind: 'rst', at: this.bytes });
    }
    return how;
  }
}
