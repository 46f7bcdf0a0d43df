// One of the servers that run.ts compares, in a process of its own, with its default options. It answers each
// request with 64 KiB, and does not read anything else that a remote opens. It sends its parent the port.
// Later it answers each message of the parent with the memory that it holds, and how often a handler ran.

import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import type { Server } from 'node:net';
import { lengthPrefixed, serve } from '../../src/entries/main.ts';
import { listen, reply } from '../../src/entries/peer.ts';
import { load } from '../others/load.ts';

export interface Holding {
  /** Bytes on the heap and in memory outside of it that V8 counts, after a garbage collection. */
  readonly held: number;
  readonly resident: number;
  readonly calls: number;
}

interface WebSockets {
  readonly WebSocketServer: new (options: object) => {
    on: (event: 'connection', listener: (socket: WebSocket) => void) => void;
  };
}

interface WebSocket {
  readonly on: (event: string, listener: () => void) => void;
  readonly send: (data: Uint8Array) => void;
}

const ANSWER_LENGTH = 64 * 1024;
const BACKLOG = 1024;
let calls = 0;

function answer(): Buffer {
  calls++;
  return Buffer.alloc(ANSWER_LENGTH);
}

async function listening(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1', BACKLOG), 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const servers: Readonly<Record<string, () => Promise<number>>> = {
  serve: async () => {
    const server = serve(lengthPrefixed(), async (connection) => {
      for await (const _ of connection) {
        await connection.send(answer());
      }
    });
    await server.ready;
    return server.port;
  },
  peers: async () => {
    const server = listen((peer) => {
      peer.handle('get', () => reply(null, answer()));
      peer.handleChannel('put', () => void calls++);
    });
    await server.ready;
    return server.port;
  },
  ws: async () => {
    const { WebSocketServer } = await load<WebSockets>('ws');
    const http = createHttp();
    new WebSocketServer({ server: http }).on('connection', (socket) => {
      socket.on('message', () => socket.send(answer()));
      socket.on('error', () => undefined);
    });
    return listening(http);
  },
  http2: async () => {
    const http2 = createHttp2();
    http2.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      stream.respond();
      if (headers[':method'] === 'GET') {
        stream.end(answer());
      } else {
        calls++;
      }
    });
    http2.on('sessionError', () => undefined);
    return listening(http2);
  },
};

function holding(): Holding {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { held: heapUsed + external, resident: rss, calls };
}

process.on('message', () => process.send?.(holding()));
process.on('disconnect', () => process.exit());
const start = servers[process.argv[2] ?? ''];
if (start === undefined) {
  throw new Error('There is no such server.');
}
process.send?.(await start());
