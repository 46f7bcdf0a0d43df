// The codec of peers: messages with their places are the same however they are cut, and it buffers only a few
// bytes of a stranger before its hello is complete.

import { deepStrictEqual } from 'node:assert';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { peerCodec } from '../../src/peer/session/peer-codec.ts';
import type { PlacedMessage } from '../../src/peer/session/peer-codec.ts';
import { lengthOf } from '../../src/codec/bytes.ts';
import type { Decoder } from '../../src/codec/codec.ts';
import { ProtocolError } from '../../src/errors.ts';
import { hex, inPieces, join, toHex, utf8 } from '../support/bytes.ts';
import { runs } from '../support/seed.ts';

const codec = peerCodec({ maxHeaderLength: 300, maxBodyLength: 50, maxHelloLength: 100 });

test('codecs of several limits keep their own, in whatever order they are made', () => {
  const limits = { maxHeaderLength: 300, maxBodyLength: 50, maxHelloLength: 100 };
  const body = 'b'.repeat(60);
  const bytes = message('{"kind":"hello","bodyLength":60}', body);
  const outcomes = [50, 60, 50].map((maxBodyLength) => {
    const decoder = peerCodec({ ...limits, maxBodyLength }).decoder();
    decoder.push(bytes);
    try {
      return lengthOf(decoder.take()?.body ?? []);
    } catch (error) {
      return error instanceof ProtocolError ? error.code : error;
    }
  });
  expect(outcomes).toEqual(['ERR_BODY_TOO_LARGE', 60, 'ERR_BODY_TOO_LARGE']);
  expect(peerCodec(limits)).toBe(peerCodec({ ...limits }));
});

/** A message as bytes, also one that no peer would send. */
function message(header: string, body = '', headerLength = utf8(header).length): Uint8Array {
  return join([hex(headerLength.toString(16).padStart(8, '0')), utf8(header), utf8(body)]);
}

interface Reading {
  readonly messages: unknown[];
  readonly error: unknown;
}

/** `isLate`: nothing is taken before all has come, the end too. */
function read(chunks: readonly Uint8Array[], isEnded: boolean, isLate: boolean): Reading {
  const decoder = codec.decoder();
  const messages: unknown[] = [];
  let error: unknown;
  const take = (): void => {
    try {
      for (const { header, body, place } of decoder) {
        messages.push([header, toHex(join(body)), place]);
      }
    } catch (thrown) {
      if (!(thrown instanceof ProtocolError)) {
        throw thrown;
      }
      const { code, byteOffset, frameIndex } = thrown;
      error ??= { code, byteOffset, frameIndex };
      deepStrictEqual({ code, byteOffset, frameIndex }, error);
    }
  };
  for (const chunk of chunks) {
    decoder.push(chunk);
    if (!isLate) {
      take();
    }
  }
  if (isEnded) {
    decoder.end();
  }
  take();
  expect(decoder.done).toBe(isEnded && error === undefined);
  return { messages, error };
}

const texts = fc.oneof(
  fc
    .record({ kind: fc.constant('event'), bodyLength: fc.nat(4) })
    .map((header) => JSON.stringify(header)),
  fc.nat(290).map((length) => `{"x":"${'a'.repeat(length)}"}`),
  fc.nat(290).map((length) => '{'.repeat(length + 1)),
  fc.nat(60).map((bodyLength) => JSON.stringify({ bodyLength })),
);
const streams = fc
  .array(
    fc
      .tuple(texts, fc.nat(60), fc.option(fc.nat(400), { freq: 8 }))
      .map(([text, body, length]) =>
        message(text, 'b'.repeat(bodyOf(text) ?? body), length ?? utf8(text).length),
      ),
    { minLength: 1, maxLength: 4 },
  )
  .chain((messages) => {
    const whole = join(messages);
    return fc.oneof(
      fc.constant(whole),
      fc.nat(whole.length).map((length) => whole.slice(0, length)),
    );
  });

function bodyOf(text: string): number | undefined {
  return /"bodyLength":(\d+)/.exec(text)?.slice(1).map(Number)[0];
}

