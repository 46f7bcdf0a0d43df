// messages() makes a codec whose values are whole messages of header and body. The body is in memory in one
// piece.

import type { DecoderOptions, MeasuringCodec } from '../codec/codec.ts';
import type { Bytes } from '../codec/byte-types.ts';
import { isBytes, NO_BYTES, lengthOf } from '../codec/bytes.ts';
import { checkBytes } from '../codec/part-checks.ts';
import { kindOf, unencodable } from '../codec/frame-errors.ts';
import { encodeUtf8 } from '../utf8.ts';
import { HeadReader } from './head-reader.ts';
import type { MessageHead } from './head-reader.ts';
import { isPlainObject } from './json-header.ts';
import type { JsonObject } from './json-header.ts';
import { headerBytes, messageLayout } from './message-layout.ts';
import type { MessageLayout, MessageOptions, TypedOptions } from './message-layout.ts';

/**
 * A message as it was received. The header is the result of `parseHeader`. Without `parseHeader`, the header
 * is the JSON object that came, body length included.
 */
export interface Message<H = JsonObject, B extends Uint8Array = Uint8Array> {
  readonly header: H;
  readonly body: B;
}

/**
 * A message to send. A body that is a string is sent as UTF-8. A message without `body` is sent with an empty
 * body.
 */
export interface OutgoingMessage {
  readonly header: JsonObject;
  readonly body?: Uint8Array | string | undefined;
}

/** Default of `maxBodyLength`: 16 MiB, since each connection may hold a whole body in memory. */
export const DEFAULT_MAX_BODY_LENGTH: number = 16 * 1024 * 1024;

/**
 * Makes a codec of whole messages: header length, JSON header, body. For bodies that do not fit into memory
 * use `messageParts` or `messageStream`, which have the same wire format. Throws UsageError ERR_OPTION for a
 * wrong option.
 */
export function messages<H>(
  options: TypedOptions<H>,
): MeasuringCodec<OutgoingMessage, Message<H, Bytes>>;
export function messages(
  options?: MessageOptions,
): MeasuringCodec<OutgoingMessage, Message<JsonObject, Bytes>>;
export function messages<H>(
  options: MessageOptions<H>,
): MeasuringCodec<OutgoingMessage, Message<H, Bytes>>;
export function messages<H>(
  options: MessageOptions<H> = {},
): MeasuringCodec<OutgoingMessage, Message<H, Bytes>> {
  const layout = messageLayout(options, DEFAULT_MAX_BODY_LENGTH);
  const encode = (message: OutgoingMessage): Uint8Array[] => encodeMessage(layout, message);
  // To measure JSON, this codec must encode it. So it leaves encodeInto out, as codec.ts explains.
  return Object.freeze({
    encode,
    encodedLength: (message: OutgoingMessage) => lengthOf(encode(message)),
    decoder: (given?: DecoderOptions) => new MessagesDecoder(layout, given),
  });
}

function encodeMessage<H>(layout: MessageLayout<H>, message: OutgoingMessage): Uint8Array[] {
  if (!isPlainObject(message)) {
    throw unencodable('A message must be { header, body }.');
  }
  const body = bodyBytes(message.body);
  const head = layout.headCodec.encode(headerBytes(layout, message.header, body.length));
  return body.length === 0 ? head : [...head, body];
}

function bodyBytes(body: unknown): Uint8Array {
  if (body === undefined) {
    return NO_BYTES;
  }
  if (isBytes(body)) {
    checkBytes('body', body);
    return body;
  }
  if (typeof body === 'string') {
    return encodeUtf8(body);
  }
  throw unencodable(`A body must be bytes or text, not ${kindOf(body)}.`, {
    hint: 'For streams use messageStream().',
  });
}

/**
 * Base class of decoders that read whole messages. The subclass decides what its `take` returns for a
 * message.
 */
export abstract class MessageReader<H, T> extends HeadReader<H, T> {
  /** The head of the current message, until the whole body has come. */
  #head: MessageHead<H> | undefined;

  /** Returns the header of the next message, once the whole body has come. The caller then takes the body. */
  protected takeHeader(): { readonly header: H } | undefined {
    this.#head ??= this.takeHead();
    if (this.#head === undefined) {
      return undefined;
    }
    return this.machine.queue.length < this.bodyLeft ? this.waitForBody() : this.#head;
  }

  /** Takes the body in one piece. If it lies in several chunks, this copies it. */
  protected takeBody(): Bytes {
    const { queue } = this.machine;
    this.machine.gather(this.bodyLeft);
    const body = this.machine.view(queue.at, queue.at + this.bodyLeft);
    queue.at += this.bodyLeft;
    this.#pass();
    return body;
  }

  /** Takes the body in views of the chunks in which it came. */
  protected takeBodyPieces(): Bytes[] {
    const pieces: Bytes[] = [];
    while (this.bodyLeft > 0) {
      const piece = this.machine.queue.shift(this.bodyLeft);
      pieces.push(piece);
      this.bodyLeft -= piece.length;
    }
    this.#pass();
    return pieces;
  }

  /** Moves on behind a message whose body was taken. */
  #pass(): void {
    this.bodyLeft = 0;
    this.inMessage = false;
    this.headBytes = undefined;
    this.#head = undefined;
  }
}

class MessagesDecoder<H> extends MessageReader<H, Message<H, Bytes>> {
  take(): Message<H, Bytes> | undefined {
    const head = this.takeHeader();
    return head === undefined ? undefined : { header: head.header, body: this.takeBody() };
  }
}
