// Every decoder of this package, proven with the kit that it offers to others.

import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { contentLength } from '../../src/codec/content-length.ts';
import type { FrameCodec } from '../../src/codec/codec.ts';
import { formats } from '../../src/codec/formats/formats.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { netstrings } from '../../src/codec/netstrings.ts';
import { rawBytes } from '../../src/codec/raw-bytes.ts';
import { messageParts } from '../../src/message/message-parts.ts';
import type { MessagePart } from '../../src/message/message-parts.ts';
import { messages } from '../../src/message/messages.ts';
import type { Message, OutgoingMessage } from '../../src/message/messages.ts';
import { joinBytes } from '../../src/schedule/pieces.ts';
import { proveDecoder } from '../../src/prove/decoder/prove-decoder.ts';
import { assertProven } from '../../src/prove/decoder/report.ts';
import type { DecoderReport } from '../../src/prove/decoder/report.ts';
import { decodeStream } from '../../src/stream/node.ts';
import { decodeStream as webDecodeStream } from '../../src/stream/web-streams.ts';
import { sampled, sampleName } from '../support/sample.ts';

// Measuring takes longer on a busy machine; this is no more than an upper bound.
vi.setConfig({ testTimeout: 60_000 });

const seed = Number(process.env['UNSTICK_SEED'] ?? 20261121);
const payloads = fc.uint8Array({ maxLength: 12 });
const utf8 = new TextEncoder();

/** The checks that did not pass: left out, or not possible. A failed one throws the whole report. */
function notMade(report: DecoderReport): string[] {
  assertProven(report);
  return report.checks.flatMap(({ check, state }) => (state === 'passed' ? [] : [check]));
}

const crc = {
  length: 1,
  compute: (bytes: Uint8Array) => Uint8Array.of(bytes.reduce((sum, byte) => (sum + byte) & 255, 0)),
};

const frameCodecs: Record<string, FrameCodec> = {
  'lengthPrefixed()': lengthPrefixed(),
  'u16le that counts itself': lengthPrefixed({ prefix: 'u16le', counts: ['prefix', 'payload'] }),
  'i32be with a small limit': lengthPrefixed({ prefix: 'i32be', maxPayloadLength: 1_000_000 }),
  varint: lengthPrefixed({ prefix: 'varint' }),
  u64le: lengthPrefixed({ prefix: 'u64le' }),
  'a magic and a checksum': lengthPrefixed({ before: Uint8Array.of(0xca, 0xfe), trailer: crc }),
  'netstrings()': netstrings(),
  'contentLength()': contentLength(),
  'formats.chromeNativeMessaging': lengthPrefixed(formats.chromeNativeMessaging),
};

describe(`a proof of our decoders; ${sampleName}`, () => {
  test.each(sampled(Object.entries(frameCodecs), 3))('holds for %s', async (_, codec) => {
    expect(notMade(await proveDecoder(codec, { values: payloads, seed }))).toEqual([]);
  });

  test('holds for decodeStream() of node', async () => {
    const frames = ['hi', '', 'a longer one'].map((word) => utf8.encode(word));
    const codec = lengthPrefixed();
    const report = await proveDecoder(
      { transform: () => decodeStream(codec) },
      {
        samples: [
          { frames: frames.map((frame) => joinBytes(codec.encode(frame))), values: frames },
        ],
        frameOf: (length) => joinBytes(codec.encode(new Uint8Array(length))),
        seed,
      },
    );
    expect(notMade(report)).toEqual([]);
  });

  test('holds for decodeStream() of the web', async () => {
    const frames = ['hi', '', 'a longer one'].map((word) => utf8.encode(word));
    const codec = lengthPrefixed();
    const report = await proveDecoder(
      { web: () => webDecodeStream(codec) },
      {
        samples: [
          { frames: frames.map((frame) => joinBytes(codec.encode(frame))), values: frames },
        ],
        frameOf: (length) => joinBytes(codec.encode(new Uint8Array(length))),
        seed,
      },
    );
    expect(notMade(report)).toEqual([]);
  });

  test('holds for rawBytes(), whose chunks are compared as the bytes that they are together', async () => {
    const report = await proveDecoder(rawBytes(), {
      samples: [utf8.encode('bytes without a frame')],
      normalize: (chunks) => [joinBytes(chunks)],
      seed,
      without: ['truncation', 'linear-cost', 'bounded-memory'],
    });
    expect(notMade(report)).toEqual(['truncation', 'linear-cost', 'bounded-memory']);
  });
});

const headers = fc.dictionary(
  fc.constantFrom('id', 'name', '文件'),
  fc.oneof(fc.nat(), fc.string()),
  {
    maxKeys: 2,
    noNullPrototype: true,
  },
);

const outgoing: fc.Arbitrary<OutgoingMessage> = fc.record({
  header: headers,
  body: fc.uint8Array({ maxLength: 8 }),
});

/** What a message says, without the length that the codec adds. */
function told(list: readonly (Message | OutgoingMessage)[]): unknown[] {
  return list.map(({ header, body }) => {
    const said = Object.entries(header).filter(([key]) => key !== 'bodyLength');
    return { header: Object.fromEntries(said), body };
  });
}

/** Parts with neighbouring body bytes joined. */
function joinBodies(parts: readonly MessagePart[]): unknown[] {
  const joined: (MessagePart | { kind: 'body'; bytes: number[] })[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.kind !== 'body') {
      joined.push(part);
    } else if (last?.kind === 'body' && Array.isArray(last.bytes)) {
      last.bytes.push(...part.bytes);
    } else {
      joined.push({ kind: 'body', bytes: [...part.bytes] });
    }
  }
  return joined;
}

describe('a proof of our messages', () => {
  const codec = messages();
  const frameOf = (length: number): Uint8Array =>
    joinBytes(codec.encode({ header: { id: 1 }, body: new Uint8Array(length) }));

  test('holds for messages()', async () => {
    const options = { values: outgoing, normalize: told, frameOf, seed };
    const report = await proveDecoder<OutgoingMessage, Message>(codec, options);
    expect(notMade(report)).toEqual([]);
  });

  test('holds for messageParts(), its body bytes joined', async () => {
    const list: OutgoingMessage[] = [
      { header: { id: 1 }, body: 'first' },
      { header: { name: '粘包' } },
      { header: {}, body: 'the third of them' },
    ];
    const frames = list.map((message) => joinBytes(codec.encode(message)));
    const target = { decoder: () => messageParts().decoder() };
    const options = { samples: [{ frames }], normalize: joinBodies, frameOf, seed };
    const report = await proveDecoder<never, MessagePart>(target, options);
    expect(notMade(report)).toEqual([]);
  });
});
