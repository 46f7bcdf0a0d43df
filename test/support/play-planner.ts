// Plays the planner of a proxy without sockets or clocks: chunks arrive as a test says, and the planner's
// actions are recorded.

import type { Action, Planner } from '../../src/chop/plan/planner.ts';
import type { Op } from '../../src/schedule/schedule.ts';

/** A chunk, and whether the sender paused before it. */
export interface Arrival {
  readonly bytes: Uint8Array;
  readonly pause: boolean;
}

export interface PlannerPlay {
  readonly pieces: readonly Buffer[];
  readonly delays: readonly number[];
  /** Offsets of the boundaries that were planned, without those that come from pauses of the sender. */
  readonly planned: readonly number[];
  /** The last action. */
  readonly end: Action['kind'];
}

export function playPlanner(
  planner: Planner,
  arrivals: readonly Arrival[],
  note: (op: Op) => void = () => undefined,
): PlannerPlay {
  const [pieces, delays, planned]: [Buffer[], number[], number[]] = [[], [], []];
  const waiting = [...arrivals];
  let held = Buffer.alloc(0);
  let quiet = false;
  for (;;) {
    const ended = waiting.length === 0;
    const action = planner.next({ available: held.length, ended, quiet });
    switch (action.kind) {
      case 'read': {
        const [next] = waiting;
        if (next === undefined) {
          throw new Error('the planner reads after the end of the stream');
        }
        if (next.pause && action.patient && !quiet) {
          quiet = true;
          break;
        }
        waiting.shift();
        quiet = false;
        held = Buffer.concat([held, next.bytes]);
        planner.arrived(next.bytes);
        break;
      }
      case 'piece':
        if (action.apart) {
          planned.push(action.at);
        }
        pieces.push(held.subarray(0, action.length));
        note({ kind: 'hold', n: action.length });
        held = held.subarray(action.length);
        break;
      case 'delay':
        note({ kind: 'delay', ms: action.ms });
        delays.push(action.ms);
        break;
      default:
        return { pieces, delays, planned, end: action.kind };
    }
  }
}
