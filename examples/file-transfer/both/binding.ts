// A secret that only the two sides of a TLS session know (RFC 9266), here called the binding. The proofs of
// the login contain it. So a false server, even with a certificate that the client accepts, cannot pass the
// login on to the real server.

import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

const LABEL = 'EXPORTER-Channel-Binding';
const LENGTH = 32;

/** The binding as text; empty without TLS. */
export function bindingOf(duplex: Duplex): string {
  if (!(duplex instanceof TLSSocket)) {
    return '';
  }
  return duplex.exportKeyingMaterial(LENGTH, LABEL, Buffer.alloc(0)).toString('base64');
}
