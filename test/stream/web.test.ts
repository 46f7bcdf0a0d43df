// unstick/web: pipeThrough in Node's web streams, over a real socket.

import { Readable, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { lengthPrefixed } from '../../src/entries/main.ts';
import { decodeStream, encodeStream } from '../../src/stream/web-streams.ts';
import { hex, join, utf8 } from '../support/bytes.ts';
import { tcpPair } from '../support/sockets.ts';
import { rejection, settled } from '../support/waiting.ts';

const codec = lengthPrefixed();
const frame = (words: string): Uint8Array => join(codec.encode(utf8(words)));

function source(...chunks: (Uint8Array | ArrayBuffer)[]): ReadableStream<Uint8Array | ArrayBuffer> {
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk === undefined) {
        controller.close();
      } else {
        controller.enqueue(chunk);
      }
    },
  });
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const seen: string[] = [];
  for await (const value of stream) {
    seen.push(new TextDecoder().decode(value));
  }
  return seen;
}

test('decodes through pipeThrough, chunks of either kind', async () => {
  const whole = join(['a', '', 'bc'].map(frame));
  const chunks = [whole.slice(0, 3), whole.slice(3, 9).buffer, whole.slice(9)];
  expect(await collect(source(...chunks).pipeThrough(decodeStream(codec)))).toEqual([
    'a',
    '',
    'bc',
  ]);
});

test('encodes through pipeThrough, to a socket and back', async () => {
  const { near, far } = await tcpPair();
  const values = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const words of ['a', '', 'bc']) {
        controller.enqueue(utf8(words));
      }
      controller.close();
    },
  });
  const sent = values.pipeThrough(encodeStream(codec)).pipeTo(Writable.toWeb(near));
  const frames = Readable.toWeb(far).pipeThrough(decodeStream(codec));
  expect(await collect(frames)).toEqual(['a', '', 'bc']);
  await sent;
});

describe('an error of the bytes', () => {
  test.each<[string, Uint8Array, string]>([
    ['a bad frame', hex('ffffffff'), 'ERR_FRAME_TOO_LARGE'],
    ['an end inside a frame', hex('0000'), 'ERR_FRAME_TRUNCATED'],
  ])('comes after the last good value (%s)', async (_, bad, code) => {
    const frames = source(join([frame('a'), frame('b'), bad])).pipeThrough(decodeStream(codec));
    const reader = frames.getReader();
    // The result is the same, however late the reader is.
    await settled(() => 0, 20);
    for (const words of ['a', 'b']) {
      expect((await reader.read()).value).toEqual(utf8(words));
      await settled(() => 0, 20);
    }
    expect(await rejection(reader.read())).toMatchObject({ name: 'ProtocolError', code });
  });

  test('fails the pipe that feeds it', async () => {
    const pair = decodeStream(codec);
    const piped = rejection(source(hex('ffffffff'), frame('a')).pipeTo(pair.writable));
    const error = await rejection(pair.readable.getReader().read());
    expect(error).toMatchObject({ code: 'ERR_FRAME_TOO_LARGE' });
    expect(await piped).toBe(error);
  });
});

test('a value that cannot be encoded fails the encoder, and nothing of it is written', async () => {
  const pair = encodeStream(lengthPrefixed({ prefix: 'u8' }));
  const writer = pair.writable.getWriter();
  const reader = pair.readable.getReader();
  void writer.write(utf8('ok'));
  expect(join([(await reader.read()).value ?? hex('')])).toEqual(hex('02 6f6b'));
  const written = rejection(writer.write(new Uint8Array(256)));
  expect(await rejection(reader.read())).toMatchObject({ code: 'ERR_FRAME_UNENCODABLE' });
  expect(await written).toMatchObject({ code: 'ERR_FRAME_UNENCODABLE' });
});

test('an aborted pipe fails the reader', async () => {
  const controller = new AbortController();
  const silent = new ReadableStream<Uint8Array>();
  const frames = silent.pipeThrough(decodeStream(codec), { signal: controller.signal });
  const reading = rejection(frames.getReader().read());
  controller.abort(new Error('enough'));
  expect(await reading).toMatchObject({ message: 'enough' });
});

test('skipped frames are reported, and copies own their bytes', async () => {
  const skipped: string[] = [];
  const pair = decodeStream(lengthPrefixed({ maxPayloadLength: 3 }), {
    onSkip: (error) => skipped.push(error.code),
    copy: true,
  });
  const frames = source(join([frame('abc'), frame('too large')])).pipeThrough(pair);
  const lengths: number[] = [];
  for await (const value of frames) {
    lengths.push(value.buffer.byteLength);
  }
  expect(lengths).toEqual([3]);
  expect(skipped).toEqual(['ERR_FRAME_TOO_LARGE']);
});
