import { describe, expect, test } from 'vitest';
import { NotProvenError, assertDecoder, decoderMatchers } from '../../src/entries/testing.ts';
import type { DecoderMatchers, DecoderTarget } from '../../src/entries/testing.ts';
import { rejection } from '../support/waiting.ts';
import { codecOf } from './mutants.ts';
import { RightDecoder, frameOf } from './right-decoder.ts';

// A project writes this declaration once. The documentation says so, too.
declare module 'vitest' {
  interface Matchers<T> extends DecoderMatchers {}
}
expect.extend(decoderMatchers);

const values = ['hi', '', 'abc'].map((word) => new TextEncoder().encode(word));
const options = { samples: [{ frames: values.map(frameOf), values }], runs: 20, seed: 3 };
const quick = { ...options, without: ['linear-cost', 'bounded-memory'] } as const;

class Forgetful extends RightDecoder {
  protected override append(chunk: Uint8Array): void {
    this.start = this.stop;
    super.append(chunk);
  }
}

/** A target that never gives a value. */
const silent: DecoderTarget<never, Uint8Array> = { push: () => () => undefined };

describe('assertDecoder', () => {
  test('gives the report of a decoder that is right', async () => {
    const report = await assertDecoder(codecOf(RightDecoder), quick);
    expect(report.verdict).toBe('SAFE');
  });

  test('throws the report of one that is broken, and of one that shows nothing', async () => {
    const broken = await rejection(assertDecoder(codecOf(Forgetful), quick));
    expect(broken).toBeInstanceOf(NotProvenError);
    expect(String(broken)).toContain('00 | 00 00 02 68 69');
    const nothing = await rejection(assertDecoder(silent, quick));
    expect(nothing).toMatchObject({ report: { verdict: 'INCONCLUSIVE' } });
  });
});

describe('toSurviveEveryCut', () => {
  test('passes for a decoder that is right', async () => {
    await expect(codecOf(RightDecoder)).toSurviveEveryCut(quick);
    await expect(codecOf(Forgetful)).not.toSurviveEveryCut(quick);
  });

  test('fails with the report', async () => {
    const failing = Promise.resolve(expect(codecOf(Forgetful)).toSurviveEveryCut(quick));
    expect(String(await rejection(failing))).toContain('cut-invariance: the decoder gives');
  });

  test('passes neither way for a decoder that shows nothing', async () => {
    const failing = Promise.resolve(expect(silent).not.toSurviveEveryCut(quick));
    expect(await rejection(failing)).toBeInstanceOf(NotProvenError);
  });
});
