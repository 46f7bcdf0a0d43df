// A socket with the calls of Python, on a socket of Node. recv(n) returns at least 1 and at most n of the
// bytes that have come, or none at the end. It promises no more than that, and the faults in the examples
// follow from it.

import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

const NO_BYTES = Buffer.alloc(0);

export class PlainSocket {
  readonly #socket: Socket;
  #wake: () => void = () => undefined;
  /** Length of the result of each recv(). */
  readonly chunks: number[] = [];
  /** Number of bytes received so far. */
  received = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    const wake = (): void => this.#wake();
    // A connection that breaks looks like one that ends: after 'error' comes 'close', and recv returns no
    // bytes.
    socket.on('readable', wake).on('end', wake).on('close', wake).on('error', wake);
  }

  static async connect(port: number): Promise<PlainSocket> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new PlainSocket(socket);
  }

  async recv(most: number): Promise<Buffer> {
    for (;;) {
      const bytes = this.#read(most);
      if (bytes !== undefined) {
        this.received += bytes.length;
        this.chunks.push(bytes.length);
        return bytes;
      }
      if (this.#socket.readableEnded || this.#socket.destroyed) {
        return NO_BYTES;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  send(bytes: Uint8Array | string): void {
    this.#socket.write(bytes);
  }

  /** Ends the sending side. recv still works. */
  end(): void {
    this.#socket.end();
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(most: number): Buffer | undefined {
    const there = this.#socket.readableLength;
    const bytes: unknown =
      there > 0 ? this.#socket.read(Math.min(most, there)) : this.#socket.read();
    return Buffer.isBuffer(bytes) ? bytes : undefined;
  }
}
