// What is demanded of a decoder, check by check. A check draws trials; a trial says how to deliver a
// stream to the target and judges what came of it. Nothing here delivers, waits or measures: pure.
//
// Rules: a finding is one sentence of what happened, with the chunks that made it happen; a check
// finds only its own fault, so that leaving it out by name leaves out nothing else.

import * as fc from 'fast-check';
import type { RandomCheck, Rules } from './rules.ts';
import { isVerdict } from './outcome.ts';
import type { Delivery, Outcome } from './outcome.ts';
import { arrivals, damagedStreams, torn } from './streams.ts';
import type { Arrival, Stream } from './streams.ts';
import { drawValue, drawValues } from './values.ts';

/** A fault, and the delivery that shows it. */
export interface Finding {
  /** One sentence, present tense, the target as its target. */
  readonly what: string;
  readonly chunks: readonly Uint8Array[];
  /** What should have come out, and what did, drawn; where the sentence needs it. */
  readonly expected?: string;
  readonly got?: string;
}

/** Deliveries to make, and the judgement of their outcomes, in the same order. */
export interface Trial {
  readonly deliveries: readonly Delivery[];
  judge(outcomes: readonly Outcome[]): Finding | undefined;
}

type Trials = (good: fc.Arbitrary<Stream>, rules: Rules) => fc.Arbitrary<Trial>;

const toEnd = (chunks: readonly Uint8Array[]): Delivery => ({
  chunks,
  ending: 'end',
  reading: 'eager',
});

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Class, code and place of an error: what must not depend on the cuts. Its words may. */
function errorIdentity(error: unknown): string {
  if (typeof error !== 'object' || error === null) {
    return String(error);
  }
  const fields = ['code', 'byteOffset', 'frameIndex'].flatMap((field) => {
    const value: unknown = Reflect.get(error, field);
    return typeof value === 'string' || typeof value === 'number' ? [`${field} ${value}`] : [];
  });
  return [error instanceof Error ? error.name : 'a thrown object', ...fields].join(', ');
}

function drawOutcome(outcome: Outcome): string {
  const values = drawValues(outcome.values);
  if (outcome.failure === undefined) {
    return values;
  }
  return `${values}, then ${errorIdentity(outcome.failure.error)}`;
}

function sameFailure(one: Outcome, other: Outcome): boolean {
  if (one.failure === undefined || other.failure === undefined) {
    return one.failure === other.failure;
  }
  return errorIdentity(one.failure.error) === errorIdentity(other.failure.error);
}

/** The whole stream in one chunk against the same in many. */
function wholeAgainstCut(arrival: Arrival, rules: Rules): Trial {
  const { stream, chunks } = arrival;
  return {
    deliveries: [toEnd([stream.bytes]), toEnd(chunks)],
    judge: ([whole, cut]) => {
      if (whole === undefined || cut === undefined) {
        return undefined;
      }
      if (rules.same(whole.values, cut.values) && sameFailure(whole, cut)) {
        return undefined;
      }
      const what = 'gives something else when the same bytes are cut';
      return { what, chunks, expected: drawOutcome(whole), got: drawOutcome(cut) };
    },
  };
}

const cutInvariance: Trials = (good, rules) =>
  arrivals(good).map((arrival) => wholeAgainstCut(arrival, rules));

/** The values that come before an error, read eagerly and late; and an error that stays one. */
const errorInvariance: Trials = (good, rules) =>
  arrivals(damagedStreams(good)).map((arrival) => {
    const { chunks } = arrival;
    const trial = wholeAgainstCut(arrival, rules);
    return {
      deliveries: [...trial.deliveries, { ...toEnd(chunks), reading: 'late' }],
      judge: (outcomes) => {
        const fault = outcomes.find((outcome) => outcome.failure && outcome.fault)?.fault;
        if (fault !== undefined) {
          return { what: fault, chunks };
        }
        const [, eager, late] = outcomes;
        const found = trial.judge(outcomes);
        if (found !== undefined || eager === undefined || late === undefined) {
          return found;
        }
        if (rules.same(eager.values, late.values)) {
          return undefined;
        }
        const what = 'loses good values to the error behind them when they are read late';
        return { what, chunks, expected: drawOutcome(eager), got: drawOutcome(late) };
      },
    };
  });

