// The checks of streams that end inside a frame, and of streams that hold bytes which are no frame. This file
// is pure.

import * as fc from 'fast-check';
import { NOTHING_TO_TRY, drawOutcome, hintOf, sameFailure, toEnd } from './judging.ts';
import { quantity } from '../../text.ts';
import type { Finding, Trial, Trials } from './judging.ts';
import { arrivals, damagedStreams, torn } from './streams.ts';
import type { Arrival, Stream } from './streams.ts';
import { isVerdict } from './terms.ts';
import type { Outcome, Rules } from './terms.ts';
import { drawValue, drawValues } from './values.ts';

/**
 * Returns whether the longer list of values begins with the shorter list. Where an error discards queued
 * values, a check can demand no more than that.
 */
function sameBeginning(one: Outcome, other: Outcome, rules: Rules): boolean {
  const least = Math.min(one.values.length, other.values.length);
  return rules.same(one.values.slice(0, least), other.values.slice(0, least));
}

/**
 * Makes a trial that compares the outcome of a stream in one chunk with the outcome of the same stream in the
 * chunks of `arrival`. `discards` says that the platform may lose values when an error comes.
 */
export function wholeAgainstCut(arrival: Arrival, rules: Rules, discards = false): Trial {
  const { stream, chunks } = arrival;
  return {
    deliveries: [toEnd([stream.bytes]), toEnd(chunks)],
    judge: ([whole, cut]) => {
      if (whole === undefined || cut === undefined) {
        return undefined;
      }
      const partly = discards && whole.failure !== undefined && rules.counted;
      const same = partly ? sameBeginning(whole, cut, rules) : rules.same(whole.values, cut.values);
      if (same && sameFailure(whole, cut)) {
        return undefined;
      }
      const what = 'gives something else when the same bytes are cut';
      const hint = sameFailure(whole, cut) ? hintOf(whole.values, cut.values) : {};
      return { what, chunks, expected: drawOutcome(whole), got: drawOutcome(cut), ...hint };
    },
  };
}

/** Check: an error and the values before it do not depend on the cuts, and the decoder repeats the error. */
export const errorInvariance: Trials = (good, rules) =>
  arrivals(damagedStreams(good)).map((arrival) => {
    const trial = wholeAgainstCut(arrival, rules, rules.discards);
    return {
      deliveries: trial.deliveries,
      judge: (outcomes) => {
        const fault = outcomes.find((outcome) => outcome.failure && outcome.fault)?.fault;
        return fault === undefined
          ? trial.judge(outcomes)
          : { what: fault, chunks: arrival.chunks };
      },
    };
  });

/**
 * Check: no value before an error is lost when the values are read late. Where the platform discards queued
 * values, this check also demands all values of a stream in one chunk, because error-invariance does not
 * demand them there.
 */
export const lateReading: Trials = (good, rules) =>
  arrivals(damagedStreams(good)).map((arrival) => {
    const { chunks } = arrival;
    const trial = wholeAgainstCut(arrival, rules);
    return {
      deliveries: [...trial.deliveries, { ...toEnd(chunks), reading: 'late' }],
      judge: (outcomes) => {
        const [, eager, late] = outcomes;
        if (eager === undefined || late === undefined) {
          return undefined;
        }
        if (rules.same(eager.values, late.values)) {
          return rules.discards ? trial.judge(outcomes) : undefined;
        }
        const what = 'loses good values before an error when they are read late';
        return { what, chunks, expected: drawOutcome(eager), got: drawOutcome(late) };
      },
    };
  });

/** A stream that was torn off after `length` bytes. */
interface Torn {
  readonly stream: Stream;
  readonly length: number;
}

/** Returns the number of frames that end at an offset or before it. */
function wholeFrames(boundaries: readonly number[], offset: number): number {
  return boundaries.filter((boundary) => boundary <= offset).length - 1;
}

const BY_DESIGN =
  "If the format allows a last frame without an end, such as a last line without a line feed, leave the check out: without: ['truncation'].";

type Judgement = Omit<Finding, 'chunks'> | undefined;

function judgeTorn({ stream, length }: Torn, outcome: Outcome, rules: Rules): Judgement {
  const boundaries = stream.boundaries ?? [];
  const { failure, values } = outcome;
  if (boundaries.includes(length)) {
    return failure && { what: `fails at the end of a whole frame: ${drawValue(failure.error)}` };
  }
  const whole = wholeFrames(boundaries, length);
  const place = `${quantity(length - (boundaries[whole] ?? 0), 'byte')} into frame ${whole}`;
  if (failure === undefined) {
    const what = `treats a stream that ends ${place} as complete`;
    return { what, expected: 'an error', got: drawValues(values), hint: BY_DESIGN };
  }
  if (isVerdict(failure.error)) {
    return { what: `does not end when the stream ends ${place}: ${drawValue(failure.error)}` };
  }
  if (!rules.counted || stream.values === undefined || values.length <= whole) {
    return undefined;
  }
  const what = `gives frame ${whole} before its last byte has come`;
  return { what, got: drawValues(values) };
}

/**
 * Number of bytes to tear off the end, from none to all: a larger number counts from 0 again. Half of the
 * draws are at most 8.
 */
const TEARING: fc.Arbitrary<number> = fc.oneof(fc.nat(8), fc.nat(0xffff));

/**
 * Check: a stream that ends inside a frame must give an error, and a stream that ends between two frames must
 * give none.
 */
export const truncation: Trials = (good, rules) =>
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

/** Check: streams with hostile bytes may give values, and only errors that `allows` accepts. */
export const typedErrors: Trials = (good, rules) =>
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
