// Proofs as one line of a test: an assertion for node:test and any other runner, and a matcher for runners
// with expect.extend (vitest, jest). This file imports no runner.

import type { DecoderTarget, ProveDecoderOptions } from './options.ts';
import { proveDecoder } from './prove-decoder.ts';
import { NotProvenError, assertProven } from './report.ts';
import type { DecoderReport } from './report.ts';

/**
 * Proves a decoder. Resolves with the report if the verdict is SAFE. Otherwise rejects with NotProvenError,
 * whose message is the text of the report. Rejects with UsageError ERR_OPTION where `proveDecoder` does.
 *
 * @example
 * test('no cut changes the frames', () => assertDecoder(codec, { values: fc.uint8Array() }));
 */
export async function assertDecoder<In, Out>(
  target: DecoderTarget<In, Out>,
  options: ProveDecoderOptions<In, Out>,
): Promise<DecoderReport> {
  const report = await proveDecoder(target, options);
  assertProven(report);
  return report;
}

/** The result of a matcher, in the form that a test runner with `expect.extend` takes. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/**
 * The types of the matchers on `expect`. For vitest, declare them once in a project:
 * `declare module 'vitest' { interface Matchers<T> extends DecoderMatchers {} }`.
 */
export interface DecoderMatchers {
  /** Passes when the decoder is SAFE. Await the promise. */
  toSurviveEveryCut<In, Out>(options: ProveDecoderOptions<In, Out>): Promise<void>;
}

/** The matchers. Pass this object to `expect.extend`. */
export const decoderMatchers = {
  async toSurviveEveryCut<In, Out>(
    target: DecoderTarget<In, Out>,
    options: ProveDecoderOptions<In, Out>,
  ): Promise<MatcherResult> {
    const report = await proveDecoder(target, options);
    // If no check could run, fail in both forms: neither `expect(…)` nor `expect(…).not` may pass then.
    if (report.verdict === 'INCONCLUSIVE') {
      throw new NotProvenError(report);
    }
    return { pass: report.verdict === 'SAFE', message: () => report.text };
  },
};
