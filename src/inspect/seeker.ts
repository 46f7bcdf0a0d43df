// The searches of one direction: what made a search necessary, which bytes it looks at, and which earlier
// frame may have the wrong length that caused the error (the suspect). A search first looks at the frames in
// the last few KB, and further back only if none of them looks like a frame.

import { isUnstickError } from '../errors.ts';
import type { Spots } from '../framing/codecs.ts';
import { printable } from '../text.ts';
import type { DoubtKind, RaisedDoubt } from './doubts.ts';
import type { Profile } from './profile.ts';
import { Search } from './search.ts';
import type { Resumption } from './search.ts';
import type { Tape } from './tape.ts';

/** Number of bytes after an error for which a search waits: WINDOW at first, and MAX_WINDOW at most. */
export const WINDOW: number = 4 * 1024;
export const MAX_WINDOW: number = 64 * 1024;
/**
 * Number of bytes after an error in which a search looks at least, if so many have come. It looks at no more than
 * this or the window: otherwise the work after many errors grew with the length of the pieces.
 */
const LEAST_REACH = 16 * 1024;
/**
 * Number of bytes before an error in which the suspect is searched: HISTORY in the first search, and
 * LONG_HISTORY in a second search.
 */
const HISTORY = 8 * 1024;
export const LONG_HISTORY: number = 48 * 1024;

/** Worth in bits of frames right behind an error from which on a search looks no further. */
const CLEAR_BITS = 200;

export interface Wrong {
  readonly frame: number;
  readonly offset: number;
  readonly code: string;
  readonly message: string;
}

/** A search for frames behind an error, and the error that made it necessary. */
export interface Quest {
  readonly wrong: Wrong | undefined;
  /**
   * Offset from which on frames are searched: the first frame in `all`. If `all` is empty: the wrong frame
   * or, without one, the end of the stream so far.
   */
  readonly from: number;
  readonly read: readonly number[];
  /** Frames that were read. They reach further back than `read`, for a second search. */
  readonly all: readonly number[];
  /** Whether no frame is wrong, and the last frames only look strange. */
  readonly isSoft: boolean;
  /** Number of bytes for which the next search waits. */
  windowLength: number;
  /** Number of bytes in which the next search looks at most. Default: as many as it waits for, or LEAST_REACH. */
  readonly reach?: number;
  pieces: number;
  hint: number | undefined;
}

/**
 * The place at which frames go on. `back` is the number of frames from the wrong frame back to the suspect.
 */
export interface Found extends Resumption {
  readonly back: number;
}

export interface SeekerContext {
  readonly spots: Spots;
  readonly profile: Profile;
  readonly arePiecesReal: boolean;
}

export class Seeker {
  readonly #context: SeekerContext;
  readonly #tape: Tape;

  constructor(context: SeekerContext, tape: Tape) {
    this.#context = context;
    this.#tape = tape;
  }

  questOf(wrong: Wrong | undefined, read: readonly number[], isSoft: boolean): Quest {
    const end = wrong?.offset ?? this.#tape.end;
    const all = read.filter((start) => start >= this.#tape.start);
    const kept = all.filter((start, i) => start >= end - HISTORY || i >= all.length - 2);
    return {
      wrong,
      from: all[0] ?? end,
      read: kept,
      all,
      isSoft,
      windowLength: isSoft ? MAX_WINDOW : WINDOW,
      pieces: 0,
      hint: undefined,
    };
  }

  /**
   * Searches in the bytes right behind the error and, unless they leave no doubt, as far as the quest reaches.
   * In a long window the next error could hide what the first bytes show.
   */
  find(quest: Quest, isEnd: boolean): Found | undefined {
    const isLong = this.#tape.end - searchedFrom(quest) > WINDOW;
    const near = isLong ? this.run({ ...quest, reach: WINDOW }, false) : undefined;
    const isClear = near !== undefined && near.bits >= CLEAR_BITS;
    return isClear ? near : this.run(quest, isEnd);
  }

  /** Searches among the last frames, and further back if none of them looks like a frame. */
  run(quest: Quest, isEnd: boolean): Found | undefined {
    const { read, all } = quest;
    const found = this.#runWith(quest, read, isEnd);
    const isEnough = found !== undefined && !found.isVague;
    if (isEnough || all.length === read.length) {
      return found;
    }
    return this.#runWith(quest, all, isEnd) ?? found;
  }

  #runWith(quest: Quest, read: readonly number[], isEnd: boolean): Found | undefined {
    const { hint, isSoft, wrong } = quest;
    const search = this.#searchIn(quest, read, isEnd);
    const hasWrongMarker = wrong?.code === 'ERR_FRAME_MAGIC';
    const found = search?.run(this.#context.profile, { read, hint, isSoft, hasWrongMarker });
    // Count the departure from the end, so that the number stays the same with a longer history.
    return found && { ...found, back: read.length - 1 - found.departure };
  }

  #searchIn(quest: Quest, read: readonly number[], isEnd: boolean): Search | undefined {
    const { spots, arePiecesReal } = this.#context;
    const start = Math.max(read[0] ?? quest.from, this.#tape.start);
    const end = Math.min(this.#tape.end, searchedFrom(quest) + reachOf(quest));
    const bytes = this.#tape.read(start, end);
    if (bytes.length === 0) {
      return undefined;
    }
    const starts = this.#tape.piecesIn(start, end).map(({ offset }) => offset);
    return new Search(spots, {
      bytes,
      offset: start,
      pieceStarts: arePiecesReal ? new Set(starts) : undefined,
      isEnd: isEnd && end === this.#tape.end,
    });
  }

  suspectIn(quest: Quest): number {
    const { read } = quest;
    return this.#searchIn(quest, read, true)?.suspectOf(this.#context.profile, read) ?? 0;
  }
}

/** Returns the offset behind which frames are searched: the wrong frame, or the first byte without one. */
export function searchedFrom({ wrong, from }: Quest): number {
  return wrong?.offset ?? from;
}

/** Returns the number of bytes behind that offset in which the next search looks, if so many have come. */
export function reachOf({ windowLength, reach }: Quest): number {
  return reach ?? Math.max(windowLength, LEAST_REACH);
}

/**
 * Makes the error of a wrong frame from the error of a decoder. The decoder counts from where it began, so
 * its place is replaced by the place of the frame in the stream.
 */
export function wrongOf(error: unknown, place: { frame: number; offset: number }): Wrong {
  if (!isUnstickError(error)) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      ...place,
      code: 'ERR_FRAME_MALFORMED',
      message: `The codec failed: ${printable(why)}.`,
    };
  }
  const message = error.message.replace(
    /\(frame \d+, byte \d+\)/,
    `(frame ${place.frame}, byte ${place.offset})`,
  );
  return { ...place, code: error.code, message };
}

const DOUBTS: Readonly<Record<DoubtKind, string>> = {
  strange: 'look like no earlier frame',
  astray: 'begin where no piece begins, and other frames do',
};

/** The error for frames that no decoder refuses and that are only doubted. */
export function doubtedFrames(
  { kind, frames }: RaisedDoubt,
  place: { readonly frame: number; readonly offset: number },
): Wrong {
  const { frame, offset } = place;
  const message = `The last ${frames} frames ${DOUBTS[kind]} (frame ${frame}, byte ${offset}).`;
  return { ...place, code: 'ERR_NOISE', message };
}
