// A channel as an application uses it: a node Duplex of bytes. Its two directions end separately. When the
// reader of a channel stops reading, the writer of this channel at the remote must stop, too. Other channels
// go on.
//
// The window bounds the memory of a channel, however small its pieces are. Node's buffers hold at most one
// piece to read and a few pieces to write. All other bytes are packed, here and in the session.

import { Duplex } from 'node:stream';
import { unwatchAbort, watchAbort } from '../abort.ts';
import { ChunkQueue } from '../codec/chunk-queue.ts';
import { closed, connectionError, givenUp } from '../stream/transport.ts';
import { printable } from '../text.ts';
import type { Json } from './session/wire.ts';

/**
 * One of many byte streams over one connection. `end()` ends the direction in which this side writes.
 * `reset()` and `destroy()` end both directions at once; the remote's channel then fails with
 * ERR_CHANNEL_RESET.
 */
export interface Channel extends Duplex {
  /**
   * Number of the channel. It is positive if this side opened the channel, and negative if the remote did.
   */
  readonly id: number;
  readonly name: string;
  /** The `params` that the side which opened the channel gave. */
  readonly params: Json;
  /** Ends both directions at once. The remote gets the reason, if it fits into a header. */
  reset(reason?: string): void;
}

/** Methods that a channel needs of its peer. */
export interface ChannelPort {
  /**
   * Writes pieces. `onWritten` is called when the caller may change the bytes again and few bytes of the
   * channel wait.
   */
  write(pieces: readonly Uint8Array[], onWritten: () => void): void;
  end(onEnded: () => void): void;
  reset(reason: string | undefined): void;
  consumed(length: number): void;
  /** Called when the stream of this side is destroyed. Node also destroys it after both sides have ended. */
  gone(): void;
}

export interface ChannelInit {
  readonly id: number;
  readonly name: string;
  readonly params: Json;
  /**
   * Time in ms that a handler which has returned has to write something, once the remote's half was read.
   * After it, this side's half is ended.
   */
  readonly channelTimeout: number;
}

/** Reasons for a reset that the protocol itself gives. Any other reason comes from an application. */
const RESET_WORDS = ['BUSY', 'NO_HANDLER', 'HANDLER_FAILED', 'STALLED'] as const;

/**
 * High-water mark of the readable side. With 0, node asks for a piece only when its buffer is empty. Each
 * piece in the buffer costs an object.
 */
const READABLE_HIGH_WATER_MARK = 0;
/**
 * High-water mark of the writable side. It is small, because each piece in this buffer costs an object, too.
 * A piece that the session takes leaves the buffer at once.
 */
const WRITABLE_HIGH_WATER_MARK = 256;

export class ChannelStream extends Duplex implements Channel {
  readonly id: number;
  readonly name: string;
  readonly params: Json;
  readonly #channelTimeout: number;
  readonly #port: ChannelPort;
  readonly #unread = new ChunkQueue();
  #wanted = false;
  /** State of the remote's half. 'ended': its end has come. 'read': node has taken all its bytes as well. */
  #theirs: 'open' | 'ended' | 'read' = 'open';
  /** State of this side's half. 'ended': its end was sent. */
  #ours: 'untouched' | 'written' | 'ended' = 'untouched';
  /** Whether the handler has returned, and its promise, if it returned one, has settled. */
  #isLeft = false;
  #pipes = 0;
  #onWritten: ((error?: Error | null) => void) | undefined;
  #endTimer: NodeJS.Timeout | undefined;

