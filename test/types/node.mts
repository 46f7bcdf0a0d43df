// What the types of `unstick` promise to a program of node. Compiled by types.test.ts, never run: a
// wrong type is an error of the compiler.

import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  contentLength,
  decodeStream,
  dial,
  encodeStream,
  formats,
  framed,
  headerPrefixed,
  lengthPrefixed,
  messages,
  messageStream,
  netstrings,
  rawBytes,
  serve,
} from 'unstick';
import type { Bytes, Codec, CodecPair, Connection, NodeBytes } from 'unstick';

/** True where the two are one type, `any` being like nothing else. */
type Is<A, B> = 0 extends 1 & A ? false : [A, B] extends [B, A] ? true : false;

declare function holds<Claim extends true>(claim?: Claim): Claim;
declare function digest(bytes: Parameters<typeof crypto.subtle.digest>[1]): Promise<unknown>;
declare function blobOf(part: ConstructorParameters<typeof Blob>[0]): Blob;
declare const own: Codec<string, { readonly text: string }>;
declare const pair: CodecPair<Uint8Array, string>;
declare const maybe: ReturnType<typeof lengthPrefixed> | undefined;
const socket = connect(1);

export async function framesOfServersAndClients(): Promise<void> {
  serve(lengthPrefixed(), async (connection) => {
    for await (const frame of connection) {
      holds<Is<typeof frame, NodeBytes>>();
    }
  });
  serve(lengthPrefixed(formats.postgres), async (connection) => {
    for await (const { payload, before } of connection) {
      holds<Is<typeof payload, NodeBytes>>();
      before?.readUInt8(0);
    }
  });
  serve(
    own,
    async (connection) => {
      holds<Is<typeof connection, Connection<string, { readonly text: string }>>>();
    },
    { onError: (_, connection) => connection?.destroy() },
  );
  serve(pair, (connection) => {
    holds<Is<typeof connection, Connection<Uint8Array, string>>>();
  });
  const client = await dial(lengthPrefixed(), { port: 1 });
  holds<Is<typeof client, Connection<Uint8Array, NodeBytes>>>();
  const parts = await (await dial(lengthPrefixed(formats.postgres), { port: 1 })).receive();
  parts?.payload.readUInt8(0);
  const texts = await dial(own, { port: 1 });
  holds<Is<typeof texts, Connection<string, { readonly text: string }>>>();
}

export async function framesOfConnections(): Promise<void> {
  const connection = framed(socket);
  for await (const frame of connection) {
    holds<Is<typeof frame, NodeBytes>>();
    frame.readUInt8(0);
    await digest(frame);
    blobOf([frame]);
  }
  for await (const frame of framed(socket, lengthPrefixed({ prefix: 'u16be' }))) {
    holds<Is<typeof frame, NodeBytes>>();
  }
  for await (const frame of framed(socket, netstrings())) {
    holds<Is<typeof frame, NodeBytes>>();
  }
  for await (const frame of framed(socket, contentLength())) {
    holds<Is<typeof frame, NodeBytes>>();
  }
  for await (const frame of framed(socket, maybe)) {
    holds<Is<typeof frame, NodeBytes>>();
  }
  for await (const bytes of framed(socket, rawBytes())) {
    holds<Is<typeof bytes, Bytes>>();
  }
  for await (const { payload, before } of framed(socket, lengthPrefixed(formats.postgres))) {
    holds<Is<typeof payload, NodeBytes>>();
    before?.readUInt8(0);
    await digest(payload);
  }
  const headered = headerPrefixed({
    header: { parse: ([length = 0]) => ({ length, flags: 'x' }) },
    headerLength: 1,
    payloadLength: ({ length }) => length,
  });
  for await (const { header, payload } of framed(socket, headered)) {
    holds<Is<typeof header.flags, string>>();
    await digest(payload);
  }
  for await (const { body } of framed(socket, messages())) {
    await digest(body);
  }
  for await (const value of framed(socket, own)) {
    holds<Is<typeof value, { readonly text: string }>>();
  }
  for await (const value of framed(socket, pair)) {
    holds<Is<typeof value, string>>();
  }
  const asBefore: Connection<Uint8Array, Uint8Array> = connection;
  await asBefore.send(Buffer.from('a Buffer'));
}

export async function framesOfStreams(): Promise<void> {
  for await (const frame of socket.pipe(decodeStream(lengthPrefixed()))) {
    holds<Is<typeof frame, NodeBytes>>();
  }
  for await (const value of socket.pipe(decodeStream(own))) {
    holds<Is<typeof value, { readonly text: string }>>();
  }
  for await (const message of socket.pipe(decodeStream(messages()))) {
    await digest(message.body);
  }
  const codec = lengthPrefixed();
  await pipeline(
    socket,
    decodeStream(codec),
    async function* (frames: AsyncIterable<Buffer>) {
      yield* frames;
    },
    encodeStream(codec),
    socket,
  );
  for await (const message of messageStream(socket)) {
    const bytes = await message.bytes();
    holds<Is<typeof bytes, NodeBytes>>();
    await digest(bytes);
  }
}

/** Under exactOptionalPropertyTypes: what is passed on may be undefined everywhere. */
export async function optionsThatAreUndefined(): Promise<void> {
  const none = { timeout: undefined, signal: undefined };
  const connection = framed(socket, undefined, {
    signal: undefined,
    frameTimeout: undefined,
    sendTimeout: undefined,
    idleTimeout: undefined,
    maxQueuedLength: undefined,
    whenFull: undefined,
    highWaterMark: undefined,
    copy: undefined,
    onSkip: undefined,
  });
  await connection.send(Buffer.alloc(1), { signal: undefined });
  await connection.receive(none);
  await connection.close({ within: undefined });
  const stream = messageStream(socket, {
    prefix: undefined,
    bodyLengthKey: undefined,
    maxHeaderLength: undefined,
    maxBodyLength: undefined,
    parseHeader: undefined,
  });
  const message = await stream.receive(none);
  await message?.bytes(none);
  await message?.text(none);
  await message?.json(none);
  await stream.send({ header: {}, body: Readable.from(['x']), bodyLength: undefined });
  await stream.close({ within: undefined });
  messages({ prefix: undefined, maxBodyLength: undefined });
  decodeStream(own, { copy: undefined, onSkip: undefined });
}
