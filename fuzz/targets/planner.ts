// Invariant: for any plan, schedule and faults, and however the bytes arrive, a proxy's planner passes every
// byte on once and in order up to its ending. The recorded schedule cuts the bytes in the same way again.

import { deepStrictEqual, strictEqual } from 'node:assert';
import { endingsOf, firstEnding } from '../../src/chop/faults/faults.ts';
import type { Fault } from '../../src/chop/faults/faults.ts';
import { Planner } from '../../src/chop/plan/planner.ts';
import { Recorder } from '../../src/chop/plan/recorder.ts';
import { planSlicer } from '../../src/chop/plan/slicing.ts';
import type { Random } from '../../src/schedule/random.ts';
import type { Op } from '../../src/schedule/schedule.ts';
import { playPlanner } from '../../test/support/play-planner.ts';
import type { Arrival } from '../../test/support/play-planner.ts';
import { Choices, randomBytes } from './target.ts';
import type { Target } from './target.ts';

const plans = ['random', 'dribble', 'halves', 'coalesce', 'mtu:1', 'mtu:7', 'mtu:100'] as const;

function opOf(choices: Choices): Op {
  const n = choices.below(40) + 1;
  return choices.pick<Op>([
    { kind: 'hold', n },
    { kind: 'cut', n },
    { kind: 'delay', ms: n },
  ]);
}

function faultOf(choices: Choices): Fault {
  const at = choices.byte();
  return choices.pick<Fault>([
    { kind: 'throttle', rate: at * 10 + 1 },
    { kind: 'delay', min: 0, max: at },
    { kind: 'rst', at },
    { kind: 'stall', at },
    { kind: 'half-close', at },
    { kind: 'fin', at },
  ]);
}

/** A case is the choices, then chunks. Each chunk has a flag for a pause before it, a length, and bytes. */
function fuzz(bytes: Uint8Array): void {
  const choices = new Choices(bytes);
  const seed = choices.seed();
  const ops = Array.from({ length: choices.below(9) }, () => opOf(choices));
  const faults = Array.from({ length: choices.below(3) }, () => faultOf(choices));
  const slicing = choices.flag() ? planSlicer(choices.pick(plans))(seed) : undefined;
  const arrivals = arrivalsOf(choices);
  const recorder = new Recorder();
  const note = recorder.begin({ seed, direction: 'to-server', connection: 0 });
  const planned = slicing === undefined ? { ops } : { slicing };
  const first = playPlanner(new Planner({ ...planned, faults, seed }), arrivals, note);
  const stream = Buffer.concat(arrivals.map((arrival) => arrival.bytes));
  const { at = Infinity, kind = 'end' } = firstEnding(endingsOf(faults)) ?? {};
  deepStrictEqual(Buffer.concat(first.pieces), stream.subarray(0, at));
  strictEqual(first.end, stream.length < at ? 'end' : kind);
  const [record] = recorder.schedules();
  const whole = [{ bytes: stream.subarray(0, at), pause: false }];
  const again = playPlanner(
    new Planner({ ops: record?.ops ?? [], seed: 0 }),
    whole.filter(({ bytes: { length } }) => length > 0),
  );
  deepStrictEqual(again.pieces, first.pieces);
}

function arrivalsOf(choices: Choices): readonly Arrival[] {
  const arrivals: Arrival[] = [];
  for (let left = choices.below(12); left > 0; left -= 1) {
    const pause = choices.flag();
    const bytes = choices.take(choices.byte() + 1);
    if (bytes.length > 0) {
      arrivals.push({ bytes, pause });
    }
  }
  return arrivals;
}

function sample(source: Random): Uint8Array {
  return randomBytes(source, 20 + source.below(300));
}

export const planner: Target = { name: 'planner', fuzz, sample, dictionary: 'frames' };
