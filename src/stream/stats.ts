// The numbers in the `stats` of a connection.

/**
 * Number of frames and bytes of one direction. Received frames are the frames that a reader was given, and
 * received bytes are all bytes that came. Sent frames are the frames that `send` accepted, and sent bytes are
 * the bytes that the operating system has taken.
 */
export interface DirectionStats {
  readonly frames: number;
  readonly bytes: number;
  /**
   * Length in bytes of the largest of these frames on the wire. With `scan`, only the bytes that a visitor is
   * shown count.
   */
  readonly largest: number;
}

/** What a connection has sent and received so far. */
export interface ConnectionStats {
  readonly received: DirectionStats;
  readonly sent: DirectionStats;
  /**
   * Number of skipped frames that were reported to `onSkip`, plus the number of gaps between frames. Gaps
   * also count without an `onSkip`.
   */
  readonly skipped: number;
  /** Number of bytes that came and that no reader has taken yet. */
  readonly buffered: number;
  /** Number of bytes that `send` accepted and that the operating system has not taken yet. */
  readonly queued: number;
}

/** Returns a snapshot of what the two halves have counted. */
export function statsOf(
  received: DirectionStats & { readonly buffered: number },
  sent: DirectionStats & { readonly queued: number },
  skipped: number,
): ConnectionStats {
  return {
    received: { frames: received.frames, bytes: received.bytes, largest: received.largest },
    sent: { frames: sent.frames, bytes: sent.bytes, largest: sent.largest },
    skipped,
    buffered: received.buffered,
    queued: sent.queued,
  };
}
