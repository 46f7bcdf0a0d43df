// A client whose connection has no server: what connections, the prover and the proxy refuse alike.

import type { Socket } from 'node:net';

/**
 * Whether both ends are one socket. TCP allows it: where no process listens on a port, the kernel may give a
 * client that very port for its own end. A client that connects again and again while its server is away
 * would then talk to itself, and hold the port of its server.
 */
export function isConnectedToItself(socket: Socket): boolean {
  const { localPort, remotePort, localAddress, remoteAddress } = socket;
  return localPort !== undefined && localPort === remotePort && localAddress === remoteAddress;
}
