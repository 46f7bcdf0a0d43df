// vscode-jsonrpc over TCP: requests from its side to ours, and from ours to its.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { describe, expect, test, onTestFinished } from 'vitest';
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { contentLength, framed, serve } from '../../src/entries/main.ts';
import { portOf } from '../support/sockets.ts';

const codec = contentLength();
const timeout = 60_000;
const words = '\u7c98\u5305'.repeat(1000);

interface Call {
  readonly id: number;
  readonly params: readonly [string, number];
}

function talk(socket: Socket): MessageConnection {
  const connection = createMessageConnection(
    new StreamMessageReader(socket),
    new StreamMessageWriter(socket),
  );
  connection.onRequest('repeat', (text: string, times: number) => text.repeat(times));
  connection.listen();
  return connection;
}

const parse = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

describe('vscode-jsonrpc', () => {
  test('is answered by us', async () => {
    const server = serve(
      codec,
      async (conn) => {
        for await (const bytes of conn) {
          const { id, params } = parse(bytes) as Call;
          const result = params[0].repeat(params[1]);
          await conn.send(Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, result })));
        }
        await conn.end();
      },
      { port: 0, host: '127.0.0.1' },
    );
    onTestFinished(() => server.close());
    await server.ready;
    const socket = connect(server.port, '127.0.0.1');
    const connection = talk(socket);
    const answers = [0, 1, 2, 30].map((times) =>
      connection.sendRequest<string>('repeat', words, times),
    );
    expect(await Promise.all(answers)).toEqual([0, 1, 2, 30].map((times) => words.repeat(times)));
    connection.dispose();
    socket.destroy();
  });

  test('answers us', async () => {
    const server = createServer(talk);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
    });
    const conn = framed(connect(portOf(server), '127.0.0.1'), codec);
    for (const id of [0, 1, 2]) {
      const call = { jsonrpc: '2.0', id, method: 'repeat', params: [words, id] };
      await conn.send(Buffer.from(JSON.stringify(call)));
    }
    for (const id of [0, 1, 2]) {
      const bytes = await conn.receive({ timeout });
      expect(parse(bytes ?? new Uint8Array(0))).toMatchObject({ id, result: words.repeat(id) });
    }
    await conn.end();
  });
});
