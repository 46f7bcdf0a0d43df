// Servers and clients on the loopback for the tests of the proxy. Everything is closed with the test.

import { once } from 'node:events';
import net from 'node:net';
import { onTestFinished } from 'vitest';
import type { ChopOptions } from '../../src/chop/chop-options.ts';
import { chop } from '../../src/chop/proxy.ts';
import type { ChopProxy } from '../../src/chop/proxy.ts';

/** How a connection ended for who reads it, and what was read. */
export interface Heard {
  readonly chunks: readonly Buffer[];
  readonly end: 'FIN' | 'RST';
}

/** Reads until the other side ends. */
export async function hear(socket: net.Socket): Promise<Heard> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const end = await new Promise<Heard['end']>((resolve) => {
    socket.once('end', () => resolve('FIN'));
    socket.once('error', () => resolve('RST'));
  });
  return { chunks, end };
}

export function text({ chunks }: Heard): string {
  return Buffer.concat(chunks).toString();
}

/** A server on a free port. */
export async function serveWith(onSocket: (socket: net.Socket) => void): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) {
      socket.destroy();
    }
  });
  return portOf(server);
}

function portOf(server: net.Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('no port');
  }
  return address.port;
}

/** A server that keeps what it hears of each connection, in the order of their ends. */
export async function listener(): Promise<{ port: number; next: () => Promise<Heard> }> {
  const heard: Heard[] = [];
  const waiting: ((one: Heard) => void)[] = [];
  const port = await serveWith((socket) => {
    void hear(socket).then((one) => {
      if (!socket.destroyed) {
        socket.end();
      }
      const wake = waiting.shift();
      if (wake === undefined) {
        heard.push(one);
      } else {
        wake(one);
      }
    });
  });
  const next = (): Promise<Heard> => {
    const [one] = heard.splice(0, 1);
    return one === undefined
      ? new Promise((resolve) => waiting.push(resolve))
      : Promise.resolve(one);
  };
  return { port, next };
}

/** A proxy on a free port in front of a port. */
export async function proxyTo(
  port: number,
  options: Omit<ChopOptions, 'listen' | 'to'> = {},
): Promise<ChopProxy> {
  const proxy = await chop({ listen: '127.0.0.1:0', to: `127.0.0.1:${port}`, ...options });
  onTestFinished(() => proxy.close());
  return proxy;
}

/** A client, connected. */
export async function connect(port: number): Promise<net.Socket> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

export async function untilClosed(socket: net.Socket): Promise<void> {
  if (!socket.closed) {
    await once(socket, 'close');
  }
}
