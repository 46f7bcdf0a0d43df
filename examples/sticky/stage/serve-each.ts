// How the plain servers of the demo listen, and how they say so.

import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { PlainSocket } from '../../support/plain-socket.ts';
import { report } from './reports.ts';

/** Listens on the port of the command line, or on a free one, and attends to each client. */
export function serveEach(attend: (client: PlainSocket) => Promise<void>): void {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    void attend(new PlainSocket(socket));
  });
  server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
    report({ kind: 'ready', port: portOf(server) });
  });
}

export function portOf(server: Server): number {
  // The cast: a server that listens on a port has an address with one.
  return (server.address() as AddressInfo).port;
}
