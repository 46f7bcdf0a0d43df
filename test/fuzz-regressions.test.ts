// Runs every input again with which the fuzzer has ever found a fault. Also runs each target briefly over its
// corpus and new cases, so that a broken target is noticed without a fuzzing run.

import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCase, readCorpus, readDictionary, regressions } from '../fuzz/files.ts';
import { makeCase } from '../fuzz/mutate.ts';
import { targets } from '../fuzz/targets/index.ts';

describe('a case that broke something once', () => {
  test.each(regressions().map((file) => [basename(file.pathname), file] as const))(
    'is fine now: %s',
    async (_, file) => {
      const { target, bytes } = readCase(file);
      await expect(Promise.resolve(target.fuzz(bytes))).resolves.toBeUndefined();
    },
  );
});

describe('a fuzz target', () => {
  test.each(targets.map((target) => [target.name, target] as const))(
    'holds over its corpus and new cases: %s',
    async (name, { fuzz, sample, dictionary: words }) => {
      const corpus = readCorpus(name);
      const dictionary = readDictionary(words);
      expect(corpus.length).toBeGreaterThan(0);
      expect(dictionary.length).toBeGreaterThan(10);
      const fresh = Array.from({ length: name === 'proxy' ? 3 : 300 }, (_, run) =>
        makeCase({ corpus, dictionary, sample }, 20_261_121, run),
      );
      const known = name === 'proxy' ? corpus.slice(0, 3) : corpus;
      for (const bytes of [...known, ...fresh]) {
        await fuzz(bytes);
      }
    },
  );
});
