// Decoders of other authors, each used in the fastest way that it offers, on frames of its own format. A
// package is loaded only when its decoder runs.

import type { Duplex, Transform, Writable } from 'node:stream';
import { once } from 'node:events';
import { inputOf, memoryDuplex, passes } from '../input.ts';
import type { Count, Input } from '../input.ts';
import type { Contender } from '../harness.ts';
import { isInstalled, load, loadFile } from './load.ts';
import { contentLengthFrame, vscodeJsonRpc } from './messages.ts';

export interface PeerDecoder {
  readonly name: string;
  readonly module: string;
  /** Makes one frame in the decoder's own format. */
  readonly frame: (payloadLength: number) => Buffer;
  readonly count: Count;
}

function u32(value: number): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(value);
  return prefix;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) {
    bytes.push((rest & 127) | 128);
  }
  return Buffer.from([...bytes, rest]);
}

const MAX_U8 = 255;
const MAX_U16 = 65_535;

/** The head of an unmasked binary WebSocket frame. */
function webSocket(length: number): Buffer {
  if (length < 126) {
    return Buffer.from([0x82, length]);
  }
  if (length <= MAX_U16) {
    return Buffer.from([0x82, 126, length >> 8, length & 255]);
  }
  return Buffer.concat([Buffer.from([0x82, 127, 0, 0, 0, 0]), u32(length)]);
}

/** The head of a MessagePack `bin`. */
function binary(length: number): Buffer {
  if (length <= MAX_U8) {
    return Buffer.from([0xc4, length]);
  }
  if (length <= MAX_U16) {
    return Buffer.from([0xc5, length >> 8, length & 255]);
  }
  return Buffer.concat([Buffer.from([0xc6]), u32(length)]);
}

/** A JSON text of this length after a Content-Length header. */
function jsonRpc(length: number): Buffer {
  return contentLengthFrame(`{"a":"${'x'.repeat(Math.max(0, length - 8))}"}`);
}

/** Makes frames: the prefix for a length, then a payload of that length. */
function behind(prefix: (length: number) => Buffer): (length: number) => Buffer {
  return (length) => Buffer.concat([prefix(length), Buffer.alloc(length)]);
}

const littleEndian = (length: number): Buffer => u32(length).swap32();
/** The header of a yamux data frame: version, type, flags, stream, length. */
const yamux = (length: number): Buffer =>
  Buffer.concat([Buffer.alloc(7), Buffer.of(1), u32(length)]);
/** The head of a Kafka response: size, correlation id. */
const kafka = (length: number): Buffer => Buffer.concat([u32(length + 4), u32(1)]);

/** Writes the chunks into a Transform and counts its 'data' events. */
async function through(stream: Transform, { chunks }: Input): Promise<number> {
  let found = 0;
  stream.on('data', () => found++);
  const ended = once(stream, 'end');
  for (const chunk of chunks) {
    if (!stream.write(chunk)) {
      await once(stream, 'drain');
    }
  }
  stream.end();
  await ended;
  return found;
}

async function msgpackr(input: Input): Promise<number> {
  const { UnpackrStream } = await load<{ UnpackrStream: new () => Transform }>('msgpackr');
  return through(new UnpackrStream(), input);
}

async function lengthPrefixedStream(input: Input): Promise<number> {
  const module = 'length-prefixed-stream';
  const { decode } = await load<{ decode: (options: object) => Transform }>(module);
  // Without allowEmpty the stream is not in object mode, so frames would merge again.
  return through(decode({ allowEmpty: true }), input);
}

async function frameStream(input: Input): Promise<number> {
  const { decode } = await load<{ decode: (options: object) => Transform }>('frame-stream');
  return through(decode({ maxSize: 0xff_ff_ff, readableObjectMode: true }), input);
}

async function framedStream({ chunks }: Input): Promise<number> {
  const FramedStream = await load<new (raw: Duplex) => Duplex>('framed-stream');
  const stream = new FramedStream(memoryDuplex(chunks));
  let found = 0;
  stream.on('data', () => found++);
  await once(stream, 'end');
  return found;
}

interface ItLengthPrefixed {
  decode(this: void, source: Iterable<Uint8Array>, options: object): Iterable<unknown>;
  decode(this: void, source: AsyncIterable<Uint8Array>, options: object): AsyncIterable<unknown>;
}

const IT_LIMIT = { maxDataLength: 0xff_ff_ff };

async function itLengthPrefixedSync({ chunks }: Input): Promise<number> {
  const { decode } = await load<ItLengthPrefixed>('it-length-prefixed');
  let found = 0;
  for (const frame of decode(chunks, IT_LIMIT)) {
    if (frame !== undefined) {
      found++;
    }
  }
  return found;
}

