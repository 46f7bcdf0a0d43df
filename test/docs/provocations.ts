// One way to provoke each error code, as a user would: docs/errors.md shows the message that it gives.

import { createServer, connect } from 'node:net';
import type { Server, Socket } from 'node:net';
import { once } from 'node:events';
import { Duplex, Readable } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import {
  defineCodec,
  delimited,
  framed,
  lengthPrefixed,
  messages,
  messageStream,
  resync,
  slip,
} from '../../src/entries/main.ts';
import type { Codec, Decoder, ErrorCode } from '../../src/entries/main.ts';
import { CaptureReader } from '../../src/capture/capture-reader.ts';
import { chop } from '../../src/chop/proxy.ts';
import { connect as connectPeer, listen, peer, RemoteError } from '../../src/entries/peer.ts';
import type { Peer, PeerOptions } from '../../src/entries/peer.ts';
import { assertProven } from '../../src/prove/decoder/report.ts';
import { proveDecoder } from '../../src/prove/decoder/prove-decoder.ts';
import { parseDialogue } from '../../src/prove/dialogue/parse.ts';
import { parseSchedules } from '../../src/schedule/schedule.ts';

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const text = (words: string): Buffer => Buffer.from(words);
const frame = (payload: Uint8Array): Buffer => Buffer.concat(lengthPrefixed().encode(payload));
const header = (json: string): Buffer => frame(text(json));

/** Decodes all of the input. */
function decode(codec: { decoder(): Decoder<unknown> }, input: Uint8Array): unknown[] {
  const decoder = codec.decoder();
  decoder.push(input);
  decoder.end();
  return [...decoder];
}

/** A duplex that gives these bytes and then rests, or ends; it swallows what is written, or never does. */
function wire(given: readonly Uint8Array[], { ends = false, writes = true } = {}): Duplex {
  const duplex = new Duplex({
    read() {},
    write(_bytes, _encoding, done) {
      if (writes) {
        done();
      }
    },
  });
  for (const chunk of given) {
    duplex.push(chunk);
  }
  if (ends) {
    duplex.push(null);
  }
  return duplex;
}

/** What the last call in a frame's visitor throws. */
function usedInsideScan(): void {
  const decoder = lengthPrefixed().decoder();
  decoder.scan(frame(text('hello')), () => decoder.take());
}

