// What both sides of a TLS session know and nobody else (RFC 9266). The proofs of the login contain it. So a
// false server with a certificate that the client accepts cannot pass the login on to the real one.

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
