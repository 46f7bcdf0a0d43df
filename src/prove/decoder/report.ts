// The result of a proof of a decoder: a value for programs, a text for people, and an error that makes a test
// fail. This file is pure.

import { UnstickError } from '../../errors.ts';
import type { DecoderCheck } from './terms.ts';
import { drawChunks } from './values.ts';

/** A fault of the decoder, and the smallest delivery that was found to show it. */
export interface DecoderFailure {
  readonly check: DecoderCheck;
  /** One sentence without its subject. The subject is the decoder. */
  readonly what: string;
  /**
   * The chunks to deliver. The list is empty for faults of long streams and most faults of time and memory.
   */
  readonly chunks: readonly Uint8Array[];
  /** Number of cuts between the chunks. */
  readonly cuts: number;
  /**
   * Text of the values that should have come out. `got` is the text of the values that did come out. Both are
   * missing where `what` says enough.
   */
  readonly expected?: string;
  readonly got?: string;
  /** Advice for a decoder that does this by design. Missing if there is none. */
  readonly hint?: string;
  /** A line of code that reproduces the fault. */
  readonly replay: string;
}

/** The result of one check. */
export interface CheckResult {
  readonly check: DecoderCheck;
  readonly state: 'passed' | 'failed' | 'left out' | 'not possible';
  /**
   * Number of random cases that were judged, each with one delivery or more. It is 0 for a check that
   * measures.
   */
  readonly cases: number;
  /**
   * Reason why the check was not possible or, if it passed, why it could look at only a part. Missing
   * otherwise.
   */
  readonly because?: string;
}

/** The result of `proveDecoder`. */
export interface DecoderReport {
  /**
   * The verdict. SAFE: no check that ran found a fault; `checks` says which checks ran. BROKEN: at least one
   * check found a fault. INCONCLUSIVE: no check could run, for example because no value came of a good
   * stream, or because the options allow no check.
   */
  readonly verdict: 'SAFE' | 'BROKEN' | 'INCONCLUSIVE';
  readonly failures: readonly DecoderFailure[];
  readonly checks: readonly CheckResult[];
  /** Number of random cases in all checks together. */
  readonly cases: number;
  readonly seed: number;
  /** The whole report, for people. */
  readonly text: string;
}

/**
 * Error that `assertProven` and `assertDecoder` throw for a decoder that is not SAFE. Its message is the
 * report.
 */
export class NotProvenError extends UnstickError {
  override readonly name = 'NotProvenError';
  readonly report: DecoderReport;

  constructor(report: DecoderReport) {
    super('ERR_NOT_PROVEN', report.text);
    this.report = report;
  }
}

/** Returns a line of code that reproduces a failure. */
export function replayLine(check: DecoderCheck, seed: number, path: string | undefined): string {
  const where = path === undefined ? '' : `, path: '${path}'`;
  return `await proveDecoder(target, { ...options, only: ['${check}'], seed: ${seed}${where} })`;
}

function describeFailure(failure: DecoderFailure): string {
  const { check, what, chunks, expected, got, hint, replay } = failure;
  const rows: [string, string | undefined][] = [
    ['chunks', chunks.length === 0 ? undefined : drawChunks(chunks)],
    ['expected', expected],
    ['got', got],
    ['hint', hint],
    ['replay', replay],
  ];
  const shown = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`    ${name.padEnd(8)}  ${value}`],
  );
  return [`  ${check}: the decoder ${what}.`, ...shown].join('\n');
}

function describeChecks(checks: readonly CheckResult[]): string[] {
  const named = (state: CheckResult['state']): CheckResult[] =>
    checks.filter((check) => check.state === state);
  const list = (results: readonly CheckResult[]): string =>
    results
      .map(({ check, because }) => (because === undefined ? check : `${check} (${because})`))
      .join(', ');
  return (['passed', 'left out', 'not possible'] as const).flatMap((state) =>
    named(state).length === 0 ? [] : [`  ${state}: ${list(named(state))}`],
  );
}

function verdictOf(
  checks: readonly CheckResult[],
  failures: readonly DecoderFailure[],
): DecoderReport['verdict'] {
  if (failures.length > 0) {
    return 'BROKEN';
  }
  return checks.some(({ state }) => state === 'passed') ? 'SAFE' : 'INCONCLUSIVE';
}

function titleOf(report: Pick<DecoderReport, 'verdict' | 'cases' | 'failures'>): string {
  switch (report.verdict) {
    case 'SAFE':
      return `SAFE after ${report.cases} cases`;
    case 'BROKEN':
      return `BROKEN: ${report.failures.length} fault${report.failures.length === 1 ? '' : 's'}`;
    case 'INCONCLUSIVE':
      return 'INCONCLUSIVE: no check was possible';
  }
}

/** Makes the report from the results of all checks. */
export function reportOf(
  checks: readonly CheckResult[],
  failures: readonly DecoderFailure[],
  { seed, hint }: { readonly seed: number; readonly hint?: string | undefined },
): DecoderReport {
  const cases = checks.reduce((sum, check) => sum + check.cases, 0);
  const verdict = verdictOf(checks, failures);
  const text = [
    `${titleOf({ verdict, cases, failures })} (seed ${seed})`,
    ...failures.map(describeFailure),
    ...describeChecks(checks),
    ...(hint === undefined ? [] : [`  hint: ${hint}`]),
  ].join('\n');
  return { verdict, failures, checks, cases, seed, text };
}

/** Throws NotProvenError, with the whole report as its message, unless the verdict is SAFE. */
export function assertProven(report: DecoderReport): void {
  if (report.verdict !== 'SAFE') {
    throw new NotProvenError(report);
  }
}
