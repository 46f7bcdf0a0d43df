// The demands of the prover on a decoder, check by check. A check draws trials. A trial says how to deliver a
// stream to the target, and judges the outcomes. This file has the checks of good streams; checks-errors.ts
// has the checks of torn and damaged streams. This file is pure: no code here delivers, waits or measures.
//
// Rules: a finding is one sentence that says what happened, with the chunks that made it happen. A check
// finds only its own kind of fault, so that a caller who leaves out one check by name loses no other check.

import {
  errorInvariance,
  lateReading,
  truncation,
  typedErrors,
  wholeAgainstCut,
} from './checks-errors.ts';
import { NOTHING_TO_TRY, drawOutcome, hintOf, sameFailure, toEnd } from './judging.ts';
import { quantity } from '../../text.ts';
import type { Finding, Trials } from './judging.ts';
import { arrivals, framesOf } from './streams.ts';
import type { Arrival, Stream } from './streams.ts';
import type { Delivery, Outcome, RandomCheck, Rules } from './terms.ts';
import { drawValue, drawValues } from './values.ts';

const cutInvariance: Trials = (good, rules) =>
  arrivals(good).map((arrival) => wholeAgainstCut(arrival, rules));

/**
 * Returns words for the fault that a stream gives fewer values than it has frames, or `undefined` without
 * that fault. The sample need not name the values.
 */
function missingValues(stream: Stream, outcome: Outcome): string | undefined {
  const frames = (stream.boundaries ?? [0]).length - 1;
  if (outcome.values.length >= frames) {
    return undefined;
  }
  return `gives ${quantity(outcome.values.length, 'value')} for ${quantity(frames, 'frame')}`;
}

/**
 * Returns the index of the first frame whose value had not come out when the last byte of the frame had come.
 * Each chunk is one frame. `known` says that the sample names the values, one for each frame. Otherwise each
 * frame must add a value.
 */
function lateFrame(counts: readonly number[] | undefined, known: boolean): number | undefined {
  const late = counts?.findIndex((count, index) =>
    known ? count < index + 1 : count <= (counts[index - 1] ?? 0),
  );
  return late === -1 ? undefined : late;
}

/**
 * Returns words for the fault that values came only with the end of the stream, or `undefined` without that
 * fault.
 */
function heldBack(stream: Stream, { counts, values }: Outcome): string | undefined {
  const before = counts?.at(-1);
  if (stream.boundaries === undefined || before === undefined) {
    return undefined;
  }
  const held = values.length - before;
  return held > 0
    ? `keeps ${quantity(held, 'value')} back until more bytes or the end come`
    : undefined;
}

function judgeGood(
  { stream, chunks }: Arrival,
  [eager, late, byFrame]: readonly Outcome[],
  rules: Rules,
): Finding | undefined {
  if (eager === undefined || late === undefined) {
    return undefined;
  }
  const failed = [eager, late].find(({ failure }) => failure !== undefined);
  if (failed?.failure) {
    return { what: `refuses a good stream: ${drawValue(failed.failure.error)}`, chunks };
  }
  const expected = stream.values ?? byFrame?.values ?? eager.values;
  const wrong = [eager, late].find((outcome) => !rules.same(expected, outcome.values));
  if (wrong !== undefined) {
    const reading = wrong === eager ? '' : ' when its values are read late';
    const what = `loses, changes or invents values${reading}`;
    const hint = hintOf(expected, wrong.values);
    return { what, chunks, expected: drawValues(expected), got: drawValues(wrong.values), ...hint };
  }
  const missing = rules.counted ? missingValues(stream, eager) : undefined;
  const what = missing ?? heldBack(stream, eager) ?? eager.fault ?? late.fault;
  return what === undefined ? undefined : { what, chunks };
}

const conservation: Trials = (good, rules) =>
  arrivals(good).map((arrival) => {
    const { stream, chunks } = arrival;
    const frames = framesOf(stream);
    const deliveries: Delivery[] = [toEnd(chunks), { ...toEnd(chunks), reading: 'late' }];
    if (frames !== undefined) {
      deliveries.push({ ...toEnd(frames), counted: true });
    }
    return {
      deliveries,
      judge: (outcomes) => {
        const found = judgeGood(arrival, outcomes, rules);
        if (found !== undefined || frames === undefined || !rules.counted) {
          return found;
        }
        const late = lateFrame(outcomes[2]?.counts, stream.values !== undefined);
        if (late === undefined) {
          return undefined;
        }
        const what = `does not give frame ${late} when its last byte has come`;
        return { what, chunks: frames.slice(0, late + 1) };
      },
    };
  });

/**
 * Check: a connection that is lost in mid-stream, usually after its first chunk, must leave no trace in the
 * next connection.
 */
const isolation: Trials = (good, rules) =>
  arrivals(good).map(({ stream, chunks }) => {
    if (stream.bytes.length < 2) {
      return NOTHING_TO_TRY;
    }
    const first = chunks.find(({ length }) => length > 0) ?? stream.bytes;
    const lost = first.length < stream.bytes.length ? first : first.subarray(0, -1);
    return {
      deliveries: [
        toEnd([stream.bytes]),
        { ...toEnd([lost]), ending: 'lost' },
        toEnd([stream.bytes]),
      ],
      judge: ([before, , after]) => {
        if (before === undefined || after === undefined) {
          return undefined;
        }
        if (rules.same(before.values, after.values) && sameFailure(before, after)) {
          return undefined;
        }
        const what =
          'remembers a lost connection in the next one, after these bytes of the lost one';
        const [expected, got] = [drawOutcome(before), drawOutcome(after)];
        return { what, chunks: [lost, stream.bytes.subarray(lost.length)], expected, got };
      },
    };
  });

/** For each random check, the function that draws its trials. */
export const TRIALS: Readonly<Record<RandomCheck, Trials>> = {
  isolation,
  'cut-invariance': cutInvariance,
  conservation,
  truncation,
  'error-invariance': errorInvariance,
  'late-reading': lateReading,
  'typed-errors': typedErrors,
};
