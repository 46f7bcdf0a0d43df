// Newcomers: the connections of a server that have not yet shown that they belong to it. Their TLS handshake
// or `admit` still runs, or their hello has not come. Newcomers count as connections. A full server resets a
// newcomer to make room for a new connection, so that remotes that hold many connections open keep no other
// remote out.
//
// Rules for which newcomer is reset:
// - Newcomers that have sent nothing go first; newcomers whose TLS handshake runs count among them. Then the
//   others go.
// - Of those, the address with the most newcomers loses its oldest one. A client that belongs here is a
//   newcomer for a moment only.

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { remoteAddressOf } from './transport.ts';

/** Newcomers by their address, the oldest first. */
type ByAddress = Map<string, Set<Duplex>>;

export class Newcomers {
  readonly #addresses = new Map<Duplex, string>();
  /** Newcomers whose handshake runs, or that had sent nothing at the last look. */
  readonly #silent: ByAddress = new Map();
  /** Newcomers that have sent something, or have ended their handshake. */
  readonly #heard: ByAddress = new Map();
  /** Raw sockets whose TLS handshake runs. The bytes of a handshake do not count as something sent. */
  readonly #handshakes = new Set<Duplex>();

  enter(duplex: Duplex, { isInHandshake }: { readonly isInHandshake: boolean }): void {
    // The getter of the socket would keep an object with the address for as long as the socket lives.
    const address = remoteAddressOf(duplex)?.replace(/:\d+$/, '') ?? '';
    this.#addresses.set(duplex, address);
    add(this.#silent, address, duplex);
    if (isInHandshake) {
      this.#handshakes.add(duplex);
    }
  }

  /** Called when the TLS handshake over this raw socket is done. */
  secured(duplex: Duplex): void {
    this.#handshakes.delete(duplex);
    this.#promote(duplex);
  }

  /** Called when a connection has shown that it belongs to the server, and when a connection is gone. */
  leave(duplex: Duplex): void {
    const address = this.#addresses.get(duplex);
    if (address === undefined) {
      return;
    }
    this.#addresses.delete(duplex);
    this.#handshakes.delete(duplex);
    remove(this.#silent, address, duplex);
    remove(this.#heard, address, duplex);
  }

  /**
   * Returns the newcomer that the server resets next to make room, or `undefined` if there is no newcomer.
   */
  first(): Duplex | undefined {
    for (;;) {
      const oldest = oldestOf(this.#silent);
      if (oldest === undefined) {
        return oldestOf(this.#heard);
      }
      if (this.#handshakes.has(oldest) || !hasSpoken(oldest)) {
        return oldest;
      }
      this.#promote(oldest);
    }
  }

  #promote(duplex: Duplex): void {
    const address = this.#addresses.get(duplex);
    if (address !== undefined) {
      remove(this.#silent, address, duplex);
      add(this.#heard, address, duplex);
    }
  }
}

function hasSpoken(duplex: Duplex): boolean {
  return duplex instanceof Socket && duplex.bytesRead > 0;
}

function oldestOf(newcomers: ByAddress): Duplex | undefined {
  let most: Set<Duplex> | undefined;
  for (const those of newcomers.values()) {
    if (those.size > (most?.size ?? 0)) {
      most = those;
    }
  }
  const [oldest] = most ?? [];
  return oldest;
}

function add(to: ByAddress, address: string, duplex: Duplex): void {
  const those = to.get(address) ?? new Set();
  to.set(address, those.add(duplex));
}

function remove(from: ByAddress, address: string, duplex: Duplex): void {
  const those = from.get(address);
  those?.delete(duplex);
  if (those?.size === 0) {
    from.delete(address);
  }
}
