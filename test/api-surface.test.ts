// The published public types must be those in test/api-surface/, so that a change of the API is seen in a
// diff. If the change is intended, run this with -u and commit the files that it wrote. Reads the built
// package: run `npm run build` first (`npm test` does).

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { publicTypes } from './docs/declarations.ts';
import { root } from './docs/markdown.ts';

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
}

const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entries = Object.entries(manifest.exports).flatMap(([name, target]) =>
  typeof target === 'string' ? [] : [{ name, types: target.types }],
);

describe('the public types', () => {
  test('have these entries', () => {
    expect(entries.map(({ name }) => name)).toEqual([
      '.',
      './codec',
      './formats',
      './web',
      './peer',
      './inspect',
      './testing',
      './arbitraries',
    ]);
  });

  for (const { name, types } of entries) {
    test(`of ${name} are the committed ones`, async () => {
      const file = `./api-surface/${name === '.' ? 'main' : name.slice(2)}.txt`;
      await expect(publicTypes(join(root, types))).toMatchFileSnapshot(file);
    });
  }
});
