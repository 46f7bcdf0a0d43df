// What a guess promises: with thirty varied frames the boundaries are found, and bytes without frames have
// none. How often it holds on real captures is another question, which docs/guessing.md answers.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { framing } from '../../src/framing/framing.ts';
import { guess } from '../../src/guess/guess.ts';
import type { Guess } from '../../src/guess/guess.ts';
import { sampleName, sampled } from '../support/sample.ts';
import { runs } from '../support/seed.ts';
import { knownStreams } from './streams.ts';

/** Where the frames of a guess end, by the codec of its framing. */
function endsOf(found: Guess, bytes: Uint8Array): number[] {
  const decoder = framing(found.framing).decoder();
  decoder.push(bytes);
  const ends: number[] = [];
  while (decoder.take() !== undefined) {
    ends.push(bytes.length - decoder.bufferedLength);
  }
  return ends;
}

describe.each([
  ['with the cuts', true],
  ['without the cuts', false],
] as const)('thirty varied frames %s', (_, isCut) => {
  test('are found, and the framing decodes them', () => {
    let right = 0;
    let all = 0;
    fc.assert(
      fc.property(knownStreams(30, isCut), ({ stream, ends }) => {
        const { verdict, guesses } = guess([stream]);
        all++;
        const [best] = guesses;
        const isRight = best !== undefined && endsOf(best, stream.bytes).join() === ends.join();
        right += isRight ? 1 : 0;
        // Sure and wrong is the one answer that must not be.
        return verdict !== 'sure' || isRight;
      }),
      runs(60),
    );
    // 95 of 100, and two standard deviations for the few streams of one run.
    const wrong = 0.05 * all;
    expect(all - right).toBeLessThanOrEqual(wrong + 2 * Math.sqrt(wrong));
  });
});

test('every framing of a guess frames the stream alike', () => {
  fc.assert(
    fc.property(knownStreams(30, true), ({ stream, ends }) => {
      for (const found of guess([stream]).guesses) {
        for (const one of found.alternatives ?? []) {
          expect(endsOf({ ...found, framing: one }, stream.bytes)).toEqual(ends);
        }
      }
    }),
    runs(20),
  );
});

const TEXTS = ['README.md', 'README.zh-CN.md', 'SECURITY.md', 'docs/recipes.md', 'package.json'];
const SOURCES = ['src/codec/frame-machine.ts', 'src/guess/guess.ts', 'src/text.ts'];
const read = (path: string): Uint8Array =>
  readFileSync(new URL(`../../${path}`, import.meta.url)).subarray(0, 65_536);

const NOTHING: readonly (readonly [string, () => Uint8Array])[] = [
  ...[...TEXTS, ...SOURCES].map((path) => [path, () => read(path)] as const),
  ...[...TEXTS, ...SOURCES].flatMap((path) => [
    [`${path}, gzip`, () => gzipSync(read(path))] as const,
    [`${path}, deflate`, () => deflateRawSync(read(path))] as const,
    [`${path}, brotli`, () => brotliCompressSync(read(path))] as const,
  ]),
  ...[1, 10, 1000, 20_000, 65_536].map(
    (length) => [`${length} random bytes`, () => randomBytes(length)] as const,
  ),
  ...[0, 1, 255].map(
    (byte) => [`only bytes of ${byte}`, () => new Uint8Array(65_536).fill(byte)] as const,
  ),
  ['nothing', () => new Uint8Array(0)],
];

test.each(sampled(NOTHING, 3))(`there is no framing in %s (${sampleName})`, (_, make) => {
  expect(guess([{ direction: 'a>b', bytes: make() }])).toEqual({
    version: 1,
    verdict: 'none',
    guesses: [],
  });
});
