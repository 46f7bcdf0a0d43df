// The decoders of other packages, each attached as its README says, with its strictest options. A package is
// loaded only when its target is made.

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

export interface Other {
  readonly name: string;
  /** The options or the class that are used, for the table. */
  readonly how: string;
  make(): Promise<Proving>;
}

const limit = 8 * 1024 * 1024;
const payloads = ['hi', '', 'a longer one'].map((word) => Buffer.from(word));
const objects = [{ id: 1 }, {}, { name: '粘包' }];

/** The samples of a format, and its long frames. `wire` encodes one value; `long` makes a long value. */
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

/** The prefix of length-prefix-framed-stream: one byte, or 0xfd and two bytes, or 0xfe and four. */
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

function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** Turns all kinds of byte arrays into plain Uint8Arrays. */
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

interface PduLike {
  readonly command: string;
  readonly sequence_number: number;
  /** Missing in commands without a text, which a hostile remote may send. */
  readonly short_message?: { readonly message: string };
}

interface Smpp {
  PDU: new (command: string, options: object) => { toBuffer(): Buffer };
  Session: new (options: { socket: Duplex }) => Emitter;
}

/** Describes a pdu of smpp as a text. */
function pduText(pdu: unknown): string {
  const { command, sequence_number: sequence, short_message: text } = pdu as PduLike; // See smpp's README.
  return `${command} ${sequence} ${text?.message}`;
}

async function smppSession(): Promise<Proving> {
  const { PDU, Session } = await load<Smpp>('smpp');
  const texts = ['hello', '', 'a longer one'];
  const pdus = texts.map((short_message, index) =>
    new PDU('deliver_sm', { sequence_number: index + 1, short_message }).toBuffer(),
  );
  const target = overSocket((socket, outlet) => {
    const session = new Session({ socket });
    session.on('pdu', (pdu) => outlet.value(pduText(pdu)));
    session.on('error', (error) => outlet.fail(errorOf(error)));
  });
  const values = texts.map((text, index) => `deliver_sm ${index + 1} ${text}`);
  return { target, options: { samples: [{ frames: pdus, values }] } };
}

interface Opcua {
  PacketAssembler: new (options: object) => Emitter & { feed(chunk: Buffer): void };
}

function opcuaChunk(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from('MSGF'), u32(payload.length + 8, true), payload]);
}

async function opcua(): Promise<Proving> {
  const { PacketAssembler } = await load<Opcua>('node-opcua-packet-assembler');
  const options = {
    readChunkFunc: (bytes: Buffer) => ({ length: bytes.readUInt32LE(4) }),
    minimumSizeInBytes: 8,
    maxChunkSize: limit,
  };
  const push = (emit: (value: unknown) => void, fail: (error: unknown) => void) => {
    const assembler = new PacketAssembler(options);
    assembler.on('chunk', emit);
    assembler.on('error', fail);
    return (chunk: Buffer): void => assembler.feed(chunk);
  };
  // Use the shortest chunks of OPC UA: a read of 64 KiB can have 8192 of them.
  const frames = ['', '', 'hi'].map((text) => opcuaChunk(Buffer.from(text)));
  const { frameOf } = bytesBy(opcuaChunk);
  return { target: { push }, options: { samples: [{ frames, values: frames }], frameOf } };
}

interface Sax extends Emitter {
  write(chunk: Buffer): void;
}

async function ltx(): Promise<Proving> {
  const Parser = await load<new () => Sax>('ltx/lib/parsers/ltx.js');
  const push = (emit: (value: unknown) => void, fail: (error: unknown) => void) => {
    const parser = new Parser();
    let text = '';
    parser.on('startElement', () => (text = ''));
    parser.on('text', (more) => (text += String(more)));
    parser.on('endElement', () => emit(text));
    parser.on('error', fail);
    return (chunk: Buffer): void => parser.write(chunk);
  };
  const texts = ['plain', 'naïve', '粘包'];
  const options = framesBy(
    texts,
    (text) => Buffer.from(`<m>${text}</m>`),
    (n) => 'x'.repeat(n),
  );
  return { target: { push }, options };
}

interface PacketReader {
  addChunk(chunk: Buffer): void;
  read(): Buffer | false;
}

async function packetReader(): Promise<Proving> {
  const Reader = await load<new () => PacketReader>('packet-reader');
  const push = () => {
    const reader = new Reader();
    return function* (chunk: Buffer): Generator<Buffer> {
      reader.addChunk(chunk);
      for (let packet = reader.read(); packet !== false; packet = reader.read()) {
        yield packet;
      }
    };
  };
  return { target: { push }, options: bytesBy(withU32Be) };
}

export const others: readonly Other[] = [
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
  { name: 'ltx', how: 'its own parser', make: ltx },
  { name: 'node-opcua-packet-assembler', how: 'maxChunkSize', make: opcua },
  { name: 'packet-reader', how: '', make: packetReader },
  { name: 'smpp', how: 'Session', make: smppSession },
  { name: 'split2', how: 'lines; a last line without an end is a line by design', make: split2 },
  { name: 'vscode-jsonrpc', how: 'StreamMessageReader', make: vscodeJsonrpc },
];
