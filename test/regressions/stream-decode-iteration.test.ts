// Two faults of decodeStream. A loop whose values were all there had no listener for 'error', so a bad frame
// behind them ended the process. And text was taken for bytes, so a socket with setEncoding lost some of
// them.

import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { decodeStream, lengthPrefixed } from '../../src/entries/main.ts';
import { hex } from '../support/bytes.ts';
import { rejection, until } from '../support/waiting.ts';

test.each([
  ['prompt', 0],
  ['slow', 3],
])('a %s loop over values that are there gets the error behind them', async (_, turnsEach) => {
  const stream = decodeStream(lengthPrefixed());
  stream.write(hex('00000001 61 00000001 62 00000001 63 ffffffff'));
  await until(() => stream.readableLength > 0, 'a value is there');
  const seen: string[] = [];
  const looped = (async () => {
    for await (const value of stream) {
      seen.push(String(value));
      for (let i = 0; i < turnsEach; i++) {
        await turn();
      }
    }
  })();
  expect(await rejection(looped)).toMatchObject({ code: 'ERR_FRAME_TOO_LARGE' });
  expect(seen).toEqual(['a', 'b', 'c']);
});

test('a loop that is left destroys the stream and nothing is left to throw', async () => {
  const stream = decodeStream(lengthPrefixed());
  stream.write(hex('00000001 61 00000001 62 ffffffff'));
  await until(() => stream.readableLength > 0, 'a value is there');
  for await (const value of stream) {
    expect(String(value)).toBe('a');
    break;
  }
  await turn();
  expect(stream.destroyed).toBe(true);
});

test('text is refused', async () => {
  const stream = decodeStream(lengthPrefixed());
  const failed = rejection(stream[Symbol.asyncIterator]().next());
  stream.write('\u0000\u0000\u0000\u0001\u00e9');
  expect(await failed).toMatchObject({
    name: 'UsageError',
    code: 'ERR_OPTION',
    hint: expect.stringContaining('setEncoding'),
  });
});
