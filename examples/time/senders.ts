// The senders of the scene: for datagrams, and for a plain TCP stream.

import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';

/** Time in ms after which sayUntil() sends its datagram again, which may be lost. */
const SAY_AGAIN_MS = 10;

export class DatagramSender {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => undefined); // Ignore that the receiver has gone, as usual for datagrams.
  }

  static async open(port: number): Promise<DatagramSender> {
    const socket = createSocket('udp4');
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new DatagramSender(socket);
  }

  /** Resolves when the system has taken the datagram, which may still be lost. */
  send(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(bytes, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  /** Sends a datagram again and again until `happened` settles, because a single datagram may be lost. */
  async sayUntil(bytes: Uint8Array, happened: Promise<unknown>): Promise<void> {
    const again = setInterval(() => this.#socket.send(bytes, () => undefined), SAY_AGAIN_MS);
    await happened.finally(() => clearInterval(again));
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }
}

/**
 * Connects, writes each message with one write, and ends the connection. Resolves without waiting for `sent`.
 */
export async function sendStream(
  port: number,
  messages: readonly Uint8Array[],
): Promise<{ sent: Promise<unknown> }> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  const sent = once(socket, 'close');
  sent.catch(() => undefined); // Only callers that await `sent` get the rejection.
  for (const message of messages) {
    socket.write(message);
  }
  socket.end().resume();
  return { sent };
}
