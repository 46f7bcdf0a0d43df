// A channel as an application uses it: a node Duplex of bytes. Its two directions end separately. When its
// reader stops reading, the remote's writer of this channel must stop, too. Other channels go on.
//
// The window bounds the memory of a channel, however small its pieces are. Node's buffers hold one piece to
// read and few pieces to write. The other bytes are packed, here and in the session.

import { Duplex } from 'node:stream';
import { unwatchAbort, watchAbort } from '../abort.ts';
import { ChunkQueue } from '../codec/chunk-queue.ts';
import { closed, connectionError, givenUp } from '../stream/transport.ts';
import { printable } from '../text.ts';
import type { Json } from './session/wire.ts';

/**
 * One of many byte streams over one connection. `end()` ends what this side writes. `reset()` and
 * `destroy()` end both directions at once; the remote's channel then fails with ERR_CHANNEL_RESET.
 */
export interface Channel extends Duplex {
  /** Positive if this side opened the channel, negative if the remote did. */
  readonly id: number;
  readonly name: string;
  /** The `params` of the side that opened the channel. */
  readonly params: Json;
  /** Ends both directions at once. The remote gets the reason, if a header has room for it. */
  reset(reason?: string): void;
}

/** What a channel needs of its peer. */
export interface ChannelPort {
  /** `onWritten` is called when the caller may change the bytes again and few bytes of the channel wait. */
  write(pieces: readonly Uint8Array[], onWritten: () => void): void;
  end(onEnded: () => void): void;
  reset(reason: string | undefined): void;
  consumed(length: number): void;
  /** Called when the stream of this side is destroyed, which it also is after both sides have ended. */
  gone(): void;
}

export interface ChannelInit {
  readonly id: number;
  readonly name: string;
  readonly params: Json;
  /**
   * Time in ms in which a handler that has returned must write something, once the remote's half was read.
   * Then this side's half is ended.
   */
  readonly channelTimeout: number;
}

/** Reasons for a reset that the protocol gives. Any other reason comes from an application. */
const RESET_WORDS = ['BUSY', 'NO_HANDLER', 'HANDLER_FAILED', 'STALLED'] as const;

/**
 * 0, so that node asks for a piece only when its buffer is empty. Each piece in the buffer costs an object.
 */
const READABLE_HIGH_WATER_MARK = 0;
/**
 * Small, because each piece in this buffer costs an object, too. A piece that the session takes leaves at
 * once.
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
  /** The remote's half. 'ended': its end has come. 'read': node also has all its bytes. */
  #theirs: 'open' | 'ended' | 'read' = 'open';
  /** This side's half. 'ended': its end was sent. */
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
    // An 'error' without a listener would end the process, and a reset by the remote is such an error. Reads
    // and writes report it.
    this.on('error', () => undefined);
    this.on('pipe', () => this.#pipes++).on('unpipe', () => this.#pipes--);
    // If this side opened the channel, read to the end and wrote nothing, it was a download, so end our half
    // as well.
    if (init.id > 0) {
      this.once('end', () => setImmediate(() => this.#endIfUntouched()));
    }
  }

  /** Whether both sides have ended, the handler is done, and nothing reads what came. */
  get isAbandoned(): boolean {
    return this.#isLeft && this.#ours === 'ended' && this.#theirs !== 'open' && !this.#hasReader;
  }

  reset(reason?: string): void {
    this.#port.reset(reason);
    this.destroy();
  }

  /**
   * Called when the handler has returned. `isDone` says that it returned a promise, which has settled. Then
   * our half is ended, unless a stream is piped into it, and what still comes is dropped if the channel has
   * no reader. A handler that returned no promise may go on with the channel. If it only reads to the end, it
   * has `channelTimeout` to write something.
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

  /** Takes bytes that came. Copies them if they would wait and keep a much larger chunk in memory. */
  bytes(bytes: Uint8Array): void {
    this.#unread.push(bytes);
    this.#flow();
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
   * Destroys the channel with an error. If both sides have ended the channel, does nothing, so that its
   * unread bytes can still be read.
   */
  fail(error: Error): void {
    if (this.#ours !== 'ended' || this.#theirs === 'open') {
      this.destroy(error);
    }
  }

  /**
   * A loop that reads to the end leaves the writing half open, so that a handler can read a question to its
   * end and then answer. (The iterator of a node Duplex would destroy the channel there.) A loop that is left
   * early destroys the channel.
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
    // Reset the channel, unless both sides have ended it. If the channel was reset before, the session
    // ignores this.
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

  /** Calls back the write, or the end, that node waits for. Node waits for one at a time. */
  #written(error?: Error): void {
    const callback = this.#onWritten;
    this.#onWritten = undefined;
    callback?.(error ?? null);
  }

  /** Hands over as much as the reader wants, and grants the remote that many bytes again. */
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
   * If both sides have ended and nothing is left to read, lets node close the channel, even without a reader.
   */
  #closeUnread(): void {
    if (this.#ours === 'ended' && this.#theirs === 'read' && this.readableLength === 0) {
      this.read(0);
    }
  }

  /** If the handler has returned, read to the end and wrote nothing, ends our half after channelTimeout. */
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
