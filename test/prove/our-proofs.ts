// The proofs of every decoder of this package, made with the prover that this package offers to users.

import * as fc from 'fast-check';
import { contentLength } from '../../src/codec/content-length.ts';
import type { FrameCodec } from '../../src/codec/codec.ts';
import { cobs } from '../../src/codec/delimited/cobs.ts';
import { delimited } from '../../src/codec/delimited/delimited.ts';
import { dle, jt808, slip } from '../../src/codec/delimited/escapes.ts';
import { lines } from '../../src/codec/delimited/lines.ts';
import { fixedLength } from '../../src/codec/fixed-length.ts';
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
import { decoderChecks } from '../../src/prove/decoder/options.ts';
import type { DecoderTarget, ProveDecoderOptions } from '../../src/prove/decoder/options.ts';
import type { DecoderReport } from '../../src/prove/decoder/report.ts';
import type { DecoderCheck } from '../../src/prove/decoder/terms.ts';
import { decodeStream } from '../../src/stream/node.ts';
import { decodeStream as webDecodeStream } from '../../src/stream/web-streams.ts';

const seed = Number(process.env['UNSTICK_SEED'] ?? 20261121);
const payloads = fc.uint8Array({ maxLength: 12 });
const utf8 = new TextEncoder();

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
  'cobs()': cobs(),
  'delimited() with escapes and a checksum': delimited({ end: 'c0', escape: slip, checksum: crc }),
  'delimited() with DLE': delimited({ start: '10 02', end: '10 03', escape: dle }),
  'formats.chromeNativeMessaging': lengthPrefixed(formats.chromeNativeMessaging),
};

/**
 * Codecs whose payloads cannot hold every byte, or have one length. Each stands with payloads that it can
 * encode.
 */
const narrowCodecs: Record<string, readonly [FrameCodec, fc.Arbitrary<Uint8Array>]> = {
  'lines()': [lines(), payloadsWithout(0x0a, 0x0d)],
  'delimited() with a marker of two bytes': [
    delimited({ start: '0b', end: '1c 0d' }),
    payloadsWithout(0x1c),
  ],
  'fixedLength()': [fixedLength(5), fc.uint8Array({ minLength: 5, maxLength: 5 })],
};

function payloadsWithout(...bytes: readonly number[]): fc.Arbitrary<Uint8Array> {
  return payloads.map((payload) => payload.filter((byte) => !bytes.includes(byte)));
}

/** A decoder of this package, and its proof. */
export interface OurProof {
  readonly name: string;
  /** Checks that have no meaning for this decoder. */
  readonly senseless: readonly DecoderCheck[];
  readonly prove: (checks: readonly DecoderCheck[]) => Promise<DecoderReport>;
}

const words = ['hi', '', 'a longer one'].map((word) => utf8.encode(word));

function streamProof(name: string, target: DecoderTarget<never, Uint8Array>): OurProof {
  const codec = lengthPrefixed();
  const options: ProveDecoderOptions<never, Uint8Array> = {
    samples: [{ frames: words.map((word) => joinBytes(codec.encode(word))), values: words }],
    frameOf: (length) => joinBytes(codec.encode(new Uint8Array(length))),
    seed,
  };
  return { name, senseless: [], prove: (only) => proveDecoder(target, { ...options, only }) };
}

const codecProofs = Object.entries(frameCodecs).map(([name, codec]): OurProof => ({
  name,
  senseless: [],
  prove: (only) => proveDecoder(codec, { values: payloads, seed, only }),
}));

const narrowProofs = Object.entries(narrowCodecs).map(([name, [codec, values]]): OurProof => ({
  name,
  senseless: [],
  prove: (only) =>
    proveDecoder(codec, {
      values,
      frameOf: (length) =>
        joinBytes(codec.encode(new Uint8Array(name === 'fixedLength()' ? 5 : length))),
      seed,
      only,
    }),
}));

/** A single flag is fill, which may stand at the end. The oracle of delimited() tests truncation there. */
const sharedFlagsProof: OurProof = {
  name: 'delimited() with one flag at both ends',
  senseless: ['truncation'],
  prove: (only) =>
    proveDecoder(delimited({ start: '7e', end: '7e', escape: jt808, checksum: crc }), {
      values: payloads,
      seed,
      only,
    }),
};

const rawBytesProof: OurProof = {
  name: 'rawBytes(), its chunks joined',
  senseless: ['truncation', 'linear-cost', 'bounded-memory'],
  prove: (only) =>
    proveDecoder(rawBytes(), {
      samples: [utf8.encode('bytes without a frame')],
      normalize: (chunks) => [joinBytes(chunks)],
      seed,
      only,
    }),
};

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

/** Returns the parts of a message without the length that the codec adds. */
function told(list: readonly (Message | OutgoingMessage)[]): unknown[] {
  return list.map(({ header, body }) => {
    const said = Object.entries(header).filter(([key]) => key !== 'bodyLength');
    return { header: Object.fromEntries(said), body };
  });
}

/** Joins neighbouring body bytes in a list of parts. */
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

const messageCodec = messages();
const messageOf = (length: number): Uint8Array =>
  joinBytes(messageCodec.encode({ header: { id: 1 }, body: new Uint8Array(length) }));

const messagesProof: OurProof = {
  name: 'messages()',
  senseless: [],
  prove: (only) =>
    proveDecoder<OutgoingMessage, Message>(messageCodec, {
      values: outgoing,
      normalize: told,
      frameOf: messageOf,
      seed,
      only,
    }),
};

function proveMessageParts(only: readonly DecoderCheck[]): Promise<DecoderReport> {
  const list: OutgoingMessage[] = [
    { header: { id: 1 }, body: 'first' },
    { header: { name: '粘包' } },
    { header: {}, body: 'the third of them' },
  ];
  const frames = list.map((message) => joinBytes(messageCodec.encode(message)));
  const target = { decoder: () => messageParts().decoder() };
  return proveDecoder<never, MessagePart>(target, {
    samples: [{ frames }],
    normalize: joinBodies,
    frameOf: messageOf,
    seed,
    only,
  });
}

export const ourProofs: readonly OurProof[] = [
  ...codecProofs,
  ...narrowProofs,
  sharedFlagsProof,
  streamProof('decodeStream() of node', { transform: () => decodeStream(lengthPrefixed()) }),
  streamProof('decodeStream() of the web', { web: () => webDecodeStream(lengthPrefixed()) }),
  rawBytesProof,
  messagesProof,
  { name: 'messageParts(), its body bytes joined', senseless: [], prove: proveMessageParts },
];

/** Returns the checks that pass for a decoder, among those that are made. Throws the report if one fails. */
export async function passed(
  { prove, senseless }: OurProof,
  without: readonly DecoderCheck[] = [],
): Promise<{ readonly passed: readonly string[]; readonly wanted: readonly string[] }> {
  const wanted = decoderChecks.filter(
    (check) => !senseless.includes(check) && !without.includes(check),
  );
  const report = await prove(wanted);
  assertProven(report);
  const made = report.checks.filter(({ state }) => state === 'passed').map(({ check }) => check);
  return { passed: made, wanted };
}
