// The messages that wait to be sent, in order. Bytes and ends of channels are not among them: channels.ts
// sends those, channel by channel, while the outbox is empty. This file is pure.

import { NO_BYTES, lengthOf } from '../../codec/bytes.ts';
import { UsageError } from '../../errors.ts';
import { Fifo } from './fifo.ts';
import type { Entry } from './fifo.ts';
import { PREFIX_LENGTH } from './peer-codec.ts';
import type { PeerCodec } from './peer-codec.ts';
import { queueFull } from './peer-errors.ts';
import type { PeerHeader, PeerLimits } from './wire.ts';

/** One message in bytes. */
export interface Encoded {
  readonly pieces: readonly Uint8Array[];
  readonly headerLength: number;
  readonly bodyLength: number;
}

/** A channel that sends bytes. */
interface BytesSender {
  readonly id: number;
  /** The last message of bytes that was encoded, without its body. */
  lastBytes: Encoded | undefined;
}

/** Functions that are called with what happens to a message. */
export interface SendCallbacks {
  /** Function that is called when the connection has taken the whole message. */
  readonly onTaken?: (() => void) | undefined;
  /** Function that is called when the caller may overwrite the bytes of the body. */
  readonly onReusable?: (() => void) | undefined;
  /**
   * Function that is called when the message has waited for the remote's hello and turns out to be longer
   * than that hello allows. The message is then not sent.
   */
  readonly onRefused?: ((error: UsageError) => void) | undefined;
  /**
   * Whether the remote provoked the message. Such messages are counted, to find a remote that provokes
   * answers and does not read them. The answers of handlers do not count here, because the number of pending
   * requests has a limit of its own. Default false.
   */
  readonly isAnswer?: boolean;
}

/** One message, ready to be written. */
export interface Outgoing extends Encoded, SendCallbacks {}

export class Outbox {
  readonly #codec: PeerCodec;
  readonly #entries = new Fifo<Outgoing>();
  #remote: PeerLimits | undefined;
  #answers = 0;
  #queuedLength = 0;
  readonly #maxQueuedLength: number;

  constructor(codec: PeerCodec, maxQueuedLength: number) {
    this.#codec = codec;
    this.#maxQueuedLength = maxQueuedLength;
  }

  get length(): number {
    return this.#entries.length;
  }

  /** Number of waiting messages that the remote provoked, without the answers of handlers. */
  get answers(): number {
    return this.#answers;
  }

  /**
   * Sets the remote's limits. Removes waiting messages that are too long for the remote, and calls their
   * `onRefused`. After this call `encode` throws for such a message.
   */
  begin(remote: PeerLimits): void {
    this.#remote = remote;
    for (const place of this.#entries.places()) {
      const error = this.misfit(place.item);
      if (error === undefined) {
        continue;
      }
      this.withdraw(place);
      place.item.onRefused?.(error);
    }
  }

  /** Encodes a message, but does not queue it. Throws UsageError ERR_FRAME_UNENCODABLE. */
  encode(header: PeerHeader, body: readonly Uint8Array[] = []): Encoded {
    const bodyLength = lengthOf(body);
    const head = this.#codec.encodeHead(header, bodyLength);
    const headerLength = head.length - PREFIX_LENGTH;
    const encoded = { pieces: [head, ...body], headerLength, bodyLength };
    const error = this.misfit(encoded);
    if (error !== undefined) {
      throw error;
    }
    return encoded;
  }

  /** Encodes bytes. Most messages of a channel are as long as the one before, and then have the same head. */
  encodeBytes(channel: BytesSender, body: readonly Uint8Array[]): Encoded {
    const bodyLength = lengthOf(body);
    if (channel.lastBytes?.bodyLength !== bodyLength) {
      const encoded = this.encode({ kind: 'bytes', channel: channel.id }, body);
      channel.lastBytes = { ...encoded, pieces: encoded.pieces.slice(0, 1) };
      return encoded;
    }
    const { pieces: head, headerLength } = channel.lastBytes;
    return { pieces: [...head, ...body], headerLength, bodyLength };
  }

