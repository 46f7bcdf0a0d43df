// The messages of peers as a codec. It adds to each message its place in the stream, and limits the length of
// the first message, the hello. This file is pure.

import { NO_BYTES } from '../../codec/bytes.ts';
import { unpinned, unpinnedPieces } from '../../codec/pinning.ts';
import type { Decoder } from '../../codec/codec.ts';
import { lengthPrefixed } from '../../codec/length-prefixed.ts';
import { ProtocolError } from '../../errors.ts';
import type { StreamPlace } from '../../errors.ts';
import { encodeJsonHeader } from '../../message/json-header.ts';
import type { JsonObject } from '../../message/json-header.ts';
import { messageLayout } from '../../message/message-layout.ts';
import type { MessageLayout } from '../../message/message-layout.ts';
import { MessageReader } from '../../message/messages.ts';
import type { PeerHeader } from './wire.ts';

export interface PeerCodecLimits {
  readonly maxHeaderLength: number;
  readonly maxBodyLength: number;
  /** Maximum length in bytes of the first message, the hello, with its prefix. */
  readonly maxHelloLength: number;
}

/** A message, its place in the stream, and the length of its header. */
export interface PlacedMessage {
  readonly header: JsonObject;
  /** The body, in the pieces in which it came if it is bytes of a channel, otherwise in one piece or none. */
  readonly body: readonly Uint8Array[];
  readonly place: StreamPlace;
  readonly headerLength: number;
}

export interface PeerCodec {
  /**
   * Encodes the head of a message with a body of `bodyLength` bytes. Throws UsageError ERR_FRAME_UNENCODABLE.
   */
  encodeHead(header: PeerHeader, bodyLength: number): Uint8Array;
  decoder(): Decoder<PlacedMessage>;
}

/** Length in bytes of the prefix in front of a header. */
export const PREFIX_LENGTH = 4;
const MAX_LENGTH = 2 ** 32 - 1;

/** The codec that was made last, and its limits. */
let last: (PeerCodecLimits & { readonly codec: PeerCodec }) | undefined;

/**
 * Returns the codec of these limits. Nearly all peers of a process have the same limits, so they share one
 * codec: an own codec for each would treble the memory of an idle peer.
 */
export function peerCodec(limits: PeerCodecLimits): PeerCodec {
  const { maxHeaderLength, maxBodyLength, maxHelloLength } = limits;
  if (
    last?.maxHeaderLength !== maxHeaderLength ||
    last.maxBodyLength !== maxBodyLength ||
    last.maxHelloLength !== maxHelloLength
  ) {
    const codec = newCodec(limits);
    last = { maxHeaderLength, maxBodyLength, maxHelloLength, codec };
  }
  return last.codec;
}

function newCodec(limits: PeerCodecLimits): PeerCodec {
  const { maxHeaderLength, maxBodyLength } = limits;
  // `limits` hold for messages that come. Messages to send have no limit here, because the remote's hello
  // limits them. This writes the format of messageParts() with a third of its work: the headers are those of
  // this package, so only the values that an application gave can be wrong in them.
  const heads = lengthPrefixed({ maxPayloadLength: MAX_LENGTH });
  const layout = messageLayout<JsonObject>({ maxHeaderLength, maxBodyLength }, maxBodyLength);
  return {
    encodeHead: (header, bodyLength) => {
      const json = encodeJsonHeader({ ...header, bodyLength });
      const head = new Uint8Array(PREFIX_LENGTH + json.length);
      heads.encodeInto(json, head, 0);
      return head;
    },
    decoder: () => new PeerDecoder(layout, limits.maxHelloLength),
  };
}

class PeerDecoder extends MessageReader<JsonObject, PlacedMessage> {
  readonly #maxHelloLength: number;
  #hasHello = false;

  constructor(layout: MessageLayout<JsonObject>, maxHelloLength: number) {
    super(layout);
    this.#maxHelloLength = maxHelloLength;
  }

  take(): PlacedMessage | undefined {
    const head = this.#hasHello ? this.takeHeader() : this.#takeHello();
    if (head === undefined) {
      return undefined;
    }
    const { header } = head;
    const { place, headerLength } = this;
    const body =
      header['kind'] === 'bytes' ? unpinnedPieces(this.takeBodyPieces()) : [this.takeBody()];
    return { header, body, place, headerLength };
  }

  /**
   * Throws for a first head that is too long for a hello. It throws before the head is parsed, so that the
   * error is the same for all cuts.
   */
  protected override checkHead(length: number): void {
    if (!this.#hasHello && length > this.#maxHelloLength) {
      this.#refuseHello();
    }
  }

  #takeHello(): { readonly header: JsonObject } | undefined {
    const { queue } = this.machine;
    try {
      const hello = this.takeHeader();
      const length = queue.offset + (hello === undefined ? queue.length : this.bodyLeft);
      if (length <= this.#maxHelloLength) {
        this.#hasHello = hello !== undefined;
        return hello;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError) || error.code !== 'ERR_FRAME_TRUNCATED') {
        throw error;
      }
      // If the input ended inside a head, compare the length that the head declared. Otherwise compare the
      // number of bytes that came.
      const isInHead = this.headBytes === undefined;
      const length = isInHead ? (error.length ?? 0) : queue.offset + queue.length;
      if (length <= this.#maxHelloLength) {
        throw error;
      }
    }
    return this.#refuseHello();
  }

  #refuseHello(): never {
    const limit = this.#maxHelloLength;
    const facts = `The first message is longer than maxHelloLength ${limit}`;
    return this.fail('ERR_PEER_PROTOCOL', facts, { limit, hint: 'Is the remote a peer, too?' });
  }
}

/**
 * Returns the body of a message that is not bytes of a channel. Copies a body that would keep a much larger
 * chunk in memory: the application may keep the body.
 */
export function wholeOf([body = NO_BYTES]: readonly Uint8Array[]): Uint8Array {
  return body.length === 0 ? body : unpinned(body);
}
