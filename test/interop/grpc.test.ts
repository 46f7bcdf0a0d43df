// gRPC: its messages inside of HTTP/2 streams of Node, with @grpc/grpc-js on the other end.

import { once } from 'node:events';
import { connect, constants, createServer } from 'node:http2';
import type { ServerHttp2Stream } from 'node:http2';
import { Client, credentials, Server, ServerCredentials } from '@grpc/grpc-js';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { formats, framed, lengthPrefixed } from '../../src/entries/main.ts';
import { portOf } from '../support/sockets.ts';

const grpc = lengthPrefixed(formats.grpc);
const path = '/unstick.Echo/Echo';
const messages = [
  'hello',
  '',
  '\u7c98\u5305',
  'x'.repeat(100_000),
  ...Array.from({ length: 500 }, (_, i) => `${i}`),
];
const same = (bytes: Buffer): Buffer => bytes;
const timeout = 60_000;

/** Answers each message with itself. The status of the call stands in trailers. */
async function answer(stream: ServerHttp2Stream): Promise<void> {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  const conn = framed(stream, grpc);
  for await (const parts of conn) {
    await conn.send(parts);
  }
  await conn.end();
}

describe('gRPC with @grpc/grpc-js', () => {
  test('its client understands our frames, and we understand its', async () => {
    const server = createServer();
    const answered: Promise<void>[] = [];
    server.on('stream', (stream) => answered.push(answer(stream)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = new Client(`127.0.0.1:${portOf(server)}`, credentials.createInsecure());
    const call = client.makeBidiStreamRequest(path, same, same);
    for (const message of messages) {
      call.write(Buffer.from(message));
    }
    call.end();
    const received: Buffer[] = await call.toArray();
    expect(received.map(String)).toEqual(messages);
    await Promise.all(answered);
    client.close();
    server.close();
  });

  test('its server understands our frames, and we understand its', async () => {
    const server = new Server();
    const method = {
      path,
      requestStream: true,
      responseStream: true,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    } as const;
    server.addService(
      { Echo: method },
      {
        Echo(call: ServerDuplexStream<Buffer, Buffer>) {
          call.on('data', (message: Buffer) => call.write(message));
          call.on('end', () => call.end());
        },
      },
    );
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) {
          resolve(bound);
        } else {
          reject(error);
        }
      });
    });
    const session = connect(`http://127.0.0.1:${port}`);
    const { HTTP2_METHOD_POST } = constants;
    const stream = session.request({
      ':method': HTTP2_METHOD_POST,
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const conn = framed(stream, grpc);
    const sent = (async () => {
      for (const message of messages) {
        await conn.send({ before: Uint8Array.of(0), payload: Buffer.from(message) });
      }
    })();
    const received: string[] = [];
    while (received.length < messages.length) {
      const parts = await conn.receive({ timeout });
      if (parts === undefined) {
        throw new Error(`ended after ${received.length} messages`);
      }
      received.push(Buffer.from(parts.payload).toString());
    }
    await sent;
    expect(received).toEqual(messages);
    await conn.end();
    expect(await conn.receive({ timeout })).toBeUndefined();
    session.close();
    await once(session, 'close');
    server.forceShutdown();
  });
});
