// A program that listens on a TCP port. On this Linux machine the kernel's tables show when it has read
// a piece.

import net from 'node:net';
import { formatAddress } from '../../deliver/address.ts';
import type { Address } from '../../deliver/address.ts';
import { openGate } from '../../deliver/gate.ts';
import { KernelTables } from '../../deliver/kernel-tables.ts';
import type { Target, Wire } from './target.ts';

/** How long a connection may take to be made, in ms. */
const CONNECT_TIME = 3000;
/** How long one attempt to find out whether somebody listens may take, in ms. */
const ATTEMPT_TIME = 500;

/** Whether a connection can be made. It is closed at once. */
function accepts(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(address);
    const answer = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.setTimeout(ATTEMPT_TIME, () => answer(false));
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}

export class TcpTarget implements Target {
  readonly name: string;
  readonly #address: Address;
  /** What the kernel of this machine shows; nothing elsewhere. */
  readonly #tables = KernelTables.open();

  constructor(address: Address) {
    this.#address = address;
    this.name = formatAddress(address);
  }

  isListening(): Promise<boolean> {
    const { port } = this.#address;
    return this.#tables === undefined
      ? accepts(this.#address)
      : Promise.resolve(this.#tables.listening(port));
  }

  open(): Promise<Wire | undefined> {
    return new Promise((resolve) => {
      const socket = net.connect({ ...this.#address, noDelay: true });
      const timer = setTimeout(() => socket.destroy(), CONNECT_TIME);
      const settle = (wire: Wire | undefined): void => {
        clearTimeout(timer);
        resolve(wire);
      };
      // Stays for good: the exchange hears of a reset by 'close' as well.
      socket.on('error', () => settle(undefined));
      socket.once('close', () => settle(undefined));
      socket.once('connect', () => {
        const gate = this.#tables && openGate(this.#tables, socket);
        settle({ output: socket, input: socket, gate });
      });
    });
  }

  close(): void {
    this.#tables?.close();
  }
}
