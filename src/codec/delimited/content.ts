// A Content reads the bytes between the markers of a frame, and finds the end marker. It reads run by run,
// looks at every byte once, and remembers from one run to the next how many bytes of the end marker have
// matched. So it finds an end marker that is cut anywhere, and a frame of many chunks costs no more than a
// frame of one chunk.

import type { Run } from '../chunk-queue.ts';

/** Reason why a content cannot be read. It is the `reason` of ERR_FRAME_ESCAPE. */
export type Wrong = 'unknown' | 'unfinished';

export interface Content {
  /**
   * Number of plain bytes read so far, with each escape sequence as the byte that it stands for. Bytes that may
   * turn out to be the beginning of the end marker do not count.
   */
  readonly length: number;
  /** Set when an escape sequence is wrong. Even then `read` can still find the end marker. */
  readonly wrong: Wrong | undefined;
  /** Whether the plain bytes differ from those of the stream, so that `unescape` is needed. */
  readonly isEscaped: boolean;
  /** Forgets everything, so that the next frame can be read. */
  reset(): void;
  /**
   * Reads on in a run, and returns the number of bytes read. It stops behind the end marker, and in front of
   * the first wrong byte. Otherwise it reads the whole run.
   */
  read(run: Run): number;
  /** Whether the end marker was found. */
  readonly found: boolean;
  /** Writes the plain bytes of `run`, a whole content without its marker, at `offset` of `target`. */
  unescape(run: Run, target: Uint8Array, offset: number): void;
}

/** A way to write the payload between markers. It has no state, and makes a Content for each decoder. */
export interface Stuffing {
  reader(): Content;
  /** Number of bytes that `encodeInto` writes for these plain bytes. */
  encodedLength(plain: Uint8Array): number;
  /** Writes plain bytes at `offset` and returns the offset behind them. */
  encodeInto(plain: Uint8Array, target: Uint8Array, offset: number): number;
  /**
   * Whether the bytes that `encodeInto` writes never hold the end marker, so that encode need not look for
   * it.
   */
  readonly isSafe: boolean;
}