describe('a decoder of peers', () => {
  test('says the same however the stream is cut, and whenever it is asked', () => {
    fc.assert(
      fc.property(
        streams,
        fc.integer({ min: 1, max: 30 }),
        fc.boolean(),
        (stream, size, isEnded) => {
          const whole = read([stream], isEnded, false);
          expect(read(inPieces(stream, size), isEnded, false)).toEqual(whole);
          expect(read(inPieces(stream, size), isEnded, true)).toEqual(whole);
          expect(read(inPieces(stream, 1), isEnded, false)).toEqual(whole);
        },
      ),
      runs(200),
    );
  });

  test('gives the place of each message, its body being there or not', () => {
    const decoder = codec.decoder();
    const all = join([message('{}'), message('{"bodyLength":3}', 'abc'), message('{}')]);
    const places = inPieces(all, 1).flatMap((byte) => {
      decoder.push(byte);
      return taken(decoder).map(({ place }) => place);
    });
    expect(places).toEqual([
      { byteOffset: 0, frameIndex: 0 },
      { byteOffset: 6, frameIndex: 1 },
      { byteOffset: 29, frameIndex: 2 },
    ]);
  });

  test.each([
    ['a header that never ends', message('{'.repeat(300))],
    ['a long header that is none', message('x'.repeat(97))],
    ['a body', message(`{"bodyLength":50${' '.repeat(60)}}`, 'b'.repeat(50))],
    ['many spaces', message(`{${' '.repeat(95)}}`)],
  ])('takes no more than maxHelloLength of the first message: %s', (_, stream) => {
    const refusal = expect.objectContaining({
      code: 'ERR_PEER_PROTOCOL',
      limit: 100,
      byteOffset: 0,
      frameIndex: 0,
    });
    const long = stream.length > 100 ? stream : join([stream, new Uint8Array(101)]);
    const decoder = codec.decoder();
    decoder.push(long);
    expect(() => taken(decoder)).toThrow(refusal);
  });

  test('takes longer messages after the first', () => {
    const decoder = codec.decoder();
    decoder.push(join([message('{}'), message(`{${' '.repeat(200)}}`, '')]));
    expect(taken(decoder)).toHaveLength(2);
  });
});

describe('the body of a message', () => {
  const large = peerCodec({ maxHeaderLength: 300, maxBodyLength: 2 ** 20, maxHelloLength: 100 });
  const CHUNK = 64 * 1024;

  /** Decodes one message behind a hello, in chunks that have their memory for themselves. */
  function bodyOfOne(kind: string, length: number): readonly Uint8Array[] {
    const decoder = large.decoder();
    const given = message(JSON.stringify({ kind, bodyLength: length }), 'b'.repeat(length));
    for (const chunk of inPieces(join([message('{}'), given]), CHUNK)) {
      decoder.push(chunk.slice());
    }
    const [, one] = taken(decoder);
    return one?.body ?? [];
  }

  test.each([
    // Bytes of a channel keep the chunks in which they came, as long as these are at most twice as long.
    ['bytes', 2 * CHUNK, 3],
    ['bytes', CHUNK, 2],
    ['bytes', 5000, 1],
    // The application gets the body of any other message in one piece.
    ['event', 2 * CHUNK, 1],
    ['event', 5000, 1],
  ])('of kind %s with %i bytes comes in pieces: %i', (kind, length, count) => {
    const pieces = bodyOfOne(kind, length);
    expect(pieces).toHaveLength(count);
    expect(toHex(join(pieces))).toBe('62'.repeat(length));
    expect(pieces.some(({ buffer }) => buffer.byteLength === CHUNK)).toBe(count > 1);
  });

  test('of short bytes of a channel keeps no long chunk alive', () => {
    const decoder = large.decoder();
    const short = message('{"kind":"bytes","bodyLength":5}', 'bbbbb');
    decoder.push(join([message('{}'), short, new Uint8Array(CHUNK)]));
    decoder.take();
    const pieces = decoder.take()?.body ?? [];
    expect(toHex(join(pieces))).toBe('6262626262');
    expect(pieces[0]?.buffer.byteLength).toBe(5);
  });
});

function taken(decoder: Decoder<PlacedMessage>): PlacedMessage[] {
  return [...decoder];
}
