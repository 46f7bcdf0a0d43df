// A channel as its two users meet it: a node Duplex of bytes. Both directions end apart; a reader that
// stops stops the writer over there, and nobody else.
//
// What a channel holds is bounded by its window, however small its pieces: node's buffers hold one piece
// to be read and few to be written, and the rest is packed, here and in the session.

import { Duplex } from 'node:stream';
import { ByteQueue } from '../codec/byte-queue.ts';
import { closed, connectionError, givenUp } from '../stream/transport.ts';
import { printable } from '../text.ts';
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
  /** `onWritten` is called when the bytes are the caller's again and few wait. */
  write(pieces: readonly Uint8Array[], onWritten: () => void): void;
  end(onEnded: () => void): void;
  reset(reason: string | undefined): void;
  consumed(length: number): void;
  /** Nothing of the channel is left here. */
  gone(): void;
}

export interface ChannelInit {
  readonly id: number;
  readonly name: string;
  readonly params: Json;
  /** Time in ms after which a channel is ended that was only read, by a handler that returned. */
  readonly channelTimeout: number;
}

/** Reasons that are words of the protocol, not of an application. */
const RESET_WORDS = ['BUSY', 'NO_HANDLER', 'HANDLER_FAILED', 'STALLED'] as const;

/** With 0, node asks for a piece only when its buffer is empty; each piece there is an object. */
const READABLE_HIGH_WATER_MARK = 0;
/** Few, for the same reason: what the session takes is off this buffer at once. */
const WRITABLE_HIGH_WATER_MARK = 256;

export class ChannelStream extends Duplex implements Channel {
  readonly id: number;
  readonly name: string;
  readonly params: Json;
  readonly #channelTimeout: number;
  readonly #port: ChannelPort;
  readonly #unread = new ByteQueue();
  #wanted = false;
  /** The other side's half: its end came, and then that was handed to node behind the last byte. */
  #theirs: 'open' | 'ended' | 'read' = 'open';
  /** This side's half: nothing was written, something was, its end is out. */
  #ours: 'untouched' | 'written' | 'ended' = 'untouched';
  /** Its handler has returned, and may use it all the same. */
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
    // A remote's reset must not end the process of whoever has no listener; reads and writes tell.
    this.on('error', () => undefined);
    this.on('pipe', () => this.#pipes++).on('unpipe', () => this.#pipes--);
    // Whoever opened it, read it to its end and writes nothing has nothing to say: a download.
    if (init.id > 0) {
      this.once('end', () => setImmediate(() => this.#endIfUntouched()));
    }
  }

  /** Both sides have ended, its handler has returned, and nobody reads what came. */
  get isAbandoned(): boolean {
    return this.#isLeft && this.#ours === 'ended' && this.#theirs !== 'open' && !this.#hasReader;
  }

  reset(reason?: string): void {
    this.#port.reset(reason);
    this.destroy();
  }

  /**
   * Its handler has returned. One that gave a promise is done: what it left open is ended, unless
   * something is piped into it, and what still comes is dropped, unless somebody reads. Any other handler
   * may go on with the channel; one that only read it to the end has the channelTimeout to write.
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

  /** Bytes came, in memory of their own. */
  bytes(bytes: Uint8Array): void {
    this.#unread.push(bytes);
    this.#flow();
  }

  /** The other side has ended its half. */
  ended(): void {
    this.#theirs = 'ended';
    this.#flow();
  }

  /** The other side has reset the channel. */
  wasReset(reason: string | undefined): void {
    const facts = `The other side reset channel ${printable(this.name)}`;
    if (reason === undefined) {
      this.destroy(connectionError('ERR_CHANNEL_RESET', facts, {}));
    } else {
      const text = `${facts}: ${printable(reason)}`;
      const word = RESET_WORDS.find((one) => one === reason);
      const init = { remoteReason: reason, ...(word === undefined ? {} : { reason: word }) };
      this.destroy(connectionError('ERR_CHANNEL_RESET', text, init));
    }
  }

  /** It cannot go on. What is over on both sides is read to its end all the same. */
  fail(error: Error): void {
    if (this.#ours !== 'ended' || this.#theirs === 'open') {
      this.destroy(error);
    }
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
    // Reset what is not over; what is over has been forgotten there, and this says nothing.
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
    if (this.#theirs !== 'ended' || this.#unread.length > 0) {
      return;
    }
    this.#theirs = 'read';
    this.push(null);
    this.#closeUnread();
    this.#watchHalf();
  }

  /** Ended on both sides with nothing to read: it is over without a reader. */
  #closeUnread(): void {
    if (this.#ours === 'ended' && this.#theirs === 'read' && this.readableLength === 0) {
      this.read(0);
    }
  }

  /** Read to its end by a handler that returned, and nothing written: ended if that stays so. */
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

/** The signal ends the channel while it lasts. */
export function destroyOnAbort(channel: Channel, signal: AbortSignal): void {
  const onAbort = (): void => void channel.destroy(givenUp(signal, undefined));
  if (signal.aborted) {
    onAbort();
  } else {
    signal.addEventListener('abort', onAbort, { once: true });
  }
  channel.once('close', () => signal.removeEventListener('abort', onAbort));
}
