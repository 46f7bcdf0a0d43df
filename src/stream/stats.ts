// What a connection counts.

/** Frames and bytes of one direction; bytes are those on the wire. */
export interface DirectionStats {
  readonly frames: number;
  readonly bytes: number;
  /** The largest frame so far. */
  readonly largest: number;
}

export interface ConnectionStats {
  readonly received: DirectionStats;
  readonly sent: DirectionStats;
  /** Frames reported to `onSkip`. */
  readonly skipped: number;
  /** Bytes received and not yet read. */
  readonly buffered: number;
  /** Bytes sent and not yet taken over by the operating system. */
  readonly queued: number;
}

/** What the two halves have counted, as it is now. */
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
