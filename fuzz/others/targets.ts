// The decoders of others, each attached as its README says, with the options that make it strictest.
// A peer is made only when it is proven: nothing is loaded before.

import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import type { Duplex, Readable, Transform } from 'node:stream';
import type { DecoderTarget, ProveDecoderOptions } from '../../src/prove/decoder/options.ts';
import { load } from './load.ts';
import { overSocket } from './socket-bridge.ts';

type Options = ProveDecoderOptions<never, unknown>;

export interface Proving {
  readonly target: DecoderTarget<never, unknown>;
  readonly options: Options;
}

export interface Peer {
  readonly name: string;
  /** What it is given besides bytes. */
  readonly how: string;
  make(): Promise<Proving>;
}

const limit = 8 * 1024 * 1024;
const payloads = ['hi', '', 'a longer one'].map((word) => Buffer.from(word));
const objects = [{ id: 1 }, {}, { name: '粘包' }];

/** Samples and long frames of a format, by its way to put one payload on the wire. */
function framesBy<T>(
  values: readonly T[],
  wire: (value: T) => Buffer,
  long: (n: number) => T,
): Options {
  return {
    samples: [{ frames: values.map(wire), values }],
    frameOf: (length) => wire(long(length)),
  };
}

const bytesBy = (wire: (payload: Buffer) => Buffer): Options =>
  framesBy<Buffer>(payloads, wire, (length) => Buffer.alloc(length));

const objectsBy = (wire: (object: object) => Buffer): Options =>
  framesBy<object>(objects, wire, (length) => ({ text: 'x'.repeat(length) }));

function u32(value: number, little = false): Buffer {
  const prefix = Buffer.alloc(4);
  if (little) {
    prefix.writeUInt32LE(value);
  } else {
    prefix.writeUInt32BE(value);
  }
  return prefix;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + 128);
  }
  return Buffer.from([...bytes, rest]);
}

/** The length of length-prefix-framed-stream: one byte, or 0xfd and two, or 0xfe and four. */
function compact(value: number): Buffer {
  if (value < 0xfd) {
    return Buffer.from([value]);
  }
  if (value > 0xffff) {
    return Buffer.concat([Buffer.from([0xfe]), u32(value, true)]);
  }
  return Buffer.from([0xfd, value & 0xff, value >> 8]);
}

const withU32Be = (payload: Buffer): Buffer => Buffer.concat([u32(payload.length), payload]);
const withU32Le = (payload: Buffer): Buffer => Buffer.concat([u32(payload.length, true), payload]);
const withCompact = (payload: Buffer): Buffer => Buffer.concat([compact(payload.length), payload]);
const withVarint = (payload: Buffer): Buffer => Buffer.concat([varint(payload.length), payload]);

function jsonAfterHash(object: object): Buffer {
  const text = JSON.stringify(object);
  return Buffer.from(`${Buffer.byteLength(text)}#${text}`);
}

function jsonAfterU32(object: object): Buffer {
  return withU32Be(Buffer.from(JSON.stringify(object)));
}

function jsonAfterHeader(object: object): Buffer {
  const text = Buffer.from(JSON.stringify(object));
  return Buffer.concat([Buffer.from(`Content-Length: ${text.length}\r\n\r\n`), text]);
}

/** Whatever a decoder gives for bytes, as bytes. */
const asBytes = (values: readonly unknown[]): readonly unknown[] =>
  values.map((value) => (value instanceof Uint8Array ? Uint8Array.from(value) : value));

interface ByteList {
  subarray(): Uint8Array;
}

async function lengthPrefixedStream(): Promise<Proving> {
  const { decode } = await load<{ decode: (options: object) => Transform }>(
    'length-prefixed-stream',
  );
  const options = bytesBy(withVarint);
  return { target: { transform: () => decode({ limit, allowEmpty: true }) }, options };
}

async function framedStream(): Promise<Proving> {
  const FramedStream = await load<new (raw: Duplex) => Duplex>('framed-stream');
  const target = overSocket((socket, outlet) => {
    const framed = new FramedStream(socket);
    framed.on('data', outlet.value);
    framed.on('error', outlet.fail);
    return once(framed, 'end');
  });
  return { target, options: bytesBy(withU32Le) };
}

async function frameStream(): Promise<Proving> {
  const { decode } = await load<{ decode: (options: object) => Transform }>('frame-stream');
  const transform = (): Transform => decode({ maxSize: limit, readableObjectMode: true });
  return { target: { transform }, options: { ...bytesBy(withU32Be), normalize: asBytes } };
}

