// Good streams as the caller of a proof gives them. Apart from what is drawn from them, so that these
// types stand where fast-check is not installed. Pure.

/** A stream with its frames known: the bytes of each on the wire, and the value of each. */
export interface FramedSample<T> {
  /** The bytes of each frame as they travel, in order. */
  readonly frames: readonly Uint8Array[];
  /** What the decoder gives for each frame, one value a frame. Without it values are only compared. */
  readonly values?: readonly T[] | undefined;
}

/** A stream to decode: its bytes, if nothing else is known, or its frames. */
export type StreamSample<T> = Uint8Array | FramedSample<T>;
