// decodeStream and encodeStream in pipelines, over real sockets.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { PassThrough, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  decodeStream,
  encodeStream,
  framed,
  lengthPrefixed,
  messages,
} from '../../src/entries/main.ts';
import type { OutgoingMessage, ProtocolError } from '../../src/entries/main.ts';
import { hex, join, utf8 } from '../support/bytes.ts';
import { portOf, readToEnd, tcpPair } from '../support/sockets.ts';
import { rejection, settled } from '../support/waiting.ts';

const codec = lengthPrefixed();
const frame = (words: string): Uint8Array => join(codec.encode(utf8(words)));

describe('pipeline(socket, decodeStream, handler, encodeStream, socket)', () => {
  test('answers 20 requests of a client that sends them and ends', async () => {
    const served: Promise<void>[] = [];
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      served.push(
        pipeline(
          socket,
          decodeStream(codec),
          async function* (frames: AsyncIterable<Uint8Array>) {
            for await (const request of frames) {
              yield utf8(`re: ${String(request)}`);
            }
          },
          encodeStream(codec),
          socket,
        ),
      );
    });
    onTestFinished(() => void server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect(portOf(server), '127.0.0.1');
    const received = readToEnd(client);
    const names = Array.from({ length: 20 }, (_, i) => `request ${i}`);
    client.end(join(names.map(frame)));
    expect(await received).toEqual(Buffer.concat(names.map((name) => frame(`re: ${name}`))));
    await Promise.all(served);
  });

  test('with messages() passes headers and bodies', async () => {
    const { near, far } = await tcpPair();
    near.allowHalfOpen = true;
    const wire = messages();
    const served = pipeline(
      near,
      decodeStream(wire),
      async function* (
        incoming: AsyncIterable<{ header: { n: number }; body: Uint8Array }>,
      ): AsyncGenerator<OutgoingMessage> {
        for await (const { header, body } of incoming) {
          yield { header: { n: header.n + 1 }, body };
        }
      },
      encodeStream(wire),
      near,
    );
    const received = readToEnd(far);
    far.end(join(wire.encode({ header: { n: 1 }, body: 'x' })));
    await served;
    expect(await received).toEqual(Buffer.concat(wire.encode({ header: { n: 2 }, body: 'x' })));
  });

  test('rejects with the error of a bad frame and destroys the socket', async () => {
    const { near, far } = await tcpPair();
    const served = rejection(pipeline(near, decodeStream(codec), encodeStream(codec), near));
    far.write(hex('ffffffff'));
    expect(await served).toMatchObject({ code: 'ERR_FRAME_TOO_LARGE' });
    expect(near.destroyed).toBe(true);
  });

  test('rejects with the loss of the socket', async () => {
    const { near, far } = await tcpPair();
    const served = rejection(
      pipeline(near, decodeStream(codec), new PassThrough({ objectMode: true })),
    );
    near.destroy(new Error('cable cut'));
    expect(await served).toMatchObject({ message: 'cable cut' });
    far.destroy();
  });
});

describe('decodeStream', () => {
  test.each([
    ['before', 0],
    ['behind', 3],
  ])('raises an error %s good frames only when all of them were read', async (_, count) => {
    const stream = decodeStream(codec);
    const good = Array.from({ length: count }, () => frame('good'));
    stream.end(join([...good, hex('ffffffff')]));
    const seen: unknown[] = [];
    let failed = false;
    stream.on('error', () => (failed = true));
    for (let i = 0; i < count; i++) {
      await settled(() => stream.readableLength, 20);
      // The error waits, however long no code reads.
      expect(failed).toBe(false);
      seen.push(String(stream.read()));
    }
    await settled(() => Number(failed), 20);
    expect(failed).toBe(true);
    expect(seen).toEqual(good.map(() => 'good'));
    expect(stream.errored).toMatchObject({ code: 'ERR_FRAME_TOO_LARGE', frameIndex: count });
  });

  test('reports skipped frames before the value behind them, and goes on', async () => {
    const seen: string[] = [];
    const onSkip = (error: ProtocolError): void => void seen.push(error.code);
    const stream = decodeStream(lengthPrefixed({ maxPayloadLength: 3 }), { onSkip });
    stream.end(join(['a', 'too large', 'b'].map(frame)));
    for await (const value of stream) {
      seen.push(String(value));
    }
    // A stream decodes one value ahead of its reader, so 'a' may come after the report.
    expect(seen.toSorted()).toEqual(['ERR_FRAME_TOO_LARGE', 'a', 'b']);
    expect(seen.at(-1)).toBe('b');
  });

  test('gives values that own their bytes with copy', async () => {
    const stream = decodeStream(codec, { copy: true });
    stream.end(join([frame('abc'), frame('de')]));
    const lengths: number[] = [];
    for await (const value of stream) {
      if (value instanceof Uint8Array) {
        lengths.push(value.buffer.byteLength);
      }
    }
    expect(lengths).toEqual([3, 2]);
  });

  test('holds its writer back while its reader is slow', async () => {
    const { near, far } = await tcpPair();
    let written = 0;
    const sink = new Writable({ objectMode: true, highWaterMark: 1, write: () => written++ });
    near.pipe(decodeStream(codec)).pipe(sink);
    const total = 32 * 1024 * 1024;
    far.write(
      Buffer.concat(Array.from({ length: total / 16_384 }, () => frame('x'.repeat(16_380)))),
    );
    expect(await settled(() => near.bytesRead)).toBeLessThan(1024 * 1024);
    expect(written).toBe(1);
  });

  test('keeps its place when several questions are asked at once', async () => {
    const stream = decodeStream(codec);
    const iterator = stream[Symbol.asyncIterator]();
    const asked = [iterator.next(), iterator.next(), iterator.next(), iterator.next()];
    stream.end(join(['a', 'b', 'c'].map(frame)));
    const answers = await Promise.all(asked);
    expect(answers.map(({ value, done }) => (done === true ? 'end' : String(value)))).toEqual([
      'a',
      'b',
      'c',
      'end',
    ]);
  });
});

describe('encodeStream', () => {
  test('writes the frames of what it is given', async () => {
    const { near, far } = await tcpPair();
    const frames = encodeStream(codec);
    frames.pipe(near);
    const connection = framed(far);
    for (const words of ['a', '', 'bc']) {
      frames.write(utf8(words));
    }
    frames.end();
    const seen: string[] = [];
    for await (const value of connection) {
      seen.push(String(value));
    }
    expect(seen).toEqual(['a', '', 'bc']);
  });

  test('fails with ERR_FRAME_UNENCODABLE for what does not fit, and writes nothing of it', async () => {
    const stream = encodeStream(lengthPrefixed({ prefix: 'u8' }));
    const chunks: Uint8Array[] = [];
    stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    const failed = rejection(once(stream, 'end'));
    stream.write(utf8('ok'));
    stream.write(Buffer.alloc(256));
    expect(await failed).toMatchObject({ name: 'UsageError', code: 'ERR_FRAME_UNENCODABLE' });
    expect(Buffer.concat(chunks)).toEqual(Buffer.from(hex('02 6f6b')));
  });

  test('holds its writer back while nobody reads', async () => {
    const stream = encodeStream(codec);
    let accepted = 0;
    while (accepted < 10_000 && stream.write(Buffer.alloc(1024))) {
      accepted++;
    }
    expect(accepted).toBeLessThan(100);
  });
});
