// The results of an inspection, as values. They are the output of `unstick inspect --json`, as JSON Lines.

import type { Way } from '../capture/events.ts';

/** The first line: the source that is inspected, and the framing. */
export interface SourceLine {
  readonly kind: 'source';
  readonly version: 1;
  /**
   * Kind of the pieces. 'chunks': reads of a socket. 'segments': TCP segments, several of which offload may
   * have joined.
   */
  readonly pieces: 'chunks' | 'segments';
  /** The framing in words, or the name of the file that exports the codec. */
  readonly framing: string;
}

interface Place {
  readonly conversation: string;
  readonly direction: Way;
}

/** A frame that is whole. */
export interface FrameLine extends Place {
  readonly kind: 'frame';
  /** Number of the frame in the direction, from 0. */
  readonly frame: number;
  /** Time in ms since 1970 at which the frame was whole. Missing if the input has no times. */
  readonly time?: number;
  /** Offsets in the stream of the direction, and lengths. */
  readonly offset: number;
  readonly length: number;
  readonly payloadOffset: number;
  readonly payloadLength: number;
  /** Numbers of the first and the last piece in which the frame lies. */
  readonly pieces: readonly [number, number];
}

/** Bytes that belong to no frame. */
export interface GapLine extends Place {
  readonly kind: 'gap';
  readonly offset: number;
  readonly length: number;
  /**
   * Why the bytes belong to no frame. 'lost': the capture does not have them. 'noise': they are no frames.
   */
  readonly why: 'lost' | 'noise';
}

/** A frame that is wrong. */
export interface ErrorLine extends Place {
  readonly kind: 'error';
  /** Number of the frame that is wrong, and offset of its first byte. */
  readonly frame: number;
  readonly offset: number;
  readonly code: string;
  readonly message: string;
  /** Number of an earlier frame whose wrong length probably caused this error. Missing if there is none. */
  readonly suspect?: number;
  /** Offset of the next frame that was found behind the error. Missing if none was found. */
  readonly goodAgainAt?: number;
}

/**
 * A frame that the end of the input cut off. It is no error, because no side ended the stream there. But a wrong
 * length that the format allows looks the same.
 */
export interface UnfinishedLine extends Place {
  readonly kind: 'unfinished';
  /** Number that the frame would have, and offset of its first byte. */
  readonly frame: number;
  readonly offset: number;
  /** Number of bytes of the frame that came. */
  readonly received: number;
  /** Length of the frame by its head. Missing if the format does not say it, or if the head itself is cut off. */
  readonly length?: number;
}

/** A part of a frame: the bytes before the payload, the payload, or the bytes after it. */
export type FramePart = 'head' | 'payload' | 'tail';

/** The last line: the totals. */
export interface SummaryLine {
  readonly kind: 'summary';
  readonly conversations: number;
  readonly bytes: number;
  readonly pieces: number;
  readonly frames: number;
  /** Number of frames that lie in more than one piece. */
  readonly half: number;
  /** Number of pieces that hold bytes of more than one frame. */
  readonly sticky: number;
  /** Number of pieces that end inside each part of a frame. */
  readonly cuts: Readonly<Record<FramePart, number>>;
  /**
   * Number of frames that the end of the input cut off. Each has a line `unfinished`. They are no errors,
   * because neither side ended its stream there.
   */
  readonly unfinished: number;
  readonly errors: number;
  readonly gaps: number;
  readonly lostBytes: number;
  readonly noiseBytes: number;
  /** Number of retransmissions whose bytes differ from the first transmission. */
  readonly conflicts: number;
  /**
   * Length in bytes of the shortest frame, the longest frame, and the mean. Missing if there were no frames.
   */
  readonly shortest?: number;
  readonly longest?: number;
  readonly mean?: number;
  /** Time in ms from the first piece to the last one. Missing if the input has no times. */
  readonly duration?: number;
}

/** A place at which a piece ends inside a frame. */
export interface Cut {
  readonly offset: number;
  readonly part: FramePart;
}

/**
 * A frame, with two properties that its JSON line leaves out. The totals and the text output need `cuts`. The
 * ruler and `--bytes` need `bytes`.
 */
export interface FrameFound extends FrameLine {
  readonly cuts: readonly Cut[];
  /** The first bytes of the frame, as many as were asked for. Valid only during the call. */
  readonly bytes: Uint8Array;
}

export type Finding = FrameFound | GapLine | ErrorLine | UnfinishedLine;
