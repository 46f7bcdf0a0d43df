// `unstick/codec`: the pure part. It runs wherever JavaScript runs; it knows no socket and no timer.

export { lengthPrefixed } from './length-prefixed.ts';
export { rawBytes } from './raw-bytes.ts';
export { diagnose } from './diagnose.ts';
export { messageParts } from '../message/message-parts.ts';
export { messages } from '../message/messages.ts';
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
