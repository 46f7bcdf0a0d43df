// What a connection counts.

/**
 * Frames and bytes of one direction. Received frames are those that a reader was given, and received bytes
 * are all that came. Sent frames are those that `send` accepted, and sent bytes are those that the operating
 * system has taken.
 */
export interface DirectionStats {
  readonly frames: number;
  readonly bytes: number;
  /**
   * Length in bytes of the largest of these frames on the wire. With `scan`, only the bytes that it shows
   * count.
   */
  readonly largest: number;
}

/** What a connection has sent and received so far. */
export interface ConnectionStats {
  readonly received: DirectionStats;
  readonly sent: DirectionStats;
  /** Number of frames reported to `onSkip`, and of gaps between frames. Gaps count without an `onSkip`, too. */
  readonly skipped: number;
  /** Bytes received and not yet read. */
  readonly buffered: number;
  /** Bytes that `send` accepted and the operating system has not taken yet. */
  readonly queued: number;
}

/** A snapshot of what the two halves have counted. */
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
