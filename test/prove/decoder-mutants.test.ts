import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { proveDecoder } from '../../src/prove/decoder/prove-decoder.ts';
import type { ProveDecoderOptions } from '../../src/prove/decoder/options.ts';
import type { DecoderCheck } from '../../src/prove/decoder/terms.ts';
import { codecOf, mutants } from './mutants.ts';
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

const measured: readonly DecoderCheck[] = ['linear-cost', 'bounded-memory'];

function optionsFor({ target, text: isText }: Pick<Mutant, 'target' | 'text'>): Options {
  if (isText) {
    return { seed, samples: textSamples, frameOf: (length) => text(`${'x'.repeat(length)}\0`) };
  }
  const frames: Options = { seed, frameOf: (length) => frameOf(new Uint8Array(length)) };
  return 'encode' in target ? { ...frames, values: payloads } : { ...frames, samples };
}

describe('proveDecoder against planted bugs', () => {
  test('finds nothing wrong with the right decoder', async () => {
    const target = codecOf(RightDecoder);
    const report = await proveDecoder(target, optionsFor({ target }));
    expect(report.text).toMatch(/^SAFE/);
    expect(report.checks.every(({ state }) => state === 'passed')).toBe(true);
  });

  test('knows at least twenty of them', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(20);
  });

  // A measurement on a busy machine may miss a fault, though never invent one: it may look again.
  test.each(mutants)(
    'catches a decoder that $name',
    { timeout: 60_000, retry: 2 },
    async (mutant) => {
      const { caughtBy } = mutant;
      // Measuring takes time, so it is done where it is what must find the fault.
      const checks: Options = measured.includes(caughtBy)
        ? { only: [caughtBy] }
        : { without: measured };
      const report = await proveDecoder(mutant.target, { ...optionsFor(mutant), ...checks });
      expect(report.failures.map(({ check }) => check)).toContain(caughtBy);
      expect(report.failures.filter(({ cuts }) => cuts > 3)).toEqual([]);
    },
  );
});