async function lengthPrefixFramedStream(): Promise<Proving> {
  const name = 'length-prefix-framed-stream';
  const { Decode } = await load<{ Decode: new (options: object) => Transform }>(name);
  const transform = (): Transform => new Decode({ readableObjectMode: true });
  return { target: { transform }, options: bytesBy(withCompact) };
}

type DecodeIterable = (chunks: AsyncIterable<Uint8Array>, o: object) => AsyncIterable<ByteList>;

async function itLengthPrefixed(): Promise<Proving> {
  const { decode } = await load<{ decode: DecodeIterable }>('it-length-prefixed');
  async function* iterable(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const frame of decode(chunks, { maxDataLength: limit })) {
      yield frame.subarray();
    }
  }
  return { target: { iterable }, options: bytesBy(withVarint) };
}

interface LengthPrefixedMessage {
  readonly read: (stream: Readable, callback: (message: Buffer) => void) => void;
}

async function lengthPrefixedMessage(): Promise<Proving> {
  const { read } = await load<LengthPrefixedMessage>('length-prefixed-message');
  const target = overSocket((socket, outlet) => {
    const next = (message: Buffer): void => {
      outlet.value(message);
      read(socket, next);
    };
    read(socket, next);
  });
  return { target, options: bytesBy(withVarint) };
}

interface Emitter {
  on(event: string, listener: (value: unknown) => void): void;
}

async function jsonSocket(): Promise<Proving> {
  const JsonSocket = await load<new (socket: Duplex) => Emitter>('json-socket');
  const target = overSocket((socket, outlet) => {
    new JsonSocket(socket).on('message', outlet.value);
  });
  return { target, options: objectsBy(jsonAfterHash) };
}

async function jsonLengthDelimited(): Promise<Proving> {
  const name = 'json-length-delimited-stream';
  const JsonStream = await load<new (socket: Duplex) => Duplex>(name);
  const target = overSocket((socket, outlet) => {
    const stream = new JsonStream(socket);
    stream.on('data', outlet.value);
    stream.on('error', outlet.fail);
    return once(stream, 'end');
  });
  return { target, options: objectsBy(jsonAfterU32) };
}

interface MessageReader {
  listen(callback: (message: unknown) => void): void;
  onError(callback: (error: Error) => void): void;
}

interface JsonRpc {
  StreamMessageReader: new (readable: Readable) => MessageReader;
}

async function vscodeJsonrpc(): Promise<Proving> {
  const { StreamMessageReader } = await load<JsonRpc>('vscode-jsonrpc/node');
  const target = overSocket((socket, outlet) => {
    const reader = new StreamMessageReader(socket);
    reader.onError(outlet.fail);
    reader.listen(outlet.value);
  });
  return { target, options: objectsBy(jsonAfterHeader) };
}

interface MessagePack {
  readonly encode: (value: unknown) => Uint8Array;
  readonly decodeMultiStream: (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<unknown>;
}

async function messagePack(): Promise<Proving> {
  const { encode, decodeMultiStream } = await load<MessagePack>('@msgpack/msgpack');
  const options = bytesBy((payload) => Buffer.from(encode(payload)));
  return { target: { iterable: decodeMultiStream }, options: { ...options, normalize: asBytes } };
}

async function split2(): Promise<Proving> {
  const split = await load<() => Transform>('split2');
  const lines = ['plain', 'naïve', '粘包'];
  const options = framesBy(
    lines,
    (line) => Buffer.from(`${line}\n`),
    (n) => 'x'.repeat(n),
  );
  return { target: { transform: split }, options: { ...options, without: ['truncation'] } };
}

export const peers: readonly Peer[] = [
  { name: '@msgpack/msgpack', how: 'decodeMultiStream', make: messagePack },
  { name: 'frame-stream', how: 'maxSize, readableObjectMode', make: frameStream },
  { name: 'framed-stream', how: '', make: framedStream },
  { name: 'it-length-prefixed', how: 'maxDataLength', make: itLengthPrefixed },
  { name: 'json-length-delimited-stream', how: '', make: jsonLengthDelimited },
  { name: 'json-socket', how: '', make: jsonSocket },
  {
    name: 'length-prefix-framed-stream',
    how: 'readableObjectMode',
    make: lengthPrefixFramedStream,
  },
  { name: 'length-prefixed-message', how: '', make: lengthPrefixedMessage },
  { name: 'length-prefixed-stream', how: 'limit, allowEmpty', make: lengthPrefixedStream },
  { name: 'split2', how: 'lines; a last one without an end is a line by design', make: split2 },
  { name: 'vscode-jsonrpc', how: 'StreamMessageReader', make: vscodeJsonrpc },
];