  /**
   * Returns the error of a message that is too long for the remote, or `undefined` if the message fits or the
   * limits are not known yet.
   */
  misfit({ headerLength, bodyLength }: Encoded): UsageError | undefined {
    if (this.#remote === undefined) {
      return undefined;
    }
    const { maxHeaderLength, maxBodyLength } = this.#remote;
    if (headerLength > maxHeaderLength) {
      return tooLong('header', headerLength, maxHeaderLength);
    }
    if (bodyLength > maxBodyLength) {
      return tooLong('body', bodyLength, maxBodyLength);
    }
    return undefined;
  }

  /**
   * Throws ConnectionError ERR_QUEUE_FULL if this message does not fit beside the messages that already wait.
   */
  checkRoom(encoded: Encoded): void {
    const length = this.#queuedLength + sizeOf(encoded);
    if (this.#queuedLength > 0 && length > this.#maxQueuedLength) {
      throw queueFull(length, this.#maxQueuedLength);
    }
  }

  /**
   * Counts the bytes of a message that waits here, or that waits elsewhere until the remote has room for it.
   */
  hold(encoded: Encoded): void {
    this.#queuedLength += sizeOf(encoded);
  }

  /** Stops counting a message, because it no longer waits. */
  release(encoded: Encoded): void {
    this.#queuedLength -= sizeOf(encoded);
  }

  push(encoded: Encoded, callbacks: SendCallbacks = {}): Entry<Outgoing> {
    if (callbacks.isAnswer === true) {
      this.#answers++;
    }
    this.hold(encoded);
    return this.#entries.push({ ...encoded, ...callbacks });
  }

  send(header: PeerHeader, body: Uint8Array = NO_BYTES, callbacks: SendCallbacks = {}): void {
    this.push(this.encode(header, body.length === 0 ? [] : [body]), callbacks);
  }

  /** Queues an answer that the remote provoked. */
  answer(header: PeerHeader): void {
    this.send(header, NO_BYTES, { isAnswer: true });
  }

  /**
   * Queues a reset. If the reason does not fit into the header, the reset goes out without it, because the
   * channel must end.
   */
  reset(channel: number, reason: string | undefined, isAnswer: boolean): void {
    let encoded: Encoded;
    try {
      encoded = this.encode({
        kind: 'reset',
        channel,
        ...(reason === undefined ? {} : { reason }),
      });
    } catch {
      encoded = this.encode({ kind: 'reset', channel });
    }
    this.push(encoded, { isAnswer });
  }

  /** Removes a message that was pushed. Returns false if it was already taken. */
  withdraw(place: Entry<Outgoing>): boolean {
    const isIn = this.#entries.remove(place);
    if (isIn) {
      this.#forget(place.item);
    }
    return isIn;
  }

  take(): Outgoing | undefined {
    const entry = this.#entries.shift();
    if (entry === undefined) {
      return undefined;
    }
    this.#forget(entry);
    return entry;
  }

  /** Frees the room of a message that no longer waits. */
  #forget(message: Outgoing): void {
    this.#answers -= message.isAnswer === true ? 1 : 0;
    this.release(message);
  }
}

/** Returns the number of bytes that a message holds while it waits. */
export function sizeOf({ headerLength, bodyLength }: Encoded): number {
  return headerLength + bodyLength;
}

function tooLong(what: 'header' | 'body', length: number, limit: number): UsageError {
  const name = what === 'header' ? 'maxHeaderLength' : 'maxBodyLength';
  return new UsageError(
    'ERR_FRAME_UNENCODABLE',
    `A ${what} of ${length} bytes exceeds the ${name} ${limit} of the remote.`,
    { length, limit, hint: 'Send larger content through a channel.' },
  );
}
