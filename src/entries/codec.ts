// The entry `unstick/codec`: the pure part of the package, without sockets and timers. This part runs in
// every JavaScript engine that has TextEncoder and TextDecoder.

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
export { continued } from '../codec/continued.ts';
export { defineCodec } from '../codec/define-codec.ts';
export { ByteQueue } from '../codec/byte-queue.ts';
export { formats } from '../codec/formats/formats.ts';
export { diagnose } from '../codec/diagnose.ts';
export { bcd, digits, digitsUntil, hexDigits } from '../codec/digit-fields.ts';
export type { DigitsUntilOptions, HexDigitsOptions } from '../codec/digit-fields.ts';
export { berLength } from '../codec/ber-length.ts';
export { number } from '../codec/number-field.ts';
export type { FixedPrefix, NumberOptions, OrderFlag } from '../codec/number-field.ts';
export { crc } from '../codec/crc.ts';
export {
  CRC_8,
  CRC_8_MAXIM_DOW,
  CRC_8_SAE_J1850,
  CRC_16_ARC,
  CRC_16_CMS,
  CRC_16_DNP,
  CRC_16_EN_13757,
  CRC_16_GENIBUS,
  CRC_16_IBM_3740,
  CRC_16_IBM_SDLC,
  CRC_16_KERMIT,
  CRC_16_MCRF4XX,
  CRC_16_MODBUS,
  CRC_16_SPI_FUJITSU,
  CRC_16_UMTS,
  CRC_16_USB,
  CRC_16_XMODEM,
  CRC_24_LTE_A,
  CRC_24_OPENPGP,
  CRC_32,
  CRC_32_BZIP2,
  CRC_32_MPEG_2,
  CRC_32C,
} from '../codec/crc-presets.ts';
export {
  adler32,
  fletcher16,
  fletcher8,
  internetSum,
  invertedSum8,
  negatedSum16,
  negatedSum8,
  sum16,
  sum32,
  sum8,
  xor8,
} from '../codec/sums.ts';
export { resync } from '../codec/resync.ts';
export type { Resync, ResyncOptions } from '../codec/resync.ts';
export type { CrcOptions } from '../codec/crc.ts';
export type { RunningChecksum } from '../codec/running-checksum.ts';
export type { DelimitedChecksum, DelimitedOptions } from '../codec/delimited/layout.ts';
export type { EscapeMap } from '../codec/delimited/escapes.ts';
export type { LinesOptions } from '../codec/delimited/lines.ts';
export type { CobsOptions } from '../codec/delimited/cobs.ts';
export type { NetstringOptions } from '../codec/netstrings.ts';
export type { ContentLengthOptions } from '../codec/content-length.ts';
export type { HeaderPrefixedOptions } from '../codec/header-options.ts';
export type { ContinuedOptions, Fragment } from '../codec/continued-options.ts';
export type { CodecDefinition } from '../codec/define-codec.ts';
export type { FrameQueue, RefusalCode, RefusalOptions } from '../codec/frame-queue.ts';
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
export type { Deliver, LengthPrefixedOptions } from '../codec/frame-layout.ts';
export type {
  Checksum,
  ChecksumPiece,
  FramePart,
  FrameRange,
  SectionOption,
  SectionPiece,
} from '../codec/sections.ts';
export type { LengthField, MaskedField } from '../codec/length-field.ts';
export type { LengthPrefix } from '../codec/prefixes.ts';
