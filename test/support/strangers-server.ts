// Every kind of server in a process of its own, with short timeouts and without onError. It reports its ports
// and the resources that it holds, at its start and for each message of its parent.

import { readdirSync } from 'node:fs';
import { lengthPrefixed, serve, serveMessages } from '../../src/entries/main.ts';
import { listen, reply } from '../../src/entries/peer.ts';
import { cert, key } from './self-signed.ts';

export interface StrangersReport {
  readonly ports: Readonly<Record<string, number>>;
  /** How many connections the servers have, as they count them. */
  readonly connections: number;
  /** How many sockets and timers keep the event loop alive. */
  readonly resources: number;
  /** How many file descriptors are open; 0 where /proc/self/fd is missing. */
  readonly descriptors: number;
}

const times = { frameTimeout: 300, sendTimeout: 300, idleTimeout: 500 };
const tls = { key, cert };
const KINDS = ['TCPSocketWrap', 'TLSWrap', 'Timeout'];
const answer = (): Buffer => Buffer.alloc(64 * 1024);

const framed = [undefined, tls].map((secure) =>
  serve(
    lengthPrefixed(),
    async (connection) => {
      for await (const _ of connection) {
        await connection.send(answer());
      }
    },
    { ...times, tls: secure, handshakeTimeout: secure && 300 },
  ),
);
const [plain, encrypted] = framed;
const streams = serveMessages(async (stream) => {
  for await (const _ of stream) {
    await stream.send({ header: {}, body: answer() });
  }
}, times);
const peers = listen((peer) => peer.handle('get', () => reply(null, answer())), {
  frameTimeout: 300,
  sendTimeout: 300,
  helloTimeout: 300,
  heartbeatInterval: 300,
  heartbeatTimeout: 300,
});
await Promise.all([...framed, streams, peers].map(({ ready }) => ready));
const ports = {
  serve: plain?.port ?? 0,
  tls: encrypted?.port ?? 0,
  serveMessages: streams.port,
  listen: peers.port,
};

function descriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}

function report(): StrangersReport {
  const served = [...framed, streams].reduce((sum, { connections }) => sum + connections, 0);
  return {
    ports,
    connections: served + peers.peers.size,
    resources: process.getActiveResourcesInfo().filter((kind) => KINDS.includes(kind)).length,
    descriptors: descriptors(),
  };
}

process.on('message', () => process.send?.(report()));
process.on('disconnect', () => process.exit());
process.send?.(report());