  constructor(init: ChannelInit, port: ChannelPort) {
    super({
      readableHighWaterMark: READABLE_HIGH_WATER_MARK,
      writableHighWaterMark: WRITABLE_HIGH_WATER_MARK,
    });
    this.id = init.id;
    this.name = init.name;
    this.params = init.params;
    this.#channelTimeout = init.channelTimeout;
    this.#port = port;
    // Without a listener, an 'error' would end the process, and a reset by the remote is such an error. Reads
    // and writes report it.
    this.on('error', () => undefined);
    this.on('pipe', () => this.#pipes++).on('unpipe', () => this.#pipes--);
    // If this side opened the channel, read to the end and wrote nothing, the channel was a download. So end
    // our half as well.
    if (init.id > 0) {
      this.once('end', () => setImmediate(() => this.#endIfUntouched()));
    }
  }

  /** Whether both sides have ended, the handler is done, and no code reads the bytes that came. */
  get isAbandoned(): boolean {
    return this.#isLeft && this.#ours === 'ended' && this.#theirs !== 'open' && !this.#hasReader;
  }

  reset(reason?: string): void {
    this.#port.reset(reason);
    this.destroy();
  }

  /**
   * Called when the handler has returned. With `isDone`, the handler returned a promise, which has settled:
   * our half is then ended, unless a stream is piped into it, and bytes that still come are dropped if the
   * channel has no reader. Without `isDone`, the handler may go on with the channel. If it only reads to the
   * end, it has `channelTimeout` to write something.
   */
  leave(isDone: boolean): void {
    this.#isLeft = true;
    if (this.destroyed) {
      return;
    }
    if (isDone && this.#pipes === 0 && !this.writableEnded) {
      this.end();
    }
    if (isDone && !this.#hasReader) {
      this.resume();
    }
    this.#watchHalf();
  }

  /** Takes bytes that came. Copies bytes that must wait and would keep a much larger chunk in memory. */
  bytes(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      this.#unread.push(piece);
      this.#flow();
    }
  }

  /** Called when the remote has ended its half. */
  ended(): void {
    this.#theirs = 'ended';
    this.#flow();
  }

  /** Called when the remote has reset the channel. */
  wasReset(reason: string | undefined): void {
    const facts = `The remote reset channel ${printable(this.name)}`;
    if (reason === undefined) {
      this.destroy(connectionError('ERR_CHANNEL_RESET', facts, {}));
    } else {
      const text = `${facts}: ${printable(reason)}`;
      const word = RESET_WORDS.find((one) => one === reason);
      const init = { remoteReason: reason, ...(word === undefined ? {} : { reason: word }) };
      this.destroy(connectionError('ERR_CHANNEL_RESET', text, init));
    }
  }

  /**
   * Destroys the channel with an error. If both sides have already ended the channel, this does nothing, so
   * that its unread bytes can still be read.
   */
  fail(error: Error): void {
    if (this.#ours !== 'ended' || this.#theirs === 'open') {
      this.destroy(error);
    }
  }

  /**
   * Iterates over the bytes. A loop that reads to the end leaves the writing half open, so that a handler can
   * read a question to its end and then answer. (The iterator of a node Duplex would destroy the channel
   * there.) If the caller leaves the loop early, the channel is destroyed.
   */
  override async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, undefined, undefined> {
    let isRead = false;
    try {
      yield* this.iterator({ destroyOnReturn: false });
      isRead = true;
    } finally {
      if (!isRead) {
        this.destroy();
      }
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
      this.#ours = 'ended';
      this.#written();
      this.#closeUnread();
    });
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearTimeout(this.#endTimer);
    this.#unread.takeAll();
    // Reset the channel, unless both sides have ended it. The session ignores the reset of a channel that was
    // reset before.
    if (this.#ours !== 'ended' || this.#theirs === 'open') {
      this.#port.reset(undefined);
    }
    this.#port.gone();
    this.#written(error ?? closed('destroyed', undefined));
    callback(error);
  }

  get #hasReader(): boolean {
    return this.readableFlowing !== null || this.listenerCount('readable') > 0;
  }

  #send(pieces: readonly Uint8Array[], callback: (error?: Error | null) => void): void {
    this.#ours = 'written';
    this.#onWritten = callback;
    this.#port.write(pieces, () => this.#written());
  }

  /**
   * Calls the callback of the write, or of the end, for which node waits. Node waits for only one at a time.
   */
  #written(error?: Error): void {
    const callback = this.#onWritten;
    this.#onWritten = undefined;
    callback?.(error ?? null);
  }

  /** Hands over as many bytes as the reader wants, and grants the remote the same number again. */
  #flow(): void {
    while (this.#wanted && this.#unread.length > 0) {
      const bytes = this.#unread.shift(Infinity);
      this.#wanted = this.push(bytes);
      this.#port.consumed(bytes.length);
    }
    // Bytes that stay must not keep their whole chunk in memory.
    this.#unread.settle();
    if (this.#theirs !== 'ended' || this.#unread.length > 0) {
      return;
    }
    this.#theirs = 'read';
    this.push(null);
    this.#closeUnread();
    this.#watchHalf();
  }

  /**
   * If both sides have ended and no bytes are left to read, lets node close the channel, even without a
   * reader.
   */
  #closeUnread(): void {
    if (this.#ours === 'ended' && this.#theirs === 'read' && this.readableLength === 0) {
      this.read(0);
    }
  }

  /**
   * Starts the time of channelTimeout if the handler has returned, read to the end and wrote nothing. When
   * the time is over, ends our half.
   */
  #watchHalf(): void {
    const isHalf = this.#isLeft && this.#theirs === 'read' && this.#ours === 'untouched';
    if (!isHalf || this.#endTimer !== undefined || this.#channelTimeout === Infinity) {
      return;
    }
    this.#endTimer = setTimeout(() => this.#endIfUntouched(), this.#channelTimeout);
    this.#endTimer.unref();
  }

  #endIfUntouched(): void {
    if (this.#ours === 'untouched' && !this.writableEnded && !this.destroyed) {
      this.end();
    }
  }
}

/** Destroys the channel when the signal aborts. */
export function destroyOnAbort(channel: Channel, signal: AbortSignal): void {
  const onAbort = (): void => void channel.destroy(givenUp(signal, undefined));
  watchAbort(signal, onAbort);
  channel.once('close', () => unwatchAbort(signal, onAbort));
}
