// What both sides know of their connection, and nobody between them can make equal on both sides. The proofs
// of the handshake contain it, so a proof is of no use on another connection.
//
// - With TLS: a secret that both derive from the session (RFC 9266). Whoever relays has two sessions.
// - Without: the addresses and ports of both ends. Whoever relays has two connections, and cannot listen
//   where the server does. So a client reaches a server without TLS through no proxy and no ssh tunnel.

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { Trouble } from './trouble.ts';

const EXPORTER_LABEL = 'EXPORTER-Channel-Binding';
const EXPORTER_LENGTH = 32;
/** An address of IPv4 as a socket of IPv6 shows it. */
const MAPPED = /^::ffff:(?=\d+\.)/i;

/** What the proofs of this connection contain. Throws Trouble for a connection that is gone. */
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
