// The contract between bytes and values: the interfaces Codec and Decoder. Everything in this package that
// frames, reads, proves or streams uses only these two, so a custom codec fits wherever a built-in codec
// does.
//
// A codec must have `encode` and `decoder`. `encodedLength` and `encodeInto` are there for speed: with both,
// a connection packs many small values into one write without an object for each. A codec that can measure a
// value only by encoding the value (JSON) leaves `encodeInto` out. A connection then calls `encode` alone,
// once for each value. A connection verifies what these methods return: bytes or lengths that break this
// contract cause UsageError ERR_OPTION, and nothing of the value is sent. A connection trusts the values of a
// decoder, which proveDecoder can prove.
//
// Rules that bind every implementation here (test/codec holds each of them):
// - The cuts of the stream are not observable: same values, same error code, same byte offset.
// - Only `take` reports bad bytes. It does so after the last good value, and then throws the same error
//   again.
// - The state of the decoder decides whether an end is clean, and not whether the buffer is empty.
// - A declared length is checked first, and memory is allocated only for bytes that have arrived.
// - A decoder holds no more than the bytes received and not delivered, plus a constant.
// - Work is linear in bytes, whatever the chunk sizes.

import type { ProtocolError } from '../errors.ts';
import type { Bytes } from './byte-types.ts';

/** Options of a decoder. */
export interface DecoderOptions {
  /**
   * Function that `take` calls, in order with the values, for each wrong frame whose end is known or can be
   * found, such as a frame that is too large or fails its checksum. The decoder then skips that frame. Default
   * none: such a frame is fatal. With `resync` such a frame is noise instead: see `onNoise`.
   */
  readonly onSkip?: ((error: ProtocolError) => void) | undefined;
  /**
   * Function that `take` calls, in order with the values, for each gap of bytes that are no frame, when the
   * gap is over. Only codecs with `resync` have gaps. Default `onSkip`. Without both functions the decoder
   * drops a gap and reports nothing.
   */
  readonly onNoise?: ((error: ProtocolError) => void) | undefined;
}

/**
 * Both directions of one wire format, as one immutable value. Make one codec, and share it between connections.
 */
export interface Codec<In, Out = In> {
  /**
   * Returns the bytes of one value, as pieces in order. A large payload is passed by reference, so it
   * must not change until it is sent. Throws UsageError ERR_FRAME_UNENCODABLE for a value that the format
   * cannot hold.
   */
  encode(value: In): Uint8Array[];
  /** Number of bytes that `encode` would return. Throws as `encode` does. */
  encodedLength?(value: In): number;
  /**
   * Writes the bytes of one value at `offset` and returns the offset behind them, so that many small
   * values fit into one buffer. `target` must have room for `encodedLength(value)` bytes, so a codec needs that
   * method as well. Throws as `encode` does, before it writes a byte.
   */
  encodeInto?(value: In, target: Uint8Array, offset: number): number;
  /**
   * Whether a value may stay unfinished for any time, such as a line that a person types. For such a codec a
   * server has no default `frameTimeout`. Default false.
   */
  readonly isPatient?: boolean | undefined;
  /**
   * Makes a decoder, which reads the other direction. A decoder has state, so make one for each connection.
   */
  decoder(options?: DecoderOptions): Decoder<Out>;
}

/** A codec that can measure a value: it has `encodedLength`. */
export interface MeasuringCodec<In, Out = In> extends Codec<In, Out> {
  encodedLength(value: In): number;
}

/** A codec that also writes a value into a given buffer: it has `encodedLength` and `encodeInto`. */
export interface PackingCodec<In, Out = In> extends MeasuringCodec<In, Out> {
  encodeInto(value: In, target: Uint8Array, offset: number): number;
}

/**
 * Takes chunks as they come, and returns the values that the remote sent. Iteration calls `take` until it
 * returns `undefined`.
 */
export interface Decoder<T> extends Iterable<T> {
  /**
   * Accepts bytes and judges nothing. The chunk must not change until its values are taken. Once `take` has
   * thrown a ProtocolError, the decoder drops all bytes that are pushed. After `end`, bytes throw UsageError
   * ERR_DECODER_ENDED.
   */
  push(chunk: Uint8Array): void;
  /** Tells the decoder that the input is over. Judges nothing: `take` reports a truncated frame. */
  end(): void;
  /** Returns the next value, or `undefined` when it needs more bytes or is `done`. Throws ProtocolError. */
  take(): T | undefined;
  /** Whether the input ended at a boundary and every value was taken, or `takeRest` ended the decoder. */
  readonly done: boolean;
  /**
   * Number of bytes received and not yet delivered. The bytes of a skipped frame do not count, because the
   * decoder drops them as they come. Bytes that are pushed after a failure do not count either, because the
   * decoder does not keep them.
   */
  readonly bufferedLength: number;
  /**
   * Whether the input may end here: no value is begun. Markers between two frames may be buffered, and any
   * bytes of `rawBytes()`. For the parts of a message: whether the decoder is between two messages. A
   * connection uses it to tell a remote that sends nothing from a remote that stalls inside a value. For a
   * decoder without `atBoundary` the connection asks whether `bufferedLength` is 0.
   */
  readonly atBoundary?: boolean;
  /**
   * Offset in the stream of the first byte of the value that `take` has just returned. `continued` needs this
   * offset to know where a series of fragments begins, because skipped frames may stand in front of it. The
   * property is missing if the decoder does not know the offset.
   */
  readonly valueOffset?: number;
  /**
   * Returns the unread bytes for the next reader, and ends the decoder. While the rest of a skipped frame is
   * still to come, throws UsageError ERR_SKIP_UNFINISHED and changes nothing, because the next reader would
   * take that rest for frames. `continued` throws it also when fragments of an unfinished value were taken.
   * Without this method a connection cannot be released.
   */
  takeRest?(): Uint8Array[];
  /**
   * Function that gives up an unfinished value of which no more bytes come. The next `take` then searches for
   * a value from the second byte of the unfinished value on. Returns false when no value was begun. The
   * property is missing if the decoder cannot find a value behind noise; a connection then ends at
   * `frameTimeout`.
   */
  readonly giveUp?: (() => boolean) | undefined;
}

/** Function that `scan` calls with one frame: `bytes[start..end)` is the value, valid only during the call. */
export type FrameVisitor = (bytes: Uint8Array, start: number, end: number) => void;

/** A decoder whose values are byte frames. `scan` shows them without making an object for each. */
export interface FrameDecoder extends Decoder<Bytes> {
  /**
   * Pushes a chunk and calls `visit` for every whole frame in order, buffered frames first. The caller may
   * reuse the chunk afterwards. Throws ProtocolError as `take` does, after the last good frame. An error that
   * `visit` throws passes through, and the next call goes on behind the frame of that visit.
   */
  scan(chunk: Uint8Array, visit: FrameVisitor): void;
  readonly atBoundary: boolean;
  takeRest(): Uint8Array[];
}

/** A codec whose values are byte frames. */
export interface FrameCodec extends PackingCodec<Uint8Array, Bytes> {
  decoder(options?: DecoderOptions): FrameDecoder;
}
