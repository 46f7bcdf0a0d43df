// The binding: bytes that both sides compute from their connection. A relay between them has two connections,
// whose bindings differ. The proofs of the handshake contain the binding, so a proof is useless on another
// connection.
//
// - With TLS the binding is a secret that both sides derive from the session (RFC 9266).
// - Without TLS it is the addresses and ports of both ends. A relay cannot listen where the server does. So
//   without TLS a client cannot reach a server through a proxy or an ssh tunnel.

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { Trouble } from './trouble.ts';

const EXPORTER_LABEL = 'EXPORTER-Channel-Binding';
const EXPORTER_LENGTH = 32;
/** The prefix of an IPv4 address that an IPv6 socket shows. */
const MAPPED = /^::ffff:(?=\d+\.)/i;

/** The binding of this connection. Throws Trouble if the connection has ended or is no socket. */
export function bindingOf(duplex: Duplex, side: 'client' | 'server'): Buffer {
  if (duplex instanceof TLSSocket) {
    return duplex.exportKeyingMaterial(EXPORTER_LENGTH, EXPORTER_LABEL, Buffer.alloc(0));
  }
  if (!(duplex instanceof Socket)) {
    throw new Trouble('The connection is no socket, so nothing binds the token to it.');
  }
  const here = endpoint(duplex.localAddress, duplex.localPort);
  const there = endpoint(duplex.remoteAddress, duplex.remotePort);
  const [client, server] = side === 'client' ? [here, there] : [there, here];
  return Buffer.from(`client ${client} server ${server}`);
}

function endpoint(address: string | undefined, port: number | undefined): string {
  if (address === undefined || port === undefined) {
    throw new Trouble('The connection ended before the handshake.');
  }
  return `${address.replace(MAPPED, '')} ${port}`;
}
