// contentLength(): the base protocol of LSP and DAP, alone and with the reader and writer of
// vscode-jsonrpc on the other end.

import { PassThrough } from 'node:stream';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import type { Message } from 'vscode-jsonrpc/node';
import type { FrameCodec } from '../../src/codec/codec.ts';
import { contentLength } from '../../src/codec/content-length.ts';
import type { ContentLengthOptions } from '../../src/codec/content-length.ts';
import { inPieces, join, toHex, utf8 } from '../support/bytes.ts';
import { protocolErrorOf, unstickErrorOf, valuesOf } from '../support/outcomes.ts';

const codec = contentLength({ maxPayloadLength: 1000 });
const words = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe('contentLength', () => {
  test('splits messages, whatever else their headers say', () => {
    const stream = utf8(
      'Content-Length: 2\r\n\r\n{}' +
        'content-LENGTH:0\r\n\r\n' +
        'Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length:\t 6 \r\n\r\n\u7c98\u5305' +
        'X-Empty:\r\nContent-Length: 003\r\nX: a: b\r\n\r\n\r\n\r',
    );
    for (const chunks of [[stream], inPieces(stream, 1), inPieces(stream, 7)]) {
      expect(valuesOf(codec, chunks).map(words)).toEqual(['{}', '', '\u7c98\u5305', '\r\n\r']);
    }
    expectTypeOf(codec).toEqualTypeOf<FrameCodec>();
  });

  test('writes the shortest header', () => {
    expect(words(join(codec.encode(utf8('{}'))))).toBe('Content-Length: 2\r\n\r\n{}');
    expect(codec.encodedLength(new Uint8Array(0))).toBe(21);
  });

  test('scans, and keeps its decoders apart', () => {
    const seen: string[] = [];
    const one = codec.decoder();
    const other = codec.decoder();
    const visit = (bytes: Uint8Array, start: number, end: number): void => {
      seen.push(words(bytes.subarray(start, end)));
    };
    one.scan(utf8('Content-Length: 1\r'), visit);
    other.scan(utf8('Content-Length: 2\r\n\r\nab'), visit);
    one.scan(utf8('\n\r\nc'), visit);
    expect(seen).toEqual(['ab', 'c']);
  });

  test.each([
    ['Content-Length: 2abc\r\n', /decimal digits/],
    ['Content-Length: -5\r\n', /decimal digits/],
    ['Content-Length: +5\r\n', /decimal digits/],
    ['Content-Length: 5.0\r\n', /decimal digits/],
    ['Content-Length: 0x5\r\n', /decimal digits/],
    ['Content-Length: 1 2\r\n', /decimal digits/],
    ['Content-Length:\r\n', /decimal digits/],
    ['Content-Length: \u0665\r\n', /decimal digits/],
    ['Content-Length: 5\r\nContent-Length: 5\r\n', /two Content-Length/],
    ['Content-Type: x\r\n\r\n', /no Content-Length/],
    ['\r\n', /no Content-Length/],
    ['Content-Length: 5\n', /CRLF/],
    ['Content-Length 5\r\n', /name: value/],
    ['Content-Length : 5\r\n', /name: value/],
    ['Content-Length: 5\r\n Content-Type: folded\r\n', /name: value/],
    [': 5\r\n', /name: value/],
    ['{"jsonrpc":"2.0"}\r\n', /name: value/],
  ])('refuses %j as soon as the line ends, with a hint, however it comes', (bytes, message) => {
    const stream = utf8(`Content-Length: 2\r\n\r\n{}${bytes}`);
    for (const chunks of [[stream], inPieces(stream, 1)]) {
      const error = protocolErrorOf(codec, chunks, 'open');
      expect(error).toMatchObject({ code: 'ERR_PREFIX_MALFORMED', byteOffset: 23, frameIndex: 1 });
      expect(error.message).toMatch(message);
      expect(error.hint).toMatch(/\w/);
    }
  });

  test.each([
    ['1001', 'ERR_FRAME_TOO_LARGE'],
    ['9'.repeat(400), 'ERR_FRAME_LENGTH_INVALID'],
    ['9007199254740993', 'ERR_FRAME_LENGTH_INVALID'],
  ])('refuses the length %s as %s', (digits, code) => {
    const error = protocolErrorOf(codec, [utf8(`Content-Length: ${digits}\r\n\r\n`)], 'open');
    expect(error).toMatchObject({ code, byteOffset: 0 });
    expect(error.hint).toMatch(/\w/);
  });

  test('says HTTP where it is HTTP', () => {
    expect(protocolErrorOf(codec, [utf8('HTTP/1.1 200 OK\r\n')]).hint).toContain('HTTP');
  });

  test.each([
    'C',
    'Content-Length: 2',
    'Content-Length: 2\r\n\r',
    'Content-Length: 2\r\n\r\n',
    'Content-Length: 2\r\n\r\n{',
  ])('reports truncation in %j', (bytes) => {
    const error = protocolErrorOf(codec, [utf8(`Content-Length: 2\r\n\r\n{}${bytes}`)]);
    expect(error).toMatchObject({ code: 'ERR_FRAME_TRUNCATED', byteOffset: 23 });
  });

  test('skips a message that is too large where somebody listens', () => {
    const skipped: number[] = [];
    const small = contentLength({ maxPayloadLength: 2 });
    const stream = utf8('Content-Length: 3\r\n\r\nabcContent-Length: 2\r\n\r\nde');
    for (const size of [1, 4, 1000]) {
      const values = valuesOf(small, inPieces(stream, size), {
        onSkip: ({ byteOffset }) => skipped.push(byteOffset),
      });
      expect(values.map(words)).toEqual(['de']);
    }
    expect(skipped).toEqual([0, 0, 0]);
  });

  test.each([
    [null],
    [3],
    [{ maxLength: 3 }],
    [{ prefix: 'u8' }],
    [{ maxHeaderLength: 10 }],
    [{ maxHeaderLength: 100.5 }],
    [{ maxPayloadLength: -1 }],
  ])('refuses the options %j', (options) => {
    expect(unstickErrorOf(() => contentLength(options as ContentLengthOptions)).code).toBe(
      'ERR_OPTION',
    );
  });
});