async function itLengthPrefixedAsync({ chunks }: Input): Promise<number> {
  const { decode } = await load<ItLengthPrefixed>('it-length-prefixed');
  async function* source(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  let found = 0;
  for await (const frame of decode(source(), IT_LIMIT)) {
    if (frame !== undefined) {
      found++;
    }
  }
  return found;
}

async function wsReceiver({ chunks }: Input): Promise<number> {
  const { Receiver } = await load<{ Receiver: new (options: object) => Writable }>('ws');
  const receiver = new Receiver({ allowSynchronousEvents: true, binaryType: 'nodebuffer' });
  let found = 0;
  receiver.on('message', () => found++);
  for (const chunk of chunks) {
    if (!receiver.write(chunk)) {
      await once(receiver, 'drain');
    }
  }
  receiver.end();
  await once(receiver, 'finish');
  return found;
}

interface YamuxDecoder {
  emitFrames(chunk: Uint8Array): Iterable<unknown>;
}

async function yamuxDecoder({ chunks }: Input): Promise<number> {
  const path = '@chainsafe/libp2p-yamux/dist/src/decode.js';
  const { Decoder } = await loadFile<{ Decoder: new () => YamuxDecoder }>(path);
  const decoder = new Decoder();
  let found = 0;
  for (const chunk of chunks) {
    for (const frame of decoder.emitFrames(chunk)) {
      if (frame) {
        found++;
      }
    }
  }
  return found;
}

interface Dissolve extends Transform {
  loop(step: (this: Dissolve) => void): Dissolve;
  uint32be(name: string): Dissolve;
  buffer(name: string, length: string): Dissolve;
  tap(step: (this: Dissolve) => void): Dissolve;
  vars: object;
}

async function dissolve(input: Input): Promise<number> {
  const make = await load<() => Dissolve>('dissolve');
  const stream = make().loop(function () {
    this.uint32be('length')
      .buffer('payload', 'length')
      .tap(function () {
        this.push(this.vars);
        this.vars = {};
      });
  });
  let found = 0;
  stream.on('data', () => found++);
  // The loop of dissolve never ends, so its stream does not end either. Wait for the last frame instead.
  for (const chunk of input.chunks) {
    if (!stream.write(chunk)) {
      await once(stream, 'drain');
    }
  }
  while (found < input.frames) {
    await once(stream, 'data');
  }
  return found;
}

interface KafkaConnection {
  processData(chunk: Buffer): void;
}

/**
 * The receiving half of a kafkajs connection, without a socket, with only the fields that its methods use.
 */
async function kafkajs({ chunks }: Input): Promise<number> {
  const Connection = await loadFile<new (...given: never) => KafkaConnection>(
    'kafkajs/src/network/connection.js',
  );
  let found = 0;
  const connection: KafkaConnection = Object.assign(Object.create(Connection.prototype), {
    chunks: [],
    bytesBuffered: 0,
    bytesNeeded: 4,
    authHandlers: null,
    requestQueue: { fulfillRequest: () => found++ },
  });
  for (const chunk of chunks) {
    connection.processData(chunk);
  }
  return found;
}

const peers: readonly PeerDecoder[] = [
  { name: 'msgpackr UnpackrStream', module: 'msgpackr', frame: behind(binary), count: msgpackr },
  {
    name: 'length-prefixed-stream',
    module: 'length-prefixed-stream',
    frame: behind(varint),
    count: lengthPrefixedStream,
  },
  {
    name: 'framed-stream',
    module: 'framed-stream',
    frame: behind(littleEndian),
    count: framedStream,
  },
  { name: 'frame-stream', module: 'frame-stream', frame: behind(u32), count: frameStream },
  { name: 'ws Receiver', module: 'ws', frame: behind(webSocket), count: wsReceiver },
  { name: 'kafkajs', module: 'kafkajs', frame: behind(kafka), count: kafkajs },
  {
    name: 'yamux',
    module: '@chainsafe/libp2p-yamux',
    frame: behind(yamux),
    count: yamuxDecoder,
  },
  {
    name: 'it-length-prefixed',
    module: 'it-length-prefixed',
    frame: behind(varint),
    count: itLengthPrefixedSync,
  },
  {
    name: 'it-length-prefixed, async',
    module: 'it-length-prefixed',
    frame: behind(varint),
    count: itLengthPrefixedAsync,
  },
  { name: 'dissolve', module: 'dissolve', frame: behind(u32), count: dissolve },
  {
    name: 'vscode-jsonrpc, with its JSON',
    module: 'vscode-jsonrpc',
    frame: jsonRpc,
    count: vscodeJsonRpc,
  },
];

const MIB = 1024 * 1024;
/** With payloads below this length the input is shorter: a turn of a slow decoder would take many seconds. */
const SMALL_PAYLOAD = 1024;

function inputLength(name: string, payloadLength: number): number {
  if (payloadLength >= SMALL_PAYLOAD) {
    return 48 * MIB;
  }
  return name.startsWith('vscode') ? MIB : 12 * MIB;
}

/** The installed decoders of others, as contenders on payloads of one length. */
export function peerDecoders(payloadLength: number): Record<string, Contender> {
  const installed = peers.filter(({ module }) => isInstalled(module));
  return Object.fromEntries(
    installed.map(({ name, frame, count }) => {
      const make = (): Input => inputOf(frame(payloadLength), inputLength(name, payloadLength));
      return [name, passes(make, count)];
    }),
  );
}
