// The proof itself: draws trials with fast-check, delivers them to the target, and shrinks what fails.
// prove-decoder.ts loads it when a proof is asked for, because fast-check may not be installed.
//
// Rules: a proof is repeatable (everything random comes from the seed); a check that cannot be made is
// named in the report with its reason; faults of the target are in the report, never thrown.

import * as fc from 'fast-check';
import { joinBytes } from '../../schedule/pieces.ts';
import { TRIALS } from './checks.ts';
import type { Finding, Trial } from './checks.ts';
import type { RandomCheck, Rules } from './rules.ts';
import { linearCost } from './cost.ts';
import { deliverAll } from './delivery.ts';
import type { CostMaterial, Measured } from './feed.ts';
import { boundedMemory } from './memory.ts';
import { decoderChecks, rulesOf, targetOf } from './options.ts';
import type { ArbitraryLike, DecoderTarget, ResolvedProveDecoderOptions } from './options.ts';
import type { Outcome } from './outcome.ts';
import { replayLine, reportOf } from './report.ts';
import type { CheckResult, DecoderCheck, DecoderFailure, DecoderReport } from './report.ts';
import { goodStreams } from './streams.ts';
import type { Stream } from './streams.ts';
import type { Target } from './target.ts';

/** Everything that the checks of one proof share. */
interface Proof {
  readonly given: DecoderTarget<unknown, unknown>;
  readonly options: ResolvedProveDecoderOptions;
  readonly target: Target;
  readonly rules: Rules;
  readonly good: fc.Arbitrary<Stream>;
}

/** How a check ended: with a finding, without, or not at all. */
interface Ending {
  readonly cases: number;
  readonly finding?: Finding;
  readonly path?: string;
  readonly because?: string;
}

/** Carries a finding out of fast-check, which passes errors on. */
class Found extends Error {
  readonly finding: Finding;
  constructor(finding: Finding) {
    super(finding.what);
    this.finding = finding;
  }
}

function judge(trial: Trial, outcomes: readonly Outcome[]): void {
  const finding = trial.judge(outcomes);
  if (finding !== undefined) {
    throw new Found(finding);
  }
}

function parametersOf(check: RandomCheck, { options }: Proof): fc.Parameters<[Trial]> {
  const { seed, runs, timeLimit, path } = options;
  return {
    seed,
    numRuns: runs,
    // A target that remembers has been spoilt by the first failure: nothing can be shrunk with it.
    endOnFailure: check === 'isolation',
    ...(timeLimit === Infinity ? {} : { interruptAfterTimeLimit: timeLimit }),
    ...(path === undefined ? {} : { path }),
  };
}

async function runRandomly(check: RandomCheck, proof: Proof): Promise<Ending> {
  const { target, options, rules, good } = proof;
  const trials = TRIALS[check](good, rules);
  const deliver = (trial: Trial): ReturnType<typeof deliverAll> =>
    deliverAll(target, trial.deliveries, options.stallAfter);
  const property =
    target.kind === 'sync'
      ? fc.property(trials, (trial) => {
          const outcomes = deliver(trial);
          if (!(outcomes instanceof Promise)) {
            judge(trial, outcomes);
          }
        })
      : fc.asyncProperty(trials, async (trial) => {
          judge(trial, await deliver(trial));
        });
  const details = await fc.check<[Trial]>(property, parametersOf(check, proof));
  if (!details.failed) {
    return { cases: details.numRuns };
  }
  const error: unknown = details.errorInstance;
  if (!(error instanceof Found)) {
    throw error;
  }
  const path = details.counterexamplePath;
  return { cases: details.numRuns, finding: error.finding, ...(path === null ? {} : { path }) };
}

/** Why a random check cannot be made, if it cannot. */
function obstacle(check: RandomCheck, { target, options }: Proof): string | undefined {
  if (check !== 'truncation') {
    return undefined;
  }
  if (!target.ends) {
    return 'the push function has no end()';
  }
  const framed = options.samples.some((sample) => !(sample instanceof Uint8Array));
  return framed || options.values !== undefined ? undefined : 'the samples name no frames';
}

/** What fast-check draws from. Cast: an arbitrary of another copy of it has the same methods. */
function drawn<T>(values: ArbitraryLike<T>): fc.Arbitrary<T> {
  return values as fc.Arbitrary<T>;
}

