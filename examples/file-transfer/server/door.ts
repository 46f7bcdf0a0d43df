// Stands between the login and the session. Remembers the account of each connection that the gate let in.

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { quoted, reasonOf } from '../../support/shown.ts';
import type { Account, Accounts } from './accounts.ts';
import type { Gate } from './gate.ts';

export class Door {
  readonly #gate: Gate;
  readonly #accounts: Accounts;
  readonly #log: (line: string) => void;
  readonly #admitted = new WeakMap<Duplex, Account>();

  constructor(gate: Gate, accounts: Accounts, log: (line: string) => void) {
    this.#gate = gate;
    this.#accounts = accounts;
    this.#log = log;
  }

  /** Lets a client in. Logs a refusal and throws it. */
  async enter(duplex: Duplex): Promise<Duplex> {
    const { address, port } = placeOf(duplex);
    try {
      const admitted = await this.#gate.admit(duplex, address);
      this.#admitted.set(admitted.duplex, await this.#accounts.of(admitted.user));
      return admitted.duplex;
    } catch (error) {
      this.#log(`${address}:${port} not let in: ${quoted(reasonOf(error))}`);
      throw error;
    }
  }

  /** The account of a connection that was let in. */
  whoIs(duplex: Duplex): Account {
    const account = this.#admitted.get(duplex);
    if (account === undefined) {
      throw new Error('No user has logged in on this connection');
    }
    return account;
  }
}

function placeOf(duplex: Duplex): { address: string; port: number } {
  const { remoteAddress = '?', remotePort = 0 } = duplex instanceof Socket ? duplex : {};
  return { address: remoteAddress, port: remotePort };
}