describe('a header block that never ends', () => {
  test('is refused at maxHeaderLength, however it comes', () => {
    const endless = utf8('X-Line: 1234567\r\n'.repeat(300));
    for (const size of [1, 100, 100_000]) {
      const error = protocolErrorOf(codec, inPieces(endless, size), 'open');
      expect(error).toMatchObject({ code: 'ERR_PREFIX_MALFORMED', byteOffset: 0 });
      expect(error.message).toContain('within 4096 bytes');
      expect(error.hint).toContain('maxHeaderLength');
    }
  });

  test('may be as long as maxHeaderLength says, also beyond the arguments of a call', () => {
    const maxHeaderLength = 300_000;
    const large = contentLength({ maxHeaderLength });
    const tail = '\r\nContent-Length: 1\r\n\r\n';
    const block = `X: ${'y'.repeat(maxHeaderLength - tail.length - 3)}${tail}`;
    expect(valuesOf(large, [utf8(`${block}z`)]).map(words)).toEqual(['z']);
    expect(valuesOf(large, inPieces(utf8(`${block}z`), 4096)).map(words)).toEqual(['z']);
    const longer = protocolErrorOf(large, [utf8(`X${block}z`)]);
    expect(longer.message).toContain('within 300000 bytes');
  });

  test('is looked through once: each byte of a value is asked for once', () => {
    // The decoder looks for the end of a value with indexOf alone: what that walks over is the work.
    const total = 20_000;
    const spy = vi.spyOn(Uint8Array.prototype, 'indexOf');
    try {
      const decoder = contentLength({ maxHeaderLength: total + 3 }).decoder();
      decoder.push(utf8('X:'));
      decoder.take();
      spy.mockClear();
      for (let i = 0; i < total; i++) {
        decoder.push(Uint8Array.of(97));
        decoder.take();
      }
      const walked = spy.mock.calls.map(([, from = 0], call) => {
        const bytes: unknown = spy.mock.contexts[call];
        return bytes instanceof Uint8Array ? bytes.length - from : 0;
      });
      expect(walked).toEqual(Array.from({ length: total }, () => 1));
    } finally {
      spy.mockRestore();
    }
  });
});

describe('vscode-jsonrpc', () => {
  const messages = [
    { jsonrpc: '2.0', id: 1, method: 'initialize', params: { rootUri: 'file:///\u7c98\u5305' } },
    { jsonrpc: '2.0', method: 'log', params: { text: 'x'.repeat(5000) } },
    { jsonrpc: '2.0', id: 1, result: null },
  ];
  const open = contentLength();

  test('writes messages that we read', async () => {
    const pipe = new PassThrough();
    const writer = new StreamMessageWriter(pipe);
    for (const message of messages) {
      await writer.write(message);
    }
    pipe.end();
    const chunks: Uint8Array[] = await pipe.toArray();
    const stream = join(chunks);
    for (const given of [chunks, [stream], inPieces(stream, 1), inPieces(stream, 4096)]) {
      const values: unknown[] = valuesOf(open, given).map((bytes) => JSON.parse(words(bytes)));
      expect(values).toEqual(messages);
    }
    const again = valuesOf(open, [stream]).flatMap((bytes) => open.encode(bytes));
    expect(toHex(join(again))).toBe(toHex(stream));
  });

  test.each([1, 3, 1000, 100_000])('reads what we write, in chunks of %i bytes', async (size) => {
    const pipe = new PassThrough();
    const reader = new StreamMessageReader(pipe);
    const received: Message[] = [];
    const all = new Promise<void>((resolve, reject) => {
      reader.onError(reject);
      reader.listen((message) => {
        received.push(message);
        if (received.length === messages.length) {
          resolve();
        }
      });
    });
    const stream = join(messages.flatMap((one) => open.encode(utf8(JSON.stringify(one)))));
    for (const chunk of inPieces(stream, size)) {
      pipe.write(chunk);
    }
    await all;
    reader.dispose();
    expect(received).toEqual(messages);
  });
});
