// The messages of peers as a codec: each with its place in the stream, and few bytes before the first.
// Pure.

import type { Decoder } from '../../codec/codec.ts';
import { ProtocolError } from '../../errors.ts';
import type { StreamPlace } from '../../errors.ts';
import type { JsonObject } from '../../message/json-header.ts';
import { messageParts } from '../../message/message-parts.ts';
import { messages } from '../../message/messages.ts';
import type { Message } from '../../message/messages.ts';
import type { PeerHeader } from './wire.ts';

export interface PeerCodecLimits {
  readonly maxHeaderLength: number;
  readonly maxBodyLength: number;
  /** The longest that the first message, the hello, may be in all. */
  readonly maxHelloLength: number;
}

/** A message as it came, where, and how long its header was. */
export interface PlacedMessage extends Message {
  readonly place: StreamPlace;
  readonly headerLength: number;
}

export interface PeerCodec {
  /** The head of a message whose body of `bodyLength` bytes follows. UsageError ERR_FRAME_UNENCODABLE. */
  encodeHead(header: PeerHeader, bodyLength: number): Uint8Array[];
  decoder(): Decoder<PlacedMessage>;
}

const MAX_LENGTH = 2 ** 32 - 1;
/** In bytes, of the length of a header. */
const PREFIX_LENGTH = 4;

export function peerCodec(limits: PeerCodecLimits): PeerCodec {
  const { maxHeaderLength, maxBodyLength } = limits;
  // What is sent is bounded by what the other side takes, which its hello says, not by these limits.
  const parts = messageParts({ maxHeaderLength: MAX_LENGTH, maxBodyLength: MAX_LENGTH });
  const whole = messages({ maxHeaderLength, maxBodyLength });
  return {
    encodeHead: (header, bodyLength) => {
      const head: JsonObject = { ...header };
      return parts.encode({ kind: 'head', header: head, bodyLength });
    },
    decoder: () => new PeerDecoder(whole.decoder(), limits),
  };
}

class PeerDecoder implements Decoder<PlacedMessage> {
  readonly #messages: Decoder<Message>;
  readonly #maxHeaderLength: number;
  readonly #maxHelloLength: number;
  #pushed = 0;
  #taken = 0;
  #failure: ProtocolError | undefined;
  /** The header length that the first message declares, once `#prefixLeft` is 0. */
  #declared = 0;
  #prefixLeft = PREFIX_LENGTH;

  constructor(inner: Decoder<Message>, limits: PeerCodecLimits) {
    this.#messages = inner;
    this.#maxHeaderLength = limits.maxHeaderLength;
    this.#maxHelloLength = limits.maxHelloLength;
  }

  push(chunk: Uint8Array): void {
    this.#messages.push(chunk);
    this.#pushed += chunk.length;
    for (const byte of chunk.subarray(0, this.#prefixLeft)) {
      this.#declared = this.#declared * 256 + byte;
      this.#prefixLeft--;
    }
  }

  end(): void {
    this.#messages.end();
  }

  take(): PlacedMessage | undefined {
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    const byteOffset = this.#pushed - this.#messages.bufferedLength;
    const message = this.#taken === 0 ? this.#takeFirst() : this.#messages.take();
    if (message === undefined) {
      return undefined;
    }
    const place = { byteOffset, frameIndex: this.#taken++ };
    const { header, body } = message;
    const end = this.#pushed - this.#messages.bufferedLength;
    const headerLength = end - byteOffset - PREFIX_LENGTH - body.length;
    return { header, body, place, headerLength };
  }

  get done(): boolean {
    return this.#failure === undefined && this.#messages.done;
  }

  get bufferedLength(): number {
    return this.#messages.bufferedLength;
  }

  get atBoundary(): boolean {
    return this.#failure === undefined && this.#messages.atBoundary === true;
  }

  *[Symbol.iterator](): Generator<PlacedMessage, void, undefined> {
    for (let value = this.take(); value !== undefined; value = this.take()) {
      yield value;
    }
  }

  /** A first message that is too long is that, before it is anything else: so cuts make no difference. */
  #takeFirst(): Message | undefined {
    const limit = this.#maxHelloLength;
    const isDeclared = this.#prefixLeft === 0 && this.#declared <= this.#maxHeaderLength;
    if (isDeclared && PREFIX_LENGTH + this.#declared > limit) {
      throw this.#tooLong();
    }
    try {
      const first = this.#messages.take();
      const rest = first === undefined ? 0 : this.#messages.bufferedLength;
      if (this.#pushed - rest <= limit) {
        return first;
      }
    } catch (error) {
      const isTruncated = error instanceof ProtocolError && error.code === 'ERR_FRAME_TRUNCATED';
      if (!isTruncated || this.#pushed <= limit) {
        throw error;
      }
    }
    throw this.#tooLong();
  }

  #tooLong(): ProtocolError {
    const limit = this.#maxHelloLength;
    this.#failure = new ProtocolError(
      'ERR_PEER_PROTOCOL',
      `The first message is longer than maxHelloLength ${limit}`,
      { byteOffset: 0, frameIndex: 0, limit, hint: 'Is the other side a peer, too?' },
    );
    return this.#failure;
  }
}
