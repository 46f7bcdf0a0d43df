// Two faults of the web decode pair. A reader waited for ever after a chunk that is no bytes. And the source
// learnt only with its next chunk that the reader had gone.

import { expect, test } from 'vitest';
import { lengthPrefixed } from '../../src/entries/main.ts';
import { decodeStream } from '../../src/stream/web-streams.ts';
import { hex } from '../support/bytes.ts';
import { rejection } from '../support/waiting.ts';

test('a writer that aborts is reported after the values that had come', async () => {
  const { readable, writable } = decodeStream(lengthPrefixed());
  const writer = writable.getWriter();
  void writer.write(hex('00000001 61 00000001 62'));
  const reader = readable.getReader();
  expect(String.fromCharCode(...((await reader.read()).value ?? []))).toBe('a');
  const aborted = writer.abort(new Error('source failed'));
  expect(String.fromCharCode(...((await reader.read()).value ?? []))).toBe('b');
  expect(await rejection(reader.read())).toMatchObject({ message: 'source failed' });
  await aborted;
});

test('a chunk that is no bytes fails both sides with a UsageError', async () => {
  const { readable, writable } = decodeStream(lengthPrefixed());
  const reading = rejection(readable.getReader().read());
  // @ts-expect-error: what only a caller without types can do
  const written = rejection(writable.getWriter().write('text'));
  expect(await written).toMatchObject({ name: 'UsageError', code: 'ERR_OPTION' });
  expect(await reading).toBe(await written);
});

test('a reader that cancels stops a source that is silent', async () => {
  let cancelled: (reason: unknown) => void;
  const stopped = new Promise((resolve) => {
    cancelled = resolve;
  });
  const source = new ReadableStream<Uint8Array>({ cancel: (reason) => cancelled(reason) });
  const frames = source.pipeThrough(decodeStream(lengthPrefixed()));
  await frames.cancel('seen enough');
  expect(await stopped).toBe('seen enough');
});

test('a bad frame stops a source that is silent', async () => {
  let cancelled: (reason: unknown) => void;
  const stopped = new Promise((resolve) => {
    cancelled = resolve;
  });
  const source = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(hex('ffffffff')),
    cancel: (reason) => cancelled(reason),
  });
  const frames = source.pipeThrough(decodeStream(lengthPrefixed()));
  const error = await rejection(frames.getReader().read());
  expect(error).toMatchObject({ code: 'ERR_FRAME_TOO_LARGE' });
  expect(await stopped).toBe(error);
});
