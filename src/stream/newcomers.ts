// The connections of a server that have not yet shown that they belong to it: their TLS handshake runs, or `admit`,
// or their hello is awaited. They count as connections. When the server is full, one of them makes room for
// a connection that comes, so remotes who hold their connections keep nobody out.
//
// Rules:
// - Those who have said nothing go first: silent ones, and ones whose TLS handshake runs. Then the others.
// - Of those it is the address with most of them that loses one, and of that address the oldest. A client that
//   belongs here needs its place for a moment only.

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Newcomers by their address, the oldest first. */
type ByAddress = Map<string, Set<Duplex>>;

export class Newcomers {
  readonly #addresses = new Map<Duplex, string>();
  /** Their handshake runs, or they had sent nothing when it was last looked at. */
  readonly #silent: ByAddress = new Map();
  readonly #heard: ByAddress = new Map();
  /** The raw sockets of TLS handshakes: bytes on them say nothing yet. */
  readonly #handshakes = new Set<Duplex>();

  enter(duplex: Duplex, { isInHandshake }: { readonly isInHandshake: boolean }): void {
    const address = (duplex instanceof Socket ? duplex.remoteAddress : undefined) ?? '';
    this.#addresses.set(duplex, address);
    add(this.#silent, address, duplex);
    if (isInHandshake) {
      this.#handshakes.add(duplex);
    }
  }

  /** The TLS handshake of this one is over. */
  secured(duplex: Duplex): void {
    this.#handshakes.delete(duplex);
    this.#promote(duplex);
  }

  /** It belongs to the server now, or has gone. */
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

  /** The one that makes room; `undefined` if there is no newcomer. */
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
