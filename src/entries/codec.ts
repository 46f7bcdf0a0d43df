// `unstick/codec`: the pure part, without sockets and timers. It runs in every JavaScript engine.

export { lengthPrefixed } from '../codec/length-prefixed.ts';
export { delimited } from '../codec/delimited/delimited.ts';
export { lines } from '../codec/delimited/lines.ts';
export { cobs } from '../codec/delimited/cobs.ts';
export { dle, hdlc, jt808, jt809, slip } from '../codec/delimited/escapes.ts';
export { fixedLength } from '../codec/fixed-length.ts';
export { rawBytes } from '../codec/raw-bytes.ts';
export { netstrings } from '../codec/netstrings.ts';
export { contentLength } from '../codec/content-length.ts';
export { headerPrefixed } from '../codec/header-prefixed.ts';
export { formats } from '../codec/formats/formats.ts';
export { diagnose } from '../codec/diagnose.ts';
export type { DelimitedOptions } from '../codec/delimited/layout.ts';
export type { EscapeMap } from '../codec/delimited/escapes.ts';
export type { LinesOptions } from '../codec/delimited/lines.ts';
export type { CobsOptions } from '../codec/delimited/cobs.ts';
export type { NetstringOptions } from '../codec/netstrings.ts';
export type { ContentLengthOptions } from '../codec/content-length.ts';
export type { HeaderPrefixedOptions } from '../codec/header-options.ts';
export type { HeaderedFrame } from '../codec/header-prefixed.ts';
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
export type {
  AnyUnstickError,
  ErrorCode,
  ErrorFacts,
  ErrorsByCode,
  StreamPlace,
} from '../errors.ts';
export type {
  Codec,
  Decoder,
  DecoderOptions,
  FrameCodec,
  FrameDecoder,
  FrameVisitor,
  MeasuringCodec,
  PackingCodec,
} from '../codec/codec.ts';
export type { Bytes } from '../codec/byte-types.ts';
export type { FrameParts, PartsOf } from '../codec/frame-parts.ts';
export type { Checksum, Deliver, FramePart, LengthPrefixedOptions } from '../codec/frame-layout.ts';
export type { LengthField } from '../codec/length-field.ts';
export type { LengthPrefix } from '../codec/prefixes.ts';
