// `unstick/codec`: the pure part. It runs wherever JavaScript runs; it knows no socket and no timer.

export { lengthPrefixed } from './length-prefixed.ts';
export { rawBytes } from './raw-bytes.ts';
export { netstrings } from './netstrings.ts';
export { contentLength } from './content-length.ts';
export { headerPrefixed } from './header-prefixed.ts';
export { formats } from './formats.ts';
export { diagnose } from './diagnose.ts';
export type { NetstringOptions } from './netstrings.ts';
export type { ContentLengthOptions } from './content-length.ts';
export type { HeaderedFrame, HeaderPrefixedOptions } from './header-prefixed.ts';
export { messageParts } from '../message/message-parts.ts';
export { messages } from '../message/messages.ts';
export type {
  HeaderReason,
  JsonObject,
  ParseHeader,
  StandardSchema,
} from '../message/json-header.ts';
export type { MessageOptions } from '../message/message-layout.ts';
export type { MessagePart } from '../message/message-parts.ts';
export type { Message, OutgoingMessage } from '../message/messages.ts';
export {
  ConnectionError,
  errorCodes,
  isUnstickError,
  ProtocolError,
  UnstickError,
  UsageError,
} from '../errors.ts';
export type { ErrorCode, ErrorFacts, StreamPlace } from '../errors.ts';
export type {
  Codec,
  Decoder,
  DecoderOptions,
  FrameCodec,
  FrameDecoder,
  FrameVisitor,
} from './codec.ts';
export type { FrameParts } from './frame-decoder.ts';
export type { Checksum, Deliver, FramePart, LengthPrefixedOptions } from './frame-layout.ts';
export type { LengthField, LengthPrefix } from './length-field.ts';
