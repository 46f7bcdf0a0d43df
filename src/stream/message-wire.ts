// The options of a message stream, the messages that it sends, and the codec that writes them.

import type { Codec } from '../codec/codec.ts';
import { UsageError } from '../errors.ts';
import type { JsonObject } from '../message/json-header.ts';
import type { MessageOptions } from '../message/message-layout.ts';
import { messageParts } from '../message/message-parts.ts';
import type { MessagePart } from '../message/message-parts.ts';
import { messages } from '../message/messages.ts';
import type { OutgoingMessage } from '../message/messages.ts';
import type { OptionNames } from '../options.ts';
import type { BodyStream } from './body-source.ts';
import { FRAMED_NAMES } from './framed-options.ts';
import type { FramedOptions } from './framed-options.ts';
import { isBytes } from '../codec/bytes.ts';

/** Options of `messageStream`. */
export interface MessageStreamOptions<H = JsonObject>
  extends MessageOptions<H>, Omit<FramedOptions, 'onSkip'> {
  /**
   * Maximum number of bytes of a body that `bytes()`, `text()` and `json()` collect. For a longer body those
   * methods fail with ERR_BODY_TOO_LARGE. A body that is read as a stream has no limit. Default 16 MiB.
   */
  readonly maxBodyLength?: number | undefined;
}

/** A message to send whose body is a stream. `bodyLength` or the header must give the length of the body. */
export interface StreamedMessage {
  readonly header: JsonObject;
  readonly body: BodyStream;
  /**
   * Number of bytes that the body will give. If the body gives another number, the connection ends with
   * ERR_MESSAGE_BODY_MISMATCH. Default: the number that the header has under `bodyLengthKey`.
   */
  readonly bodyLength?: number | undefined;
}

/**
 * The options of a connection without `onSkip`, because a message stream skips no message. Bodies are
 * streamed, so no body is too large, and a header that is too large ends reading.
 */
const { onSkip: _onSkip, ...CONNECTION_NAMES } = FRAMED_NAMES;

export const MESSAGE_STREAM_NAMES: OptionNames<MessageStreamOptions> = {
  prefix: true,
  bodyLengthKey: true,
  maxHeaderLength: true,
  maxBodyLength: true,
  parseHeader: true,
  ...CONNECTION_NAMES,
};

/** Makes the codec that writes whole messages in one go, and streamed messages part by part. */
export function outgoing(wire: MessageOptions): Codec<MessagePart | OutgoingMessage, unknown> {
  const parts = messageParts(wire);
  const unstreamed = messages({ ...wire, maxBodyLength: Number.MAX_SAFE_INTEGER });
  return {
    encode: (value) => ('kind' in value ? parts.encode(value) : unstreamed.encode(value)),
    decoder: (options) => parts.decoder(options),
  };
}

export function isStreamed(message: OutgoingMessage | StreamedMessage): message is StreamedMessage {
  const { body } = message;
  if (typeof body !== 'object' || body === null || isBytes(body)) {
    return false;
  }
  return Symbol.asyncIterator in body;
}

export function notAMessage(): UsageError {
  return new UsageError('ERR_FRAME_UNENCODABLE', 'A message must be { header, body }.');
}
