// Pairs of real, connected sockets, which are destroyed when their test is over, and helpers for them.

import { once } from 'node:events';
import { rm, mkdtemp } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { ListenOptions, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import { allowLending, lend } from '../../src/stream/read-buffer.ts';
import { carriedBy } from '../../src/stream/transport.ts';
import { until } from './waiting.ts';
import { cert, key } from './self-signed.ts';

/** Two ends of one connection. The test frames `near` and plays `far` by hand. */
export interface Pair<S extends Socket = Socket> {
  readonly near: S;
  readonly far: S;
}

export async function tcpPair(): Promise<Pair> {
  return socketPair({ port: 0, host: '127.0.0.1' });
}

export async function unixPair(): Promise<Pair> {
  const folder = await mkdtemp(join(tmpdir(), 'unstick-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return socketPair({ path: join(folder, 'socket') });
}

export async function tlsPair(): Promise<Pair<TLSSocket>> {
  const server = createTlsServer({ key, cert });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'secureConnection');
  const near = connectTls({ port: portOf(server), host: '127.0.0.1', ca: cert });
  const [far]: TLSSocket[] = await accepted;
  if (far === undefined) {
    throw new Error('no TLS connection came');
  }
  tearDown(server, near, far);
  if (!near.authorized) {
    await once(near, 'secureConnect');
  }
  return { near, far };
}

/** TLS as `dial` makes it: `near` runs over a raw socket that the library made, so that it can be reset. */
export async function ownTlsPair(): Promise<Pair<TLSSocket>> {
  const server = createTlsServer({ key, cert });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'secureConnection');
  const raw = connect({ port: portOf(server), host: '127.0.0.1' });
  await once(raw, 'connect');
  const near = carriedBy(connectTls({ socket: raw, ca: cert }), raw);
  const [far]: TLSSocket[] = await accepted;
  if (far === undefined) {
    throw new Error('no TLS connection came');
  }
  tearDown(server, near, far, raw);
  if (!near.authorized) {
    await once(near, 'secureConnect');
  }
  return { near, far };
}

async function socketPair(where: ListenOptions): Promise<Pair> {
  const server = createServer();
  server.listen(where);
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const near = connect(where.path === undefined ? { port: portOf(server) } : { path: where.path });
  const [far]: Socket[] = await accepted;
  if (far === undefined) {
    throw new Error('no connection came');
  }
  tearDown(server, near, far);
  if (near.connecting) {
    await once(near, 'connect');
  }
  // With UNSTICK_POISON=1, tests of these sockets also run over the reused read buffer.
  if (process.env['UNSTICK_POISON'] === '1') {
    for (const socket of [near, far]) {
      allowLending(socket, 'reused');
      lend(socket);
    }
  }
  return { near, far };
}

export function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function tearDown(server: Server, ...sockets: Socket[]): void {
  server.close();
  for (const socket of sockets) {
    // A test that cares about an error listens for it. In other tests an error must not end the process.
    socket.on('error', () => undefined);
    onTestFinished(() => {
      socket.destroy();
    });
  }
}

/** Writes bytes and waits until the operating system has them. */
export async function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

/**
 * Resets the connection once `near` has read `count` bytes. The wait is needed because Node (libuv) reports a
 * reset as a plain end if it comes together with unread bytes.
 */
export async function resetAfter({ near, far }: Pair, count: number): Promise<void> {
  await until(() => near.bytesRead >= count, `${count} bytes read`);
  far.resetAndDestroy();
}

/** All bytes that come until the other side ends. */
export async function readToEnd(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'end');
  return Buffer.concat(chunks);
}
