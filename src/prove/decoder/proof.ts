// The proof itself. It draws trials with fast-check, delivers them to the target, and shrinks those that
// fail. prove-decoder.ts loads this file only when a proof is asked for, because fast-check may not be
// installed.
//
// Rules: everything random comes from the seed, so a proof can be repeated. The report names each check that
// cannot run, with the reason. Faults of the target are in the report and are never thrown. A UsageError is
// thrown only for a target that the prover cannot drive.

import { isBytes } from '../../codec/bytes.ts';
import * as fc from 'fast-check';
import { joinBytes } from '../../schedule/pieces.ts';
import { TRIALS } from './checks.ts';
import { linearCost } from './cost.ts';
import { deliverAll } from './delivery.ts';
import type { CostMaterial, Measured } from './feed.ts';
import type { Finding, Trial } from './judging.ts';
import { longStreams } from './long-streams.ts';
import { boundedMemory } from './memory.ts';
import { decoderChecks } from './options.ts';
import type { ArbitraryLike, DecoderTarget, ResolvedProveDecoderOptions } from './options.ts';
import { SILENT, lookAt, targetOf } from './recognize.ts';
import type { FirstLook } from './recognize.ts';
import { replayLine, reportOf } from './report.ts';
import type { CheckResult, DecoderFailure, DecoderReport } from './report.ts';
import { rulesOf } from './rules.ts';
import { goodStreams } from './streams.ts';
import type { Stream } from './streams.ts';
import type { Target } from './target.ts';
import { Stalled } from './terms.ts';
import type { DecoderCheck, Outcome, RandomCheck, Rules } from './terms.ts';

/** Everything that the checks of one proof share. */
interface Proof {
  readonly given: DecoderTarget<unknown, unknown>;
  readonly options: ResolvedProveDecoderOptions;
  readonly target: Target;
  readonly rules: Rules;
  readonly good: fc.Arbitrary<Stream>;
  readonly look: FirstLook;
}

