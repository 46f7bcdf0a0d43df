// A channel as its two users meet it: a node Duplex of bytes. Both directions end apart; a reader that
// stops stops the writer over there, and nobody else.

import { Duplex } from 'node:stream';
import { ByteQueue } from '../codec/byte-queue.ts';
import { closed, connectionError } from '../stream/transport.ts';
import type { Json } from './session/wire.ts';

/**
 * One of many byte streams over one connection. `end()` ends what this side writes, `reset()` or
 * `destroy()` both directions at once; the other side's channel then errors with ERR_CHANNEL_RESET.
 */
export interface Channel extends Duplex {
  /** Positive where this side opened it, negative where the other did. */
  readonly id: number;
  readonly name: string;
  /** What its opener said. */
  readonly params: Json;
  /** Ends both directions at once. The reason is told to the other side. */
  reset(reason?: string): void;
}

/** What a channel needs of its peer. */
export interface ChannelPort {
  write(bytes: Uint8Array, onReusable: () => void): void;
  end(onEnded: () => void): void;
  reset(reason: string | undefined): void;
  consumed(length: number): void;
  /** Nothing of the channel is left here. */
  gone(): void;
}

/** What the peer tells a channel. */
export interface ChannelInput {
  bytes(bytes: Uint8Array): void;
  end(): void;
  reset(reason: string | undefined): void;
  fail(error: Error): void;
}

export interface ChannelInit {
  readonly id: number;
  readonly name: string;
  readonly params: Json;
}

/** Bytes that wait in node's own buffer besides the window: few, for there each piece is an object. */
const READABLE_HIGH_WATER_MARK = 16 * 1024;
const WRITABLE_HIGH_WATER_MARK = 64 * 1024;

export class ChannelStream extends Duplex implements Channel {
  readonly id: number;
  readonly name: string;
  readonly params: Json;
  readonly #port: ChannelPort;
  readonly #unread = new ByteQueue();
  #wanted = false;
  #remoteEnded = false;
  #endRead = false;
  #hasWritten = false;
  #ended = false;
  #onWritten: ((error?: Error | null) => void) | undefined;

  constructor(init: ChannelInit, port: ChannelPort, listen: (input: ChannelInput) => void) {
    super({
      readableHighWaterMark: READABLE_HIGH_WATER_MARK,
      writableHighWaterMark: WRITABLE_HIGH_WATER_MARK,
    });
    this.id = init.id;
    this.name = init.name;
    this.params = init.params;
    this.#port = port;
    // A remote's reset must not end the process of whoever has no listener; reads and writes tell.
    this.on('error', () => undefined);
    // Whoever opened it, read it to its end and writes nothing has nothing to say: a download.
    if (init.id > 0)
      this.once('end', () => setImmediate(() => void (this.#hasWritten || this.end())));
    listen({
      bytes: (bytes) => {
        this.#unread.push(bytes);
        this.#flow();
      },
      end: () => {
        this.#remoteEnded = true;
        this.#flow();
      },
      reset: (reason) => this.#wasReset(reason),
      fail: (error) => {
        // What is over on both sides is read to its end, whatever becomes of the peer.
        if (!this.#ended || !this.#remoteEnded) this.destroy(error);
      },
    });
  }

  reset(reason?: string): void {
    this.#port.reset(reason);
    this.destroy();
  }

  /**
   * Reading to the end leaves the writing half open: whoever reads a question to its end may answer it.
   * (The iterator of a node Duplex destroys it there.) Leaving early still destroys.
   */
  override async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, undefined, undefined> {
    let isRead = false;
    try {
      yield* this.iterator({ destroyOnReturn: false });
      isRead = true;
    } finally {
      if (!isRead) this.destroy();
    }
  }

  override _read(): void {
    this.#wanted = true;
    this.#flow();
  }

  override _write(
    bytes: Uint8Array,
    _encoding: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    this.#send([bytes], callback);
  }

  override _writev(
    chunks: { readonly chunk: Uint8Array }[],
    callback: (error?: Error | null) => void,
  ): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      callback,
    );
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#onWritten = callback;
    this.#port.end(() => {
      this.#ended = true;
      this.#written();
    });
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#unread.takeAll();
    // Reset what is not over; what is over has been forgotten there, and this says nothing.
    if (!this.#ended || !this.#remoteEnded) this.#port.reset(undefined);
    this.#port.gone();
    this.#written(error ?? closed('destroyed', undefined));
    callback(error);
  }

  #send(pieces: readonly Uint8Array[], callback: (error?: Error | null) => void): void {
    this.#hasWritten = true;
    this.#onWritten = callback;
    let left = pieces.length;
    const onReusable = (): void => {
      if (--left === 0) this.#written();
    };
    for (const bytes of pieces) this.#port.write(bytes, onReusable);
  }

  /** Node waits for one write at a time. */
  #written(error?: Error): void {
    const callback = this.#onWritten;
    this.#onWritten = undefined;
    callback?.(error ?? null);
  }

  /** Hands over as much as the reader wants; only that is granted again. */
  #flow(): void {
    while (this.#wanted && this.#unread.length > 0) {
      const bytes = this.#unread.shift(Infinity);
      this.#wanted = this.push(bytes);
      this.#port.consumed(bytes.length);
    }
    // What stays must not pin the chunk it came in.
    this.#unread.settle();
    if (!this.#remoteEnded || this.#endRead || this.#unread.length > 0) return;
    this.#endRead = true;
    this.push(null);
  }

  #wasReset(reason: string | undefined): void {
    const facts = `The other side reset channel '${this.name}'`;
    const text = reason === undefined ? facts : `${facts}: ${reason}`;
    const init = reason === undefined ? {} : { reason };
    this.destroy(connectionError('ERR_CHANNEL_RESET', text, init));
  }
}
