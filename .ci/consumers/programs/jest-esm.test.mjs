import * as unstick from 'unstick';
import { decoderMatchers } from 'unstick/testing';
import { echo } from './exercise.mjs';

expect.extend(decoderMatchers);

test('echoes in jest, in an ES module', async () => {
  expect(await echo(unstick)).toBe('sticky');
});

test('proves a decoder', async () => {
  await expect(unstick.lengthPrefixed()).toSurviveEveryCut({
    samples: [Uint8Array.of(0, 0, 0, 0)],
    runs: 20,
  });
});
