// Servers of the package under test, and raw clients for them. All are closed when the test is over.

import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { lengthPrefixed, serve } from '../../src/entries/main.ts';
import type { Connection, FramedServer, Handler, ServeOptions } from '../../src/entries/main.ts';

export const echo: Handler<Uint8Array, Uint8Array> = async (connection) => {
  for await (const value of connection) {
    await connection.send(value);
  }
};

export async function start(
  handler: Handler<Uint8Array, Uint8Array> = echo,
  options: ServeOptions<Connection<Uint8Array, Uint8Array>> = {},
): Promise<FramedServer> {
  const server = serve(lengthPrefixed(), handler, options);
  onTestFinished(() => server.close({ within: 0 }));
  await server.ready;
  return server;
}

/** A raw client. It may stay half-open (`allowHalfOpen`), so that it sees how the other side ended. */
export function dial({ port }: { readonly port: number }): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  onTestFinished(() => {
    socket.destroy();
  });
  return socket;
}

export interface Fate {
  readonly how: 'FIN' | 'RST' | 'closed';
  readonly received: string;
}

/**
 * How a connection ends for a remote that reads it, and all that the remote read. Node 20 reports a reset
 * that comes with the last bytes as an end. So after an end this writes to the socket: the write fails if the
 * socket was reset. (A remote that has ended its own side cannot write, so its end counts as FIN.)
 */
export function fateOf(socket: Duplex): Promise<Fate> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    const ended = (how: Fate['how']): void =>
      resolve({ how, received: Buffer.concat(chunks).toString('latin1') });
    socket.on('error', (error) => {
      ended('code' in error && error.code === 'ECONNRESET' ? 'RST' : 'closed');
    });
    socket.once('end', () => {
      if (socket.writableEnded) {
        ended('FIN');
      } else {
        socket.write('', (error) => ended(error ? 'RST' : 'FIN'));
      }
    });
    socket.once('close', () => ended('closed'));
  });
}

/** Collects process warnings until the test is over. */
export function warnings(): Error[] {
  const seen: Error[] = [];
  const note = (warning: Error): void => void seen.push(warning);
  process.on('warning', note);
  onTestFinished(() => {
    process.off('warning', note);
  });
  return seen;
}
