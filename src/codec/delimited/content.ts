// What lies between the markers of a frame, and where it ends. A content is read run by run: it looks at
// every byte once, and keeps what it knows from one run to the next. So an end marker that is cut anywhere
// is found, and a frame of many chunks costs no more than one of one chunk.

import type { Run } from '../chunk-queue.ts';

/** Why a content cannot be read: see ERR_FRAME_ESCAPE. */
export type Wrong = 'unknown' | 'unfinished';

export interface Content {
  /**
   * Number of bytes of the content in plain form, as far as they are certain: bytes that may yet turn out to
   * be the end marker do not count.
   */
  readonly length: number;
  /** Set when an escape sequence is wrong. The end marker can still be looked for. */
  readonly wrong: Wrong | undefined;
  /** Whether the plain form is other bytes than those of the stream. */
  readonly isEscaped: boolean;
  /** Forgets everything, for the next frame. */
  reset(): void;
  /**
   * Reads on. Returns how many bytes of the run it read: up to the end marker and with it when it is
   * `found`, up to the wrong byte when it is `wrong` for the first time, else all.
   */
  read(run: Run): number;
  readonly found: boolean;
  /** Writes the plain form of `run`, a whole content without its marker, at `offset` of `target`. */
  unescape(run: Run, target: Uint8Array, offset: number): void;
}

/** A way to write contents. Immutable: it makes a reader for each decoder. */
export interface Stuffing {
  reader(): Content;
  /** Length of the plain bytes once written. */
  encodedLength(plain: Uint8Array): number;
  /** Writes plain bytes at `offset` and returns the offset behind them. */
  encodeInto(plain: Uint8Array, target: Uint8Array, offset: number): number;
  /** Whether no written content can hold the end marker, so that encode need not look for it. */
  readonly isSafe: boolean;
}
