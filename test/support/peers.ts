// Peers on real sockets, and remotes played by hand. All are closed when the test is over.

import { once } from 'node:events';
import { connect as connectSocket, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { connect, listen } from '../../src/entries/peer.ts';
import type {
  ConnectOptions,
  Peer,
  PeerListenOptions,
  PeerServer,
} from '../../src/entries/peer.ts';
import type { JsonObject } from '../../src/message/json-header.ts';
import { messages } from '../../src/entries/main.ts';
import { join } from './bytes.ts';
import { portOf } from './sockets.ts';

/** A server that is listening. Errors that it reports to `onError` are kept in `errors`. */
export async function startPeers(
  setup: (peer: Peer) => unknown,
  options: PeerListenOptions = {},
): Promise<PeerServer & { readonly errors: unknown[] }> {
  const errors: unknown[] = [];
  const server = listen(setup, { onError: (error) => void errors.push(error), ...options });
  onTestFinished(() => server.close({ within: 0 }));
  await server.ready;
  return Object.assign(server, { errors });
}

export async function dialPeer(port: number, options: ConnectOptions = {}): Promise<Peer> {
  const peer = await connect({ port }, options);
  onTestFinished(() => peer.destroy());
  return peer;
}

/** Two connected peers. `there` is on the server and has the handlers of `setup`. */
export async function twoPeers(
  setup: (peer: Peer) => unknown,
  options: PeerListenOptions = {},
  dialing: ConnectOptions = {},
): Promise<{ here: Peer; there: Peer; errors: unknown[] }> {
  let there: Peer | undefined;
  const server = await startPeers((peer) => {
    there = peer;
    return setup(peer);
  }, options);
  const here = await dialPeer(server.port, dialing);
  if (there === undefined) {
    throw new Error('the client is connected, but the server has made no peer');
  }
  return { here, there, errors: server.errors };
}

const codec = messages();

export function messageBytes(header: JsonObject, body: Uint8Array | string = ''): Uint8Array {
  return join(codec.encode({ header, body }));
}

/** The hello message of a peer with default options. */
export const HELLO: Uint8Array = messageBytes({
  kind: 'hello',
  version: 1,
  window: 262_144,
  maxChannels: 128,
  maxPendingRequests: 128,
  maxHeaderLength: 16_384,
  maxBodyLength: 1_048_576,
  maxPendingHeaderLength: 262_144,
});

/** A server that is played by hand: `onSocket` is called with each connection. Gives the port. */
export async function playServer(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) {
      socket.destroy();
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return portOf(server);
}

/** A client that is played by hand. */
export async function playClient(port: number): Promise<Socket> {
  const socket = connectSocket({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** All bytes that arrive until the socket closes, by an end or by a reset. */
export function readToClose(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    socket.once('close', () => resolve(Buffer.concat(chunks)));
  });
}
