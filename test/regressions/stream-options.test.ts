// Options of a stream that were misspelt or out of range were ignored, or threw a TypeError of Node with the
// first connection.

import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { framed, lengthPrefixed, messageStream, serve } from '../../src/entries/main.ts';

const stream = (): PassThrough => new PassThrough();
const codec = lengthPrefixed();
const idle = (): void => undefined;

const wrong: [string, () => unknown][] = [
  ['framed with frameTimout', () => framed(stream(), codec, { frameTimout: 5 } as never)],
  ['framed with onSkip: 5', () => framed(stream(), codec, { onSkip: 5 as never })],
  ['framed with signal: 5', () => framed(stream(), codec, { signal: 5 as never })],
  ['framed without a codec', () => framed(stream(), null as never)],
  ['framed with half a codec', () => framed(stream(), { read: codec } as never)],
  [
    'messageStream with maxHeadrLength',
    () => messageStream(stream(), { maxHeadrLength: 5 } as never),
  ],
  ['messageStream with onSkip', () => messageStream(stream(), { onSkip: idle } as never)],
  ['messageStream with maxBodyLength: -1', () => messageStream(stream(), { maxBodyLength: -1 })],
  ['serve with maxConections', () => serve(codec, idle, { maxConections: 5 } as never)],
  ['serve with maxConnections: NaN', () => serve(codec, idle, { maxConnections: Number.NaN })],
  ['serve with port: 99999', () => serve(codec, idle, { port: 99_999 })],
  ['serve with host: 5', () => serve(codec, idle, { host: 5 as never })],
  ['serve with an empty path', () => serve(codec, idle, { path: '' })],
  ['serve without a codec', () => serve(null as never, idle)],
];

test.each(wrong)('%s is refused with ERR_OPTION', (_, call) => {
  expect(call).toThrow(expect.objectContaining({ name: 'UsageError', code: 'ERR_OPTION' }));
});
