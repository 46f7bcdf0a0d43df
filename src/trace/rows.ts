// The values that a page shows of an inspection. They travel as JSON. The server and the page without a
// server both answer with these values.

import type { Way } from '../capture/events.ts';
import type { Verdict } from '../guess/guess.ts';
import type { FramePart, SourceLine, SummaryLine } from '../inspect/lines.ts';

interface RowPlace {
  /** Number of the row in the trace, from 0. It stays the same when older rows are forgotten. */
  readonly id: number;
  /** Number of the conversation. */
  readonly conversation: number;
  readonly direction: Way;
  readonly offset: number;
}

export interface FrameRow extends RowPlace {
  readonly kind: 'frame';
  readonly frame: number;
  readonly time?: number;
  /**
   * Lengths in bytes: of the frame (`length`), of the bytes in front of its payload (`head`), and of the
   * payload.
   */
  readonly length: number;
  readonly head: number;
  readonly payload: number;
  /** Numbers of the first and the last piece in which the frame lies. */
  readonly pieces: readonly [number, number];
  /** Whether the frame lies in more than one piece. */
  readonly isHalf: boolean;
  /**
   * Whether the first piece of the frame also has bytes of the frame before it. Always false if the pieces are
   * no reads or segments, as for a file of raw bytes.
   */
  readonly isSticky: boolean;
  /**
   * First bytes of the frame in hex, for the list. They include payload bytes only if the trace keeps payload
   * bytes.
   */
  readonly preview: string;
}

export interface GapRow extends RowPlace {
  readonly kind: 'gap';
  readonly length: number;
  readonly why: 'lost' | 'noise';
}

export interface ErrorRow extends RowPlace {
  readonly kind: 'error';
  readonly frame: number;
  readonly code: string;
  readonly message: string;
  readonly suspect?: number;
  readonly goodAgainAt?: number;
}

/** A frame that the end of the input cut off. */
export interface UnfinishedRow extends RowPlace {
  readonly kind: 'unfinished';
  readonly frame: number;
  /** Number of its bytes that came, and its length if that is known. */
  readonly received: number;
  readonly length?: number;
}

/** A row that is no whole frame. */
export type OtherRow = GapRow | ErrorRow | UnfinishedRow;

export type Row = FrameRow | OtherRow;

/** A value in the head of a frame. `offset` counts from the start of the frame. */
export interface HeadField {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  /** The value as text. It is empty if the field has fields of its own. */
  readonly value: string;
  readonly fields?: readonly HeadField[];
}

/** A frame with as many of its bytes as are kept. */
export interface FrameDetail {
  readonly row: FrameRow;
  /** First bytes of the frame in hex. They include payload bytes only if the trace keeps payload bytes. */
  readonly bytes: string;
  /** Whether bytes of this frame were kept at first and were forgotten since. */
  readonly areBytesForgotten: boolean;
  /** Offsets in the frame at which a piece ends. There are at most 64 of them. */
  readonly cuts: readonly number[];
  readonly cutParts: readonly FramePart[];
  readonly fields: readonly HeadField[];
}

/** One row with all its details, and the rows around it in its stream. */
export interface Detail {
  readonly row: Row;
  readonly around: readonly (FrameDetail | { readonly row: OtherRow })[];
}

/** Choice of the rows of a trace that a list has. */
export interface Filter {
  readonly conversation?: number | undefined;
  readonly direction?: Way | undefined;
  /** Whether the list has only rows that are no whole frames: errors, gaps and unfinished frames. */
  readonly errors?: boolean | undefined;
}

/** A part of a list. Positions count from the first row that the list ever had. */
export interface RowsPage {
  readonly rows: readonly Row[];
  /** Position of the first row of `rows`. */
  readonly from: number;
  /** Position of the oldest row that is kept. */
  readonly first: number;
  /** Position behind the last row. */
  readonly end: number;
}

export interface RowsQuery {
  readonly filter: Filter;
  /** Position of the first row to return. -1 asks for the last rows. */
  readonly from: number;
  readonly count: number;
}

export interface FindQuery {
  readonly filter: Filter;
  /** The searched text, in the form that `parseSearch` reads. */
  readonly text: string;
  /** Position from which the search goes on. The row at this position is searched, too. */
  readonly from: number;
  readonly isBackward: boolean;
}

/**
 * Result of a search. 'found': a row was found. 'onward': no row was found so far, and the search goes on at
 * `next`. 'none': the search has reached its end.
 */
export type FindResult =
  | { readonly kind: 'found'; readonly position: number; readonly id: number }
  | { readonly kind: 'onward'; readonly next: number }
  | { readonly kind: 'none' };

/** What was guessed of a conversation. */
export interface GuessRow {
  readonly verdict: Verdict;
  /** The guesses, in the order of their offsets. Empty if no framing was found. */
  readonly parts: readonly {
    readonly direction: Way;
    readonly from: number;
    /** The framing as `--frames` takes it. */
    readonly word: string;
    /** Number of frames that fit, and number of frames that were tried. */
    readonly frames: readonly [fit: number, of: number];
    /** The evidence in words. */
    readonly why: readonly string[];
  }[];
}

export interface ConversationRow {
  readonly index: number;
  readonly name: string;
  readonly frames: number;
  readonly bytes: number;
  readonly errors: number;
  readonly isOpen: boolean;
  /** Missing if the framing is given, or not guessed yet. */
  readonly guess?: GuessRow;
}

export interface ConversationsPage {
  readonly from: number;
  /** Number of the oldest conversation that is kept (`first`), and number behind the last one (`end`). */
  readonly first: number;
  readonly end: number;
  readonly conversations: readonly ConversationRow[];
}

/**
 * The state of a whole trace at one time. Each state replaces the state before, so a page may miss all but
 * the last one.
 */
export interface TraceState {
  readonly version: 1;
  readonly source: SourceLine;
  /** Whether payload bytes are kept and therefore shown. */
  readonly showsPayload: boolean;
  /** Whether the source may go on for long: a live connection or the standard input, and not a file. */
  readonly isLive: boolean;
  /** Whether the source was read to its end. */
  readonly isOver: boolean;
  /** Number of the oldest row that is kept (`first`), and number behind the last row (`end`). */
  readonly first: number;
  readonly end: number;
  /** Number of rows that were not kept, or that were forgotten, because the trace was full. */
  readonly notKept: number;
  readonly conversations: number;
  /** Words for the framings that were guessed, each once, at most GUESSED_WORDS. Missing if the framing is given. */
  readonly guessed?: readonly string[];
  readonly summary: SummaryLine;
  /** Remark about the format, for people. */
  readonly note?: string;
  /** Sentence about a source of which something could not be read, or in which no framing was found. */
  readonly problem?: string;
}

/** Maximum number of framings that `guessed` names. */
export const GUESSED_WORDS = 4;
/** Maximum number of rows and of conversations that one question may ask for. */
export const MAX_PAGE = 500;
