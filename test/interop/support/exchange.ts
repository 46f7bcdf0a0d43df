// A conversation with a real server: the bytes of our codec go there, and its bytes come back as it sent
// them, for a test to read under other cuts.

import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Codec } from '../../../src/codec/codec.ts';
import { join } from '../../support/bytes.ts';

/** Far more than any server here takes to answer. */
const ANSWER_TIME = 60_000;

/** One connection to a server, and all that came from it. */
export class Exchange<T> {
  readonly #socket: Duplex;
  readonly #codec: Codec<T>;
  readonly #decoder;
  readonly #chunks: Uint8Array[] = [];
  #wake: (() => void) | undefined;
  #ended = false;

  private constructor(socket: Duplex, codec: Codec<T>, rest: readonly Uint8Array[] = []) {
    this.#socket = socket;
    this.#codec = codec;
    this.#decoder = codec.decoder();
    const take = (chunk: Uint8Array): void => {
      this.#chunks.push(chunk);
      this.#decoder.push(chunk);
      this.#wake?.();
    };
    rest.forEach(take);
    socket.on('data', take);
    for (const event of ['end', 'error', 'close']) {
      socket.on(event, () => {
        this.#ended = true;
        this.#wake?.();
      });
    }
  }

  static async open<T>(port: number, codec: Codec<T>): Promise<Exchange<T>> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Exchange(socket, codec);
  }

  /** The same with a program whose pipes are the connection, or behind any other duplex. */
  static over<T>(duplex: Duplex, codec: Codec<T>): Exchange<T> {
    return new Exchange(duplex, codec);
  }

  send(...values: readonly T[]): void {
    for (const value of values) {
      this.sendBytes(...this.#codec.encode(value));
    }
  }

  sendBytes(...pieces: readonly Uint8Array[]): void {
    this.#socket.write(join(pieces));
  }

  /** The next value. Rejects when the server ends or says nothing. */
  async next(): Promise<T> {
    for (;;) {
      const value = this.#decoder.take();
      if (value !== undefined) {
        return value;
      }
      if (this.#ended) {
        throw new Error('the server ended the connection');
      }
      await this.#more();
    }
  }

  /** Values up to one that is the last. */
  async until(isLast: (value: T) => boolean): Promise<T[]> {
    const values: T[] = [];
    for (;;) {
      const value = await this.next();
      values.push(value);
      if (isLast(value)) {
        return values;
      }
    }
  }

  /** Goes on with another codec behind the values that were taken. */
  become<U>(codec: Codec<U>): Exchange<U> {
    this.#socket.removeAllListeners('data');
    return new Exchange(this.#socket, codec, this.#decoder.takeRest?.() ?? []);
  }

  /** Closes, and returns every byte that came for this codec. */
  close(): Uint8Array {
    this.#socket.destroy();
    return join(this.#chunks);
  }

  async #more(): Promise<void> {
    const waiting = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the server says nothing')), ANSWER_TIME);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    await waiting;
    this.#wake = undefined;
  }
}
