// The fuzzer itself: it finds planted faults, stops targets that hang, and shrinks failing inputs.

import { describe, expect, onTestFinished, test } from 'vitest';
import { readDictionary } from '../fuzz/files.ts';
import { makeCase } from '../fuzz/mutate.ts';
import { shrink } from '../fuzz/shrink.ts';
import { planted } from '../fuzz/targets/planted.ts';
import { Watchdog } from '../fuzz/watchdog.ts';
import type { Limits } from '../fuzz/watchdog.ts';

const MiB = 1024 * 1024;
const generous: Limits = { time: 60_000, memory: 4096 * MiB };

function watch(target: string, limits: Partial<Limits> = {}): Watchdog {
  const watchdog = new Watchdog(target, { ...generous, ...limits });
  onTestFinished(() => watchdog.stop());
  return watchdog;
}

/** A bug that needs a 7 anywhere and a 9 at the end. */
function sevenThenNine(bytes: Uint8Array): Promise<boolean> {
  return Promise.resolve(bytes.includes(7) && bytes.at(-1) === 9);
}

describe('the fuzzer', () => {
  test('finds a case that throws, and goes on with the same thread', async () => {
    const watchdog = watch('planted-error');
    expect(await watchdog.run({ seed: 1, first: 0, end: 1000 })).toMatchObject({ kind: 'error' });
    expect(await watchdog.run({ bytes: Uint8Array.of(1, 2) })).toEqual({ kind: 'fine' });
  });

  test('ends a case that hangs, and names its bytes', async () => {
    const watchdog = watch('planted-hang', { time: 1500 });
    const verdict = await watchdog.run({ bytes: Uint8Array.of(1, 7, 2) });
    expect(verdict).toMatchObject({ kind: 'hang', bytes: Uint8Array.of(1, 7, 2) });
    expect(await watchdog.run({ bytes: Uint8Array.of(1) })).toEqual({ kind: 'fine' });
  });

  test('sees memory that is kept from case to case', async () => {
    const watchdog = watch('planted-leak', { memory: 100 * MiB });
    const verdict = await watchdog.run({ seed: 1, first: 0, end: 200 });
    expect(['memory', 'death']).toContain(verdict.kind);
  });

  test('makes the same cases from the same seed', () => {
    const [target] = planted;
    if (target === undefined) {
      throw new Error('nothing is planted');
    }
    const ingredients = {
      sample: target.sample,
      corpus: [],
      dictionary: readDictionary(target.dictionary),
    };
    const cases = (seed: number): Uint8Array[] =>
      Array.from({ length: 50 }, (_, run) => makeCase(ingredients, seed, run));
    expect(cases(3)).toEqual(cases(3));
    expect(cases(3)).not.toEqual(cases(4));
  });

  test('makes a failing case as small as it can be', async () => {
    const noise = Uint8Array.from({ length: 500 }, (_, index) => (index * 31) % 256);
    const failing = Uint8Array.of(...noise, 7, ...noise, 9);
    expect(await shrink(failing, { fails: sevenThenNine, enough: () => false })).toEqual(
      Uint8Array.of(7, 9),
    );
  });
});