/** The free port that it was given. */
async function portOf(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

async function resetByRemote(): Promise<void> {
  const server = createServer((socket: Socket) =>
    socket.once('data', () => socket.resetAndDestroy()),
  );
  const port = await portOf(server);
  const connection = framed(connect(port, '127.0.0.1'));
  try {
    await connection.send(text('hello'));
    await connection.receive();
  } finally {
    connection.destroy();
    server.close();
  }
}

async function portTaken(): Promise<void> {
  const server = createServer();
  const port = await portOf(server);
  const here = { host: '127.0.0.1', port };
  try {
    await chop({ listen: here, to: here });
  } finally {
    server.close();
  }
}

async function readTooLate(): Promise<void> {
  const two = [header('{"bodyLength":2}'), text('hi'), header('{}')];
  const stream = messageStream(wire(two));
  const first = await stream.receive();
  await stream.receive();
  await first?.text();
}

async function afterDestroy(): Promise<void> {
  const connection = framed(wire([]));
  connection.destroy();
  await connection.receive();
}

async function withoutAwaiting(): Promise<void> {
  const connection = framed(wire([], { writes: false }), lengthPrefixed(), {
    maxQueuedLength: 1000,
  });
  void connection.send(new Uint8Array(900));
  await connection.send(new Uint8Array(900));
}

async function twoReaders(): Promise<void> {
  const connection = framed(wire([]));
  const first = connection.receive();
  try {
    await connection.receive();
  } finally {
    connection.destroy();
    await first.catch(() => undefined);
  }
}

const aHello = (version: number): Buffer =>
  header(
    `{"kind":"hello","version":${version},"window":1000,"maxChannels":1,"maxPendingRequests":1,"maxHeaderLength":1000,"maxBodyLength":5000}`,
  );

/** What becomes of a peer whose other side says this and then nothing. */
async function peerFed(given: readonly Uint8Array[], options: PeerOptions = {}): Promise<void> {
  const one = peer(wire(given), { heartbeatInterval: Infinity, ...options });
  const failure = await one.closed;
  if (failure !== undefined) {
    throw failure;
  }
}

/** What a call of a client on a server ends with. */
async function called(serve: (one: Peer) => void, call: (one: Peer) => unknown): Promise<void> {
  const server = listen(serve);
  await server.ready;
  const client = await connectPeer({ port: server.port });
  try {
    await call(client);
  } finally {
    client.destroy();
    await server.close();
  }
}

async function nobodyListens(): Promise<void> {
  const server = createServer();
  const port = await portOf(server);
  await once(server.close(), 'close');
  await connectPeer({ port });
}

async function resetChannel(): Promise<void> {
  await called(
    (one) => one.handleChannel('log', (channel) => channel.reset('no room')),
    (one) => readText(one.open('log')),
  );
}

/** Forgets what it holds back when the next chunk comes: a very common decoder. */
const forgetful: { decoder(): Decoder<Uint8Array> } = {
  decoder() {
    const codec: Codec<Uint8Array> = lengthPrefixed();
    let inner = codec.decoder();
    return {
      push(chunk) {
        if (inner.bufferedLength > 0) {
          inner = codec.decoder();
        }
        inner.push(chunk);
      },
      end: () => inner.end(),
      take: () => inner.take(),
      get done() {
        return inner.done;
      },
      get bufferedLength() {
        return inner.bufferedLength;
      },
      *[Symbol.iterator]() {
        yield* inner;
      },
    };
  },
};

async function sentInsideCodec(): Promise<void> {
  let inner: Promise<void> | undefined;
  const trailer = {
    length: 1,
    compute: () => {
      inner ??= connection.send(text('inner'));
      return Uint8Array.of(0);
    },
  };
  const connection = framed(wire([]), lengthPrefixed({ trailer }));
  await connection.send(text('outer'));
  await inner;
}

async function brokenDecoder(): Promise<void> {
  const samples = [{ frames: [frame(text('hi'))], values: [text('hi')] }];
  assertProven(await proveDecoder(forgetful, { samples, seed: 1, only: ['cut-invariance'] }));
}

const json = { maxHeaderLength: 100, maxBodyLength: 1000 };

export const provocations: Record<ErrorCode, () => unknown> = {
  ERR_OPTION: () => lengthPrefixed({ prefix: 'varint', counts: ['prefix', 'payload'] }),
  ERR_FRAME_UNENCODABLE: () => lengthPrefixed({ prefix: 'u8' }).encode(new Uint8Array(300)),
  ERR_DECODER_ENDED: () => {
    const decoder = lengthPrefixed().decoder();
    decoder.end();
    decoder.push(text('more'));
  },
  ERR_DECODER_BUSY: usedInsideScan,
  ERR_SKIP_UNFINISHED: () => {
    const decoder = lengthPrefixed({ maxPayloadLength: 1 }).decoder({ onSkip: () => undefined });
    decoder.push(bytes('00000005 68'));
    decoder.take();
    decoder.takeRest();
  },
  ERR_CHUNK_DETACHED: () => {
    const decoder = lengthPrefixed().decoder();
    const chunk = new Uint8Array(bytes('00000001 61'));
    decoder.push(chunk);
    structuredClone(chunk.buffer, { transfer: [chunk.buffer] });
    decoder.take();
  },
  ERR_FRAME_TOO_LARGE: () => decode(lengthPrefixed(), text('GET / HTTP/1.1\r\n')),
  ERR_FRAME_LENGTH_INVALID: () => decode(lengthPrefixed({ prefix: 'i32be' }), bytes('ffffffff')),
  ERR_PREFIX_MALFORMED: () => decode(lengthPrefixed({ prefix: 'varint' }), bytes('ffffffffffff')),
  ERR_FRAME_TRUNCATED: () => decode(lengthPrefixed(), bytes('00000005 68656c')),
  ERR_FRAME_MAGIC: () => decode(lengthPrefixed({ before: text('AMQP') }), text('HTTP/1.1 400')),
  ERR_FRAME_MALFORMED: () => {
    const facts = 'A netstring starts with decimal digits and a colon';
    const codec = defineCodec<never>({
      encode: () => text('0:,'),
      next: (queue) => queue.refuse(facts, { hint: 'Write each like 5:hello,' }),
    });
    return decode(codec, text('hello'));
  },
  ERR_FRAME_CHECKSUM: () => {
    const trailer = { length: 1, compute: (all: Uint8Array) => all.slice(-1) };
    return decode(lengthPrefixed({ trailer }), bytes('00000002 6869 ff'));
  },
  ERR_FRAME_ESCAPE: () => decode(delimited({ end: 'c0', escape: slip }), bytes('61 db 62 c0')),
  ERR_NOISE: () =>
    decode(lengthPrefixed({ before: '23 23', resync: resync() }), text('GET / HTTP/1.1\r\n')),
  ERR_FRAME_STALLED: () =>
    framed(wire([bytes('00000005 6865')]), lengthPrefixed(), { frameTimeout: 20 }).receive(),
  ERR_MESSAGE_HEADER_TOO_LARGE: () => decode(messages(json), bytes('0000 1000')),
  ERR_MESSAGE_HEADER_INVALID: () => decode(messages(json), header('{"name":')),
  ERR_MESSAGE_BODY_LENGTH: () => decode(messages(json), header('{"bodyLength":-1}')),
  ERR_MESSAGE_BODY_MISMATCH: () =>
    messageStream(wire([])).send({ header: {}, body: Readable.from(['hi']), bodyLength: 5 }),
  ERR_BODY_TOO_LARGE: () => decode(messages(json), header('{"bodyLength":4096}')),
  ERR_MESSAGE_BODY_INVALID: async () => {
    const given = [header('{"bodyLength":2}'), text('hi')];
    await (await messageStream(wire(given)).receive())?.json();
  },
  ERR_BODY_DISCARDED: readTooLate,
  ERR_CONNECTION_CLOSED: afterDestroy,
  ERR_CONNECTION_LOST: resetByRemote,
  ERR_IDLE: () => framed(wire([]), lengthPrefixed(), { idleTimeout: 20 }).receive(),
  ERR_TIMEOUT: () => framed(wire([])).receive({ timeout: 20 }),
  ERR_ABORTED: () => framed(wire([])).receive({ signal: AbortSignal.abort() }),
  ERR_SEND_STALLED: () => {
    const deaf = new Duplex({ read: () => undefined, write: () => undefined });
    return framed(deaf, lengthPrefixed(), { sendTimeout: 20 }).send(new Uint8Array(100_000));
  },
  ERR_ENCODER_BUSY: sentInsideCodec,
  ERR_QUEUE_FULL: withoutAwaiting,
  ERR_SCHEDULE: () => parseSchedules('{"v":1,"seed":0,"direction":"to-server","ops":["cut two"]}'),
  ERR_DIALOGUE: () => parseDialogue('{"version":1,"steps":[{"from":"remote","say":[]}]}'),
  ERR_CAPTURE: () => new CaptureReader().push(new Uint8Array(4), () => undefined),
  ERR_LISTEN: portTaken,
  ERR_NOT_PROVEN: brokenDecoder,
  ERR_CONCURRENT_READ: twoReaders,
  ERR_CONNECT: nobodyListens,
  ERR_PEER_PROTOCOL: () => peerFed([header('{"kind":"greeting"}')]),
  ERR_PEER_VERSION: () => peerFed([aHello(2)]),
  ERR_PEER_SILENT: () => peerFed([], { helloTimeout: 20 }),
  // The second ping would be paid after 20 s, which is a flood at once.
  ERR_PEER_FLOOD: () =>
    peerFed([aHello(1), ...[1, 2].map((id) => header(`{"kind":"ping","id":${id}}`))], {
      floodBurst: 1,
      floodRate: 0.05,
    }),
  ERR_CHANNEL_RESET: resetChannel,
  ERR_REMOTE: () =>
    called(
      (one) =>
        one.handle('read', () => {
          throw new RemoteError('E_NO_FILE', 'There is no such file.', { details: { name: 'a' } });
        }),
      (one) => one.request('read', { name: 'a' }),
    ),
};

/** What a provocation throws or rejects with. */
export async function provoked(code: ErrorCode): Promise<unknown> {
  try {
    await provocations[code]();
  } catch (error) {
    return error;
  }
  return undefined;
}
