// Targets that are broken on purpose. test/fuzz.test.ts checks that the fuzzer finds each fault.

import { strictEqual } from 'node:assert';
import { randomBytes } from './target.ts';
import type { Target } from './target.ts';

const parts = {
  dictionary: 'frames',
  sample: (source) => randomBytes(source, 40),
} satisfies Partial<Target>;

/** Fails if two neighbouring bytes are above 200. */
const error: Target = {
  ...parts,
  name: 'planted-error',
  fuzz: (bytes) => {
    const found = bytes.some((byte, at) => byte > 200 && (bytes[at + 1] ?? 0) > 200);
    strictEqual(found, false, 'two large bytes');
  },
};

/** Does not end if a byte is 7. */
const hang: Target = {
  ...parts,
  name: 'planted-hang',
  fuzz: (bytes) => {
    while (bytes.includes(7)) {
      /* the bug */
    }
  },
};

const kept: Uint8Array[] = [];

/** Keeps 4 MiB for every case. */
const leak: Target = {
  ...parts,
  name: 'planted-leak',
  fuzz: () => {
    kept.push(new Uint8Array(4 * 1024 * 1024).fill(1));
  },
};

export const planted: readonly Target[] = [error, hang, leak];
