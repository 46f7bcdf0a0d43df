// The sending half of the scene: bare datagrams, and a bare stream.

import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';

/** A datagram that may be lost is said again so often. */
const SAY_AGAIN_MS = 10;

export class DatagramSender {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => undefined); // The receiver has gone: no concern of a sender of datagrams.
  }

  static async open(port: number): Promise<DatagramSender> {
    const socket = createSocket('udp4');
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new DatagramSender(socket);
  }

  /** Resolves when the system has taken it, which says nothing about its arrival. */
  send(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(bytes, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  /** Says the same again and again until something has happened: one datagram alone may be lost. */
  async sayUntil(bytes: Uint8Array, happened: Promise<unknown>): Promise<void> {
    const again = setInterval(() => this.#socket.send(bytes, () => undefined), SAY_AGAIN_MS);
    await happened.finally(() => clearInterval(again));
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }
}

/** One write for each message, on one connection, and its end. Resolves when it is connected. */
export async function sendStream(
  port: number,
  messages: readonly Uint8Array[],
): Promise<{ sent: Promise<unknown> }> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  const sent = once(socket, 'close');
  sent.catch(() => undefined); // Callers that await it get the rejection.
  for (const message of messages) {
    socket.write(message);
  }
  socket.end().resume();
  return { sent };
}
