// messageParts() makes a codec for messages of any size. Each message is several values: a head, then body
// bytes, then an end.

import type { DecoderOptions, MeasuringCodec } from '../codec/codec.ts';
import { lengthOf } from '../codec/bytes.ts';
import { checkBytes } from '../codec/part-checks.ts';
import { unencodable } from '../codec/frame-errors.ts';
import { HeadReader } from './head-reader.ts';
import type { JsonObject } from './json-header.ts';
import { headerBytes, messageLayout } from './message-layout.ts';
import type { MessageLayout, MessageOptions, TypedOptions } from './message-layout.ts';

/** A part of a message. Each message is one head, any number of body parts, and one end, in this order. */
export type MessagePart<H = JsonObject> =
  | { readonly kind: 'head'; readonly header: H; readonly bodyLength: number }
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' };

/**
 * Makes a codec of the parts of messages, for bodies larger than memory. Only the division of a body into
 * parts depends on the cuts of the stream. The encoder keeps no state, so a caller that encodes a head must
 * then encode as many body bytes as the head declares (`messageStream` does that for you). Throws UsageError
 * ERR_OPTION for a wrong option.
 */
export function messageParts<H>(
  options: TypedOptions<H>,
): MeasuringCodec<MessagePart<JsonObject>, MessagePart<H>>;
export function messageParts(options?: MessageOptions): MeasuringCodec<MessagePart>;
export function messageParts<H>(
  options: MessageOptions<H>,
): MeasuringCodec<MessagePart<JsonObject>, MessagePart<H>>;
export function messageParts<H>(
  options: MessageOptions<H> = {},
): MeasuringCodec<MessagePart<JsonObject>, MessagePart<H>> {
  const layout = messageLayout(options, Number.MAX_SAFE_INTEGER);
  const encode = (part: MessagePart): Uint8Array[] => encodePart(layout, part);
  // To measure JSON, this codec must encode it. So it leaves encodeInto out, as codec.ts explains.
  return Object.freeze({
    encode,
    encodedLength: (part: MessagePart) => lengthOf(encode(part)),
    decoder: (given?: DecoderOptions) => new MessagePartsDecoder(layout, given),
  });
}

function encodePart<H>(layout: MessageLayout<H>, part: MessagePart): Uint8Array[] {
  switch (part?.kind) {
    case 'head':
      return layout.headCodec.encode(headerBytes(layout, part.header, part.bodyLength));
    case 'body':
      checkBytes('body part', part.bytes);
      return part.bytes.length === 0 ? [] : [part.bytes];
    case 'end':
      return [];
    default:
      throw unencodable("A message part must have the kind 'head', 'body' or 'end'.");
  }
}

class MessagePartsDecoder<H> extends HeadReader<H, MessagePart<H>> {
  /**
   * Copies the rest of `chunk`, because its owner will reuse it. `chunk` must be the chunk that was pushed
   * last.
   */
  forget(chunk: Uint8Array): void {
    this.machine.queue.forget(chunk);
  }

  take(): MessagePart<H> | undefined {
    if (!this.inMessage) {
      const head = this.takeHead();
      if (head === undefined) {
        return undefined;
      }
      this.headBytes = undefined;
      return { kind: 'head', ...head };
    }
    if (this.bodyLeft === 0) {
      this.inMessage = false;
      return { kind: 'end' };
    }
    if (this.machine.queue.length === 0) {
      return this.waitForBody();
    }
    const bytes = this.machine.queue.shift(this.bodyLeft);
    this.bodyLeft -= bytes.length;
    return { kind: 'body', bytes };
  }
}
