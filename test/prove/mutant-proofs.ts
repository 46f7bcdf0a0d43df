// The proofs of the planted bugs: the options with which a mutant is proven, and what the report must say.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { proveDecoder } from '../../src/prove/decoder/prove-decoder.ts';
import type { ProveDecoderOptions } from '../../src/prove/decoder/options.ts';
import type { DecoderReport } from '../../src/prove/decoder/report.ts';
import type { DecoderCheck } from '../../src/prove/decoder/terms.ts';
import { codecOf } from './mutants.ts';
import type { Mutant } from './mutants.ts';
import { RightDecoder, frameOf } from './right-decoder.ts';

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

const seed = Number(process.env['UNSTICK_SEED'] ?? 20261121);

const payloads: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 9, arbitrary: fc.uint8Array({ maxLength: 8 }) },
  { weight: 1, arbitrary: fc.constant(new Uint8Array(300).fill(7)) },
);

const samples = [
  {
    frames: ['hi', '', 'abc'].map((word) => frameOf(text(word))),
    values: ['hi', '', 'abc'].map(text),
  },
];

const words = ['naïve', '粘包', '', 'end'];
const textSamples = [{ frames: words.map((word) => text(`${word}\0`)), values: words }];

type Options = ProveDecoderOptions<Uint8Array, unknown>;

/** The checks that measure. They take most of the time. */
export const MEASURED: readonly DecoderCheck[] = ['linear-cost', 'bounded-memory'];

function optionsFor({ target, text: isText }: Pick<Mutant, 'target' | 'text'>): Options {
  if (isText) {
    return { seed, samples: textSamples, frameOf: (length) => text(`${'x'.repeat(length)}\0`) };
  }
  const frames: Options = { seed, frameOf: (length) => frameOf(new Uint8Array(length)) };
  return 'encode' in target ? { ...frames, values: payloads } : { ...frames, samples };
}

/** Proves the decoder without a planted bug. */
export function proveRight(without: readonly DecoderCheck[] = []): Promise<DecoderReport> {
  const target = codecOf(RightDecoder);
  return proveDecoder(target, { ...optionsFor({ target }), without });
}

/**
 * Makes a test for each mutant. With `thorough` all checks run that draw cases; otherwise only the check runs
 * that must find the bug.
 */
export function testMutants(mutants: readonly Mutant[], { thorough }: { thorough: boolean }): void {
  // On a busy machine a measurement may miss a fault, but it never invents one. So it may be tried again.
  test.each(mutants)(
    'catches a decoder that $name',
    { timeout: 60_000, retry: 2 },
    async (mutant) => {
      const { caughtBy } = mutant;
      // Measuring takes time, so measure only where a measurement must find the fault.
      const checks: Options =
        thorough && !MEASURED.includes(caughtBy) ? { without: MEASURED } : { only: [caughtBy] };
      const report = await proveDecoder(mutant.target, { ...optionsFor(mutant), ...checks });
      expect(report.failures.map(({ check }) => check)).toContain(caughtBy);
      expect(report.failures.filter(({ cuts }) => cuts > 3)).toEqual([]);
    },
  );
}
