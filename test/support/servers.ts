// Servers of the package under test, and raw clients for them; all gone when the test is over.

import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { lengthPrefixed, serve } from '../../src/entries/main.ts';
import type { FramedServer, Handler, ServeOptions } from '../../src/entries/main.ts';

export const echo: Handler<Uint8Array, Uint8Array> = async (connection) => {
  for await (const value of connection) await connection.send(value);
};

export async function start(
  handler: Handler<Uint8Array, Uint8Array> = echo,
  options: ServeOptions = {},
): Promise<FramedServer> {
  const server = serve(lengthPrefixed(), handler, options);
  onTestFinished(() => server.close({ grace: 0 }));
  await server.ready;
  return server;
}

export function dial(server: FramedServer): Socket {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => undefined);
  onTestFinished(() => {
    socket.destroy();
  });
  return socket;
}
