// What a remote sends to each server: how it gets in, and what it can do then. These are bytes, because a
// proper client would not send such things.

import { messages } from '../../src/entries/main.ts';
import type { JsonObject } from '../../src/message/json-header.ts';

export interface Language {
  /** The first half of what a remote must say to be let in. */
  readonly half: Uint8Array;
  /** All that a remote must say to be let in. */
  readonly whole: Uint8Array;
  /** Half a message of a remote that was let in. */
  readonly halfMessage: Uint8Array;
  /** A request that is answered with 64 KiB. */
  readonly request: (i: number) => Uint8Array;
  /** The beginning of a large message or body that the server does not read, and one small piece of it. */
  readonly large?: Uint8Array;
  readonly piece?: Uint8Array;
  /** Begins a channel or stream, and resets it. */
  readonly reset?: (i: number) => Uint8Array;
  readonly ping?: (i: number) => Uint8Array;
}

const codec = messages();

function message(header: JsonObject, body = Buffer.alloc(0)): Buffer {
  return Buffer.concat(codec.encode({ header, body }));
}

function halved(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.length >> 1);
}

const frames: Language = {
  half: Buffer.from('0000', 'hex'),
  whole: Buffer.alloc(0),
  halfMessage: Buffer.from('0000000568', 'hex'),
  request: () => Buffer.from('0000000161', 'hex'),
  large: Buffer.from('00700000', 'hex'),
  piece: Buffer.from('x'),
};

const hello = message({
  kind: 'hello',
  version: 1,
  window: 262_144,
  maxChannels: 128,
  maxPendingRequests: 128,
  maxHeaderLength: 16_384,
  maxBodyLength: 1_048_576,
  maxPendingHeaderLength: 262_144,
});

const peers: Language = {
  half: halved(hello),
  whole: hello,
  halfMessage: halved(message({ kind: 'request', id: 1, name: 'get' })),
  request: (i) => message({ kind: 'request', id: i, name: 'get' }),
  large: message({ kind: 'open', channel: 1, name: 'put' }),
  piece: message({ kind: 'bytes', channel: 1 }, Buffer.from('x')),
  reset: (i) =>
    Buffer.concat([
      message({ kind: 'open', channel: i, name: 'put' }),
      message({ kind: 'reset', channel: i }),
    ]),
  ping: (i) => message({ kind: 'ping', id: i }),
};

/** A WebSocket frame of a client, masked with zeros. */
function webSocketFrame(first: number, payload: string): Buffer {
  const head = Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]);
  return Buffer.concat([head, Buffer.from(payload)]);
}

const upgrade = Buffer.from(
  'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
);

const ws: Language = {
  half: halved(upgrade),
  whole: upgrade,
  halfMessage: halved(webSocketFrame(0x82, 'hello')),
  request: () => webSocketFrame(0x82, 'a'),
  large: webSocketFrame(0x02, 'a'),
  piece: webSocketFrame(0x00, 'x'),
  ping: () => webSocketFrame(0x89, ''),
};

function http2Frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const EMPTY = Buffer.alloc(0);
const preface = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  http2Frame(4, 0, 0, EMPTY),
]);
/** `:method` GET or POST, `:scheme` http, `:path` /, `:authority` x. */
const headers = (method: number): Buffer => Buffer.from([method, 0x86, 0x84, 0x41, 1, 0x78]);
const GET = headers(0x82);
const POST = headers(0x83);
const CANCEL = Buffer.from('00000008', 'hex');

const http2: Language = {
  half: preface.subarray(0, 12),
  whole: preface,
  halfMessage: halved(http2Frame(1, 5, 1, GET)),
  request: (i) => http2Frame(1, 5, 2 * i + 1, GET),
  large: http2Frame(1, 4, 1, POST),
  piece: http2Frame(0, 0, 1, Buffer.from('x')),
  reset: (i) =>
    Buffer.concat([http2Frame(1, 4, 2 * i + 1, POST), http2Frame(3, 0, 2 * i + 1, CANCEL)]),
  ping: () => http2Frame(6, 0, 0, Buffer.alloc(8)),
};

export const languages: Readonly<Record<string, Language>> = { serve: frames, peers, ws, http2 };
