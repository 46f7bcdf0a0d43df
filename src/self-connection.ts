// Recognises a client that is connected to itself. Connections, the prover and the proxy refuse such a
// client.

import type { Socket } from 'node:net';

/**
 * Returns whether both ends of the connection are the same socket, which TCP allows. If no process listens on
 * a port, the kernel may choose that port as the local port of a client that connects to it. A client that
 * connects again and again while its server is away would then talk to itself, and would occupy the port of
 * the server.
 */
export function isConnectedToItself(socket: Socket): boolean {
  const { localPort, remotePort, localAddress, remoteAddress } = socket;
  return localPort !== undefined && localPort === remotePort && localAddress === remoteAddress;
}