/** What a stream gives when nobody said what it holds: at least one value a frame. */
function missingValues(stream: Stream, outcome: Outcome): string | undefined {
  const frames = (stream.boundaries ?? [0]).length - 1;
  if (outcome.values.length >= frames) {
    return undefined;
  }
  return `gives ${counted(outcome.values.length, 'value')} for ${counted(frames, 'frame')}`;
}

/** The frame whose values were not out when its last byte was in. Chunks are the frames. */
function lateFrame(counts: readonly number[] | undefined, known: boolean): number | undefined {
  const late = counts?.findIndex((count, index) =>
    known ? count < index + 1 : count <= (counts[index - 1] ?? 0),
  );
  return late === -1 ? undefined : late;
}

/** The frames of a stream as chunks, where they are known. */
function framesOf({ bytes, boundaries }: Stream): readonly Uint8Array[] | undefined {
  return boundaries?.slice(1).map((end, index) => bytes.subarray(boundaries[index], end));
}

/** Whole frames whose values came only when the target was told of the end. */
function heldBack(stream: Stream, { counts, values }: Outcome): string | undefined {
  const before = counts?.at(-1);
  if (stream.boundaries === undefined || before === undefined) {
    return undefined;
  }
  const held = values.length - before;
  return held > 0
    ? `keeps ${counted(held, 'value')} back until more bytes or the end come`
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
    return { what, chunks, expected: drawValues(expected), got: drawValues(wrong.values) };
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
      deliveries.push(toEnd(frames));
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

/** The last boundary that is not beyond an offset, as the number of whole frames before it. */
function wholeFrames(boundaries: readonly number[], offset: number): number {
  return boundaries.filter((boundary) => boundary <= offset).length - 1;
}

function judgeTorn(
  { stream, length }: { readonly stream: Stream; readonly length: number },
  outcome: Outcome,
  rules: Rules,
): Pick<Finding, 'what' | 'expected' | 'got'> | undefined {
  const boundaries = stream.boundaries ?? [];
  const { failure, values } = outcome;
  if (boundaries.includes(length)) {
    if (failure === undefined) {
      return undefined;
    }
    return { what: `fails at the end of a whole frame: ${drawValue(failure.error)}` };
  }
  const whole = wholeFrames(boundaries, length);
  if (failure === undefined) {
    const inside = length - (boundaries[whole] ?? 0);
    const what = `takes a stream that ends ${counted(inside, 'byte')} into frame ${whole} for complete`;
    return { what, expected: 'an error', got: drawValues(values) };
  }
  if (!rules.counted || stream.values === undefined || values.length <= whole) {
    return undefined;
  }
  const what = `gives frame ${whole} before its last byte has come`;
  return { what, got: drawValues(values) };
}

/** Where a stream is torn off: near its end more often, where there is more that can be lost. */
const TEARING: fc.Arbitrary<number> = fc.oneof(fc.nat(8), fc.nat(0xffff));

/** For a stream that a check has no use for. */
const NOTHING_TO_TRY: Trial = { deliveries: [], judge: () => undefined };

const truncation: Trials = (good, rules) =>
  fc.tuple(arrivals(good), TEARING).map(([arrival, tear]) => {
    const { stream } = arrival;
    if (stream.boundaries === undefined) {
      return NOTHING_TO_TRY;
    }
    const length = stream.bytes.length - (tear % (stream.bytes.length + 1));
    const chunks = torn(arrival, length);
    return {
      deliveries: [toEnd(chunks)],
      judge: ([outcome]) => {
        const found = outcome && judgeTorn({ stream, length }, outcome, rules);
        return found && { ...found, chunks };
      },
    };
  });

const typedErrors: Trials = (good, rules) =>
  arrivals(damagedStreams(good)).map(({ chunks }) => ({
    deliveries: [toEnd(chunks)],
    judge: ([outcome]) => {
      const error = outcome?.failure?.error;
      if (outcome?.failure === undefined) {
        return undefined;
      }
      if (!isVerdict(error) && rules.allows(error)) {
        return undefined;
      }
      return { what: `throws what it should not: ${drawValue(error)}`, chunks };
    },
  }));

/** A connection that is lost after its first chunk, and then a new one to the same target. */
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

/** How each check draws its trials. */
export const TRIALS: Readonly<Record<RandomCheck, Trials>> = {
  isolation,
  'cut-invariance': cutInvariance,
  conservation,
  truncation,
  'error-invariance': errorInvariance,
  'typed-errors': typedErrors,
};
