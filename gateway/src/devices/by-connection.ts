// Identities that come from the connection and not from a frame: the certificate of the device, or its
// address.

import { createHash } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { Connection } from 'unstick';

/**
 * Returns the common name of the certificate that the device proved to own, or `undefined` without a trusted
 * certificate, or with several names. The server needs `tls: { requestCert: true, ca }`, which also makes it
 * check the certificate.
 */
export function certificateName<In, Out>(connection: Connection<In, Out>): string | undefined {
  const { duplex } = connection;
  if (!(duplex instanceof TLSSocket) || !duplex.authorized) {
    return undefined;
  }
  // If the certificate has several common names, they come as an array. That is no identity.
  const name: unknown = duplex.getPeerCertificate().subject?.CN;
  return typeof name === 'string' ? name : undefined;
}

/**
 * Returns an id made of the address and port of the device. It says nothing about who the device is, and it
 * changes with each connect (over a unix socket it is always `unix`). Use it to look at a protocol, not for
 * commands.
 */
export function addressName<In, Out>(connection: Connection<In, Out>): string {
  const address = connection.remoteAddress ?? 'unix';
  const name = address.replaceAll(/[^A-Za-z0-9]+/g, '-');
  // An IPv6 address with a zone may be longer than an id may be.
  return name.length <= 64 ? name : createHash('sha256').update(address).digest('hex');
}
