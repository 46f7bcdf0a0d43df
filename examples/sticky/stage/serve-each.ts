// Lets the plain servers of the demo listen, and reports their port.

import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { PlainSocket } from '../../support/plain-socket.ts';
import { portOf, runProgram } from '../../support/program.ts';
import { report } from './reports.ts';

/** Listens on the port of the command line, or on a free one, and attends to each client. */
export function serveEach(attend: (client: PlainSocket) => Promise<void>): Promise<void> {
  return runProgram(async () => {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      void attend(new PlainSocket(socket));
    });
    server.listen(portOf(process.argv[2] ?? '0', 'The port'), '127.0.0.1');
    await once(server, 'listening');
    report({ kind: 'ready', port: listeningPort(server) });
  });
}

export function listeningPort(server: Server): number {
  // The cast is safe, because a server that listens on a port has such an address.
  return (server.address() as AddressInfo).port;
}