function encoderOf(target: Proof['given']): ((value: unknown) => Uint8Array) | undefined {
  if (!('encode' in target) || typeof target.encode !== 'function') {
    return undefined;
  }
  const maker = target;
  return (value) => joinBytes(maker.encode?.(value) ?? []);
}

function frameMaker(proof: Proof): (payloadLength: number) => Uint8Array | undefined {
  const { given, options } = proof;
  const encode = encoderOf(given);
  const [value] =
    options.values === undefined
      ? []
      : fc.sample(drawn(options.values), { numRuns: 1, seed: options.seed });
  const ofBytes = encode !== undefined && value instanceof Uint8Array;
  return (payloadLength) => {
    try {
      if (options.frameOf !== undefined) {
        return options.frameOf(payloadLength);
      }
      return ofBytes ? encode(new Uint8Array(payloadLength)) : undefined;
    } catch {
      return undefined; // The format has no frame of that length.
    }
  };
}

/** How far the frames of a stream are from 16 bytes on average: many to a chunk, and not empty. */
function farFromSmall({ bytes, boundaries = [] }: Stream): number {
  return Math.abs(bytes.length / Math.max(1, boundaries.length - 1) - 16);
}

function materialOf(proof: Proof): CostMaterial {
  const streams = fc.sample(proof.good, { numRuns: 20, seed: proof.options.seed });
  const [repeatable] = streams
    .filter(({ bytes, boundaries }) => boundaries !== undefined && bytes.length > 0)
    .sort((one, other) => farFromSmall(one) - farFromSmall(other));
  return { target: proof.target, frameOf: frameMaker(proof), repeatable };
}

function endingOf(measured: Measured): Ending {
  if (measured === undefined) {
    return { cases: 0 };
  }
  return 'impossible' in measured
    ? { cases: 0, because: measured.impossible }
    : { cases: 0, finding: measured };
}

async function run(check: DecoderCheck, proof: Proof): Promise<Ending> {
  if (check === 'linear-cost') {
    return endingOf(await linearCost(materialOf(proof)));
  }
  if (check === 'bounded-memory') {
    return endingOf(await boundedMemory(materialOf(proof)));
  }
  const because = obstacle(check, proof);
  return because === undefined ? runRandomly(check, proof) : { cases: 0, because };
}

function resultOf(check: DecoderCheck, { cases, finding, because }: Ending): CheckResult {
  if (finding !== undefined) {
    return { check, state: 'failed', cases };
  }
  if (because !== undefined) {
    return { check, state: 'not possible', cases, because };
  }
  return { check, state: 'passed', cases };
}

function failureOf(check: DecoderCheck, finding: Finding, replay: string): DecoderFailure {
  return { ...finding, check, cuts: Math.max(0, finding.chunks.length - 1), replay };
}

function proofOf(
  target: DecoderTarget<unknown, unknown>,
  options: ResolvedProveDecoderOptions,
): Proof {
  const { values, samples } = options;
  const encode = encoderOf(target);
  const encoded = values &&
    encode && { values: drawn(values), encode: (value: unknown): Uint8Array[] => [encode(value)] };
  return {
    given: target,
    options,
    target: targetOf(target),
    rules: rulesOf(target, options),
    good: goodStreams(samples, encoded),
  };
}

/** Makes the checks, one after the other. The options were checked before. */
export async function prove(
  target: DecoderTarget<unknown, unknown>,
  options: ResolvedProveDecoderOptions,
): Promise<DecoderReport> {
  const proof = proofOf(target, options);
  const { only, without, seed } = options;
  const results: CheckResult[] = [];
  const failures: DecoderFailure[] = [];
  for (const check of decoderChecks) {
    if (!only.includes(check) || without.includes(check)) {
      results.push({ check, state: 'left out', cases: 0 });
    } else if (failures.some((failure) => failure.check === 'isolation')) {
      const because = 'connections are not isolated';
      results.push({ check, state: 'not possible', cases: 0, because });
    } else {
      const ending = await run(check, proof);
      results.push(resultOf(check, ending));
      const { finding, path } = ending;
      if (finding === undefined) {
        continue;
      }
      failures.push(failureOf(check, finding, replayLine(check, seed, path)));
    }
  }
  return reportOf(results, failures, seed);
}