/** The end of a check: with a finding, without a finding, or not run at all, with the reason in `because`. */
interface Ending {
  readonly cases: number;
  readonly finding?: Finding;
  readonly path?: string;
  readonly because?: string;
  /** What a check that passed could not look at. Missing if the check looked at everything. */
  readonly partly?: string;
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

function parametersOf(check: RandomCheck, { options, look }: Proof): fc.Parameters<[Trial]> {
  const { seed, runs, timeLimit, path } = options;
  const stalls = look.state === 'stalls';
  return {
    seed,
    numRuns: stalls ? 1 : runs,
    // Do not shrink a failure of isolation: the first failure has spoilt a target that remembers, so later
    // deliveries to that target prove nothing.
    endOnFailure: check === 'isolation' || stalls,
    ...(timeLimit === Infinity ? {} : { interruptAfterTimeLimit: timeLimit }),
    ...(path === undefined ? {} : { path }),
  };
}

/**
 * Maximum number of stalls that a check waits for. After that it plays no more cases, not even to shrink one.
 */
const MAX_STALLS = 3;

async function runRandomly(check: RandomCheck, proof: Proof): Promise<Ending> {
  const { target, options, rules, good } = proof;
  const trials = TRIALS[check](good, rules);
  let stalls = 0;
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
          if (stalls >= MAX_STALLS) {
            return;
          }
          const outcomes = await deliver(trial);
          stalls += outcomes.filter(({ failure }) => failure?.error instanceof Stalled).length;
          judge(trial, outcomes);
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

/** Returns the reason why a random check cannot run, or `undefined` if it can. */
function obstacle(check: RandomCheck, { target, options }: Proof): string | undefined {
  if (check !== 'truncation') {
    return undefined;
  }
  if (!target.ends) {
    return 'the push function has no end()';
  }
  const framed = options.samples.some((sample) => !isBytes(sample));
  return framed || options.values !== undefined ? undefined : 'the samples name no frames';
}

/** Casts to the type of fast-check. An arbitrary of another copy of fast-check has the same methods. */
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

function materialOf(proof: Proof): CostMaterial {
  const { target, rules, look, options } = proof;
  const { repeatable } = look;
  const { stallAfter } = options;
  return { target, rules, stallAfter, repeatable, frameOf: frameMaker(proof) };
}

function endingOf(measured: Measured): Ending {
  if (measured === undefined) {
    return { cases: 0 };
  }
  if ('impossible' in measured) {
    return { cases: 0, because: measured.impossible };
  }
  return 'partly' in measured
    ? { cases: 0, partly: measured.partly }
    : { cases: 0, finding: measured };
}

async function runMeasured(check: DecoderCheck, proof: Proof): Promise<Ending> {
  if (proof.look.state === 'stalls') {
    return { cases: 0, because: 'the target does not finish a good stream' };
  }
  const measure = check === 'linear-cost' ? linearCost : boundedMemory;
  return endingOf(await measure(materialOf(proof)));
}

async function run(check: DecoderCheck, proof: Proof): Promise<Ending> {
  if (check === 'linear-cost' || check === 'bounded-memory') {
    return runMeasured(check, proof);
  }
  const because = obstacle(check, proof);
  if (because !== undefined) {
    return { cases: 0, because };
  }
  const ending = await runRandomly(check, proof);
  if (check !== 'conservation' || ending.finding !== undefined) {
    return ending;
  }
  const finding = await longStreams(materialOf(proof));
  return finding === undefined ? ending : { cases: ending.cases, finding };
}

function resultOf(check: DecoderCheck, { cases, finding, because, partly }: Ending): CheckResult {
  if (finding !== undefined) {
    return { check, state: 'failed', cases };
  }
  if (because !== undefined) {
    return { check, state: 'not possible', cases, because };
  }
  return { check, state: 'passed', cases, ...(partly === undefined ? {} : { because: partly }) };
}

function failureOf(check: DecoderCheck, finding: Finding, replay: string): DecoderFailure {
  return { ...finding, check, cuts: Math.max(0, finding.chunks.length - 1), replay };
}

/** Number of streams that are drawn for the first look at the target. */
const FIRST_STREAMS = 20;

async function proofOf(
  given: DecoderTarget<unknown, unknown>,
  options: ResolvedProveDecoderOptions,
): Promise<Proof> {
  const { values, samples, seed, stallAfter } = options;
  const encode = encoderOf(given);
  const encoded = values &&
    encode && { values: drawn(values), encode: (value: unknown): Uint8Array[] => [encode(value)] };
  const good = goodStreams(samples, encoded);
  const streams = fc
    .sample(good, { numRuns: FIRST_STREAMS, seed })
    .toSorted((one, other) => one.bytes.length - other.bytes.length);
  const target = await targetOf(given, streams);
  const rules = { ...rulesOf(given, options), discards: target.discards };
  const look = await lookAt(target, streams, { rules, stallAfter });
  return { given, options, target, rules, good, look };
}

/** Returns the result of a check that does not run, or `undefined` if the check runs. */
function skipped(
  check: DecoderCheck,
  { options, look }: Proof,
  failures: readonly DecoderFailure[],
): CheckResult | undefined {
  if (!options.only.includes(check) || options.without.includes(check)) {
    return { check, state: 'left out', cases: 0 };
  }
  if (look.state === 'silent') {
    return { check, state: 'not possible', cases: 0, because: SILENT.because };
  }
  if (failures.some((failure) => failure.check === 'isolation')) {
    return { check, state: 'not possible', cases: 0, because: 'connections are not isolated' };
  }
  return undefined;
}

/** Runs the checks, one after the other. The caller has resolved the options. */
export async function prove(
  target: DecoderTarget<unknown, unknown>,
  options: ResolvedProveDecoderOptions,
): Promise<DecoderReport> {
  const proof = await proofOf(target, options);
  const { seed } = options;
  const results: CheckResult[] = [];
  const failures: DecoderFailure[] = [];
  for (const check of decoderChecks) {
    const skip = skipped(check, proof, failures);
    if (skip !== undefined) {
      results.push(skip);
      continue;
    }
    const ending = await run(check, proof);
    results.push(resultOf(check, ending));
    const { finding, path } = ending;
    if (finding !== undefined) {
      failures.push(failureOf(check, finding, replayLine(check, seed, path)));
    }
  }
  const hint = proof.look.state === 'silent' ? SILENT.hint : undefined;
  return reportOf(results, failures, { seed, hint });
}
