// The contract between bytes and values. Everything in this package that frames, reads, proves or
// streams does so through these two interfaces, so a codec of yours fits wherever one of ours does.
//
// A codec must have `encode` and `decoder`. `encodedLength` and `encodeInto` are there for speed: with
// both, a connection packs many small values into one write without an object for each. A codec for
// which measuring means encoding (JSON) leaves `encodeInto` out, and a connection then calls `encode`
// alone, once for each value.
// What a codec says is verified where it is used: one that breaks this contract is UsageError
// ERR_OPTION, never a hang or a corrupt stream.
//
// Rules that bind every implementation here (test/codec holds each of them):
// - How the stream was cut is not observable: same values, same error code, same byte offset.
// - `take` alone reports bad bytes, after the last good value, and then the same error again.
// - The end is judged by the state, not by "is the buffer empty".
// - A declared length is checked before a byte is allocated for it, and never allocated ahead.
// - Bytes held never exceed bytes received and not delivered, plus a constant.
// - Work is linear in bytes, whatever the chunk sizes.

import type { ProtocolError } from '../errors.ts';
import type { Bytes } from './byte-types.ts';

/** What a decoder may be told when it is made. */
export interface DecoderOptions {
  /**
   * Called from `take`, in order with the values, for each frame whose end is known but which is too
   * large or fails its checksum. With it such a frame is reported and skipped; without it, fatal.
   */
  readonly onSkip?: ((error: ProtocolError) => void) | undefined;
}

/** Both directions of one wire format, as one immutable value. Make one, share it between connections. */
export interface Codec<In, Out = In> {
  /**
   * The bytes of one value, as pieces in order. A large payload is passed by reference, so it must
   * not change until it is sent. Throws UsageError ERR_FRAME_UNENCODABLE before anything is written.
   */
  encode(value: In): Uint8Array[];
  /** Number of bytes that `encode` would give. Throws as `encode` does. */
  encodedLength?(value: In): number;
  /**
   * Writes the bytes of one value at `offset` and returns the offset behind them; for packing many
   * small values into one buffer. The room needed is `encodedLength(value)`, which must be there too.
   */
  encodeInto?(value: In, target: Uint8Array, offset: number): number;
  /** The other direction. Stateful: one for each connection. */
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

/** Takes chunks as they come, gives values as they were sent. Iterating takes until `undefined`. */
export interface Decoder<T> extends Iterable<T> {
  /**
   * Takes the bytes, now, and judges nothing. The chunk must not change until its values are taken.
   * After an error that `take` has thrown, bytes are dropped.
   */
  push(chunk: Uint8Array): void;
  /** Says that the input is over. Judges nothing: a truncated frame is reported by `take`. */
  end(): void;
  /** The next value; `undefined` when more bytes are needed, or when `done`. Throws ProtocolError. */
  take(): T | undefined;
  /** Ended at a boundary, and everything taken. */
  readonly done: boolean;
  /**
   * Number of bytes received and not yet delivered. Those of a skipped frame are dropped as they come,
   * and those behind a failure are not kept, so neither are among them.
   */
  readonly bufferedLength: number;
  /**
   * Between two values: nothing begun, nothing buffered. Lets a stream tell a remote that rests from
   * one that stalls. A decoder without it is asked for `bufferedLength` instead.
   */
  readonly atBoundary?: boolean;
  /**
   * Gives back what is left, unread, and ends the decoder: for whoever reads on. Throws UsageError
   * ERR_SKIP_UNFINISHED, and changes nothing, while the rest of a skipped frame is still to come: the
   * next reader would take it for frames. A decoder without it cannot be released from a connection.
   */
  takeRest?(): Uint8Array[];
}

/** Shown one frame: `bytes[start..end)` is the value, valid only during the visit. */
export type FrameVisitor = (bytes: Uint8Array, start: number, end: number) => void;

/** A decoder of byte frames, which can also show them without making an object for each. */
export interface FrameDecoder extends Decoder<Bytes> {
  /**
   * Pushes a chunk and shows every frame that is whole, in order, those buffered before first. The
   * chunk may be reused afterwards. Throws ProtocolError as `take` does, after the last good frame; a
   * visitor that throws leaves the decoder behind the frame that it was shown.
   */
  scan(chunk: Uint8Array, visit: FrameVisitor): void;
  readonly atBoundary: boolean;
  takeRest(): Uint8Array[];
}

/** A codec whose values are byte frames. */
export interface FrameCodec extends PackingCodec<Uint8Array, Bytes> {
  decoder(options?: DecoderOptions): FrameDecoder;
}
