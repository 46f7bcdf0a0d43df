// Every program of the documentation compiles against the built package; where an output stands under
// it, it runs, ends, and prints that. Run `npm run build` before (`npm test` does).

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile, makeWorkshop, against, programsOfDocuments, run } from './programs.ts';

const programs = programsOfDocuments();
const workshop = makeWorkshop();
let complaints = '';

beforeAll(async () => {
  complaints = await compile(workshop.directory, programs);
}, 60_000);
afterAll(() => workshop.remove());

describe('the programs of the documentation', () => {
  test('are there', () => {
    expect(programs.length).toBeGreaterThan(10);
  });

  test('compile in strict TypeScript against the types that are published', () => {
    expect(complaints).toBe('');
  });

  for (const [index, { block, output }] of programs.entries()) {
    if (output === undefined) {
      continue;
    }
    test(`${block.place} runs and prints what stands under it`, async () => {
      const printed = await run(workshop.directory, index);
      expect(against(output, printed)).toBe(output);
    });
  }
});
