// The contract between bytes and values. Everything in this package that frames, reads, proves or
// streams does so through these two interfaces, so a custom codec fits wherever a built-in one does.
//
// A codec must have `encode` and `decoder`. `encodedLength` and `encodeInto` are there for speed: with
// both, a connection packs many small values into one write without an object for each. Where measuring
// means encoding (JSON), a codec leaves `encodeInto` out. A connection then calls `encode` alone, once
// for each value.
// A connection verifies what a codec returns: a codec that breaks this contract causes UsageError
// ERR_OPTION, never a hang or a corrupt stream.
//
// Rules that bind every implementation here (test/codec holds each of them):
// - The cuts of the stream are not observable: same values, same error code, same byte offset.
// - `take` alone reports bad bytes, after the last good value, and then the same error again.
// - The state decides whether an end is clean, not whether the buffer is empty.
// - A declared length is checked first, and memory is allocated only for bytes that have arrived.
// - A decoder holds no more than the bytes received and not delivered, plus a constant.
// - Work is linear in bytes, whatever the chunk sizes.

import type { ProtocolError } from '../errors.ts';
import type { Bytes } from './byte-types.ts';

/** Options of a decoder. */
export interface DecoderOptions {
  /**
   * Function that `take` calls, in order with the values, for each frame that is too large or fails its
   * checksum, but whose end is known. The decoder then skips that frame. Without it the frame is fatal.
   */
  readonly onSkip?: ((error: ProtocolError) => void) | undefined;
  /**
   * Function that `take` calls, in order with the values, for each gap of bytes that are no frame, once it is
   * over. Only codecs with resync have gaps, and none is fatal for want of this function. Default `onSkip`.
   */
  readonly onNoise?: ((error: ProtocolError) => void) | undefined;
}

/** Both directions of one wire format, as one immutable value. Make one, share it between connections. */
export interface Codec<In, Out = In> {
  /**
   * Returns the bytes of one value, as pieces in order. A large payload is passed by reference, so it
   * must not change until it is sent. Throws UsageError ERR_FRAME_UNENCODABLE before it writes a byte.
   */
  encode(value: In): Uint8Array[];
  /** Number of bytes that `encode` would give. Throws as `encode` does. */
  encodedLength?(value: In): number;
  /**
   * Writes the bytes of one value at `offset` and returns the offset behind them, so that many small
   * values fit into one buffer. It needs `encodedLength(value)` bytes, so a codec must have that as well.
   */
  encodeInto?(value: In, target: Uint8Array, offset: number): number;
  /**
   * Whether a value may stay unfinished for any time, as a line that a person types. A server then has no
   * default `frameTimeout`. Default false.
   */
  readonly isPatient?: boolean | undefined;
  /** Makes a decoder, the other direction. It has state: make one for each connection. */
  decoder(options?: DecoderOptions): Decoder<Out>;
}

/** A codec that measures. */
export interface MeasuringCodec<In, Out = In> extends Codec<In, Out> {
  encodedLength(value: In): number;
}

/** A codec that measures and packs, neither at the cost of encoding twice. */
export interface PackingCodec<In, Out = In> extends MeasuringCodec<In, Out> {
  encodeInto(value: In, target: Uint8Array, offset: number): number;
}

/** Takes chunks as they come and returns values as they were sent. An iterator takes until `undefined`. */
export interface Decoder<T> extends Iterable<T> {
  /**
   * Accepts bytes and judges nothing. The chunk must not change until its values are taken. Once `take`
   * has thrown a ProtocolError, the decoder drops what is pushed.
   */
  push(chunk: Uint8Array): void;
  /** Says that the input is over. Judges nothing: `take` reports a truncated frame. */
  end(): void;
  /** Returns the next value, or `undefined` when it needs more bytes or is `done`. Throws ProtocolError. */
  take(): T | undefined;
  /** Whether the input ended at a boundary and every value was taken. */
  readonly done: boolean;
  /**
   * Number of bytes received and not yet delivered. It does not count bytes of a skipped frame, which
   * the decoder drops as they come, nor bytes behind a failure, which it does not keep.
   */
  readonly bufferedLength: number;
  /**
   * Whether the decoder is between two values: none begun, nothing buffered. A connection needs it to
   * tell a remote that rests from one that stalls. Without it the connection reads `bufferedLength`.
   */
  readonly atBoundary?: boolean;
  /**
   * Offset in the stream of the first byte of the value that `take` has just returned. With it `continued`
   * can name the place of a series that begins behind a skipped frame.
   */
  readonly valueOffset?: number;
  /**
   * Returns the unread bytes for the next reader, and ends the decoder. Throws UsageError
   * ERR_SKIP_UNFINISHED and changes nothing while the rest of a skipped frame is still to come: the
   * next reader would take that for frames. Without this method a connection cannot be released.
   */
  takeRest?(): Uint8Array[];
  /**
   * Gives up the value that was begun and stalls, so that the next `take` searches behind its first byte.
   * Returns false when there is none. A codec has it if it can find values behind bytes that are none. With
   * it, a connection lives on after `frameTimeout`.
   */
  readonly giveUp?: (() => boolean) | undefined;
}

/** Function that is shown one frame: `bytes[start..end)` is the value, valid only during the visit. */
export type FrameVisitor = (bytes: Uint8Array, start: number, end: number) => void;

/** A decoder of byte frames, which can also show them without making an object for each. */
export interface FrameDecoder extends Decoder<Bytes> {
  /**
   * Pushes a chunk and shows every whole frame in order, buffered ones first. The caller may reuse the
   * chunk afterwards. Throws ProtocolError as `take` does, after the last good frame. When the visitor
   * throws, the decoder goes on behind the frame that it showed.
   */
  scan(chunk: Uint8Array, visit: FrameVisitor): void;
  readonly atBoundary: boolean;
  takeRest(): Uint8Array[];
}

/** A codec whose values are byte frames. */
export interface FrameCodec extends PackingCodec<Uint8Array, Bytes> {
  decoder(options?: DecoderOptions): FrameDecoder;
}
