// Every program of the documentation compiles against the built package; where an output stands under
// it, it runs, ends, and prints that. Run `npm run build` before (`npm test` does).

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  against,
  compile,
  makeWorkshop,
  programsOfDocComments,
  programsOfDocuments,
  run,
} from './programs.ts';

const examples = programsOfDocComments();
const programs = [...programsOfDocuments(), ...examples];
const workshop = makeWorkshop();
let complaints = '';

beforeAll(async () => {
  complaints = await compile(workshop.directory, programs);
});
afterAll(() => workshop.remove());

describe('the programs of the documentation', () => {
  test('are there', () => {
    expect(programs.length - examples.length).toBeGreaterThan(10);
    const places = examples.map(({ block }) => block.place.replace(/:.*/, ''));
    expect(places).toEqual(
      expect.arrayContaining([
        'src/codec/formats/formats.ts',
        'src/errors.ts',
        'src/peer/listen.ts',
        'src/stream/serve.ts',
      ]),
    );
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
