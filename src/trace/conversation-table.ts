// The conversations of a trace, with the numbers of frames and bytes in each. Above a limit the oldest
// conversations are forgotten.

import type { Conversation, Way } from '../capture/events.ts';
import { wordFor } from '../guess/guess-word.ts';
import type { GuessResult } from '../guess/guess.ts';
import type { GuessedPart } from './guessing-annotator.ts';
import type { ConversationRow, GuessRow } from './rows.ts';

interface Entry {
  readonly index: number;
  readonly name: string;
  frames: number;
  bytes: number;
  errors: number;
  readonly open: Set<Way>;
  /** Number of the last piece in which a frame was found, for each direction. */
  readonly lastPieces: Map<Way, number>;
  guess: Guessed | undefined;
}

/** What was guessed of a conversation, as a page shows it, and the parts that it is made of. */
interface Guessed {
  readonly row: GuessRow;
  readonly parts: readonly GuessedPart[];
}

/** Maximum number of conversations that are kept. */
const MAX_CONVERSATIONS = 65_536;

export class ConversationTable {
  readonly #maxCount: number;
  readonly #entries = new Map<number, Entry>();
  #first = 0;
  #end = 0;

  constructor(maxCount: number = MAX_CONVERSATIONS) {
    this.#maxCount = maxCount;
  }

  /** Number of the oldest conversation that is kept. */
  get first(): number {
    return this.#first;
  }

  /** Number that follows the number of the last conversation. */
  get end(): number {
    return this.#end;
  }

  /**
   * Adds a conversation. If it has no server, it stands for the bytes of a file, which have one direction.
   */
  open({ index, name, server }: Conversation): void {
    this.#entries.set(index, {
      index,
      name,
      frames: 0,
      bytes: 0,
      errors: 0,
      open: new Set<Way>(server === '' ? ['a>b'] : ['a>b', 'b>a']),
      lastPieces: new Map(),
      guess: undefined,
    });
    this.#end = Math.max(this.#end, index + 1);
    if (this.#entries.size > this.#maxCount) {
      this.#entries.delete(this.#entries.keys().next().value ?? 0);
      this.#first = this.#entries.keys().next().value ?? this.#end;
    }
  }

  close(index: number, direction: Way): void {
    this.#entries.get(index)?.open.delete(direction);
  }

  setGuess(index: number, { verdict }: GuessResult, parts: readonly GuessedPart[]): void {
    const entry = this.#entries.get(index);
    if (entry !== undefined) {
      const rows = parts.map(({ direction, from, guess }) => {
        const { frames, why } = guess;
        return { direction, from, word: wordFor(guess), frames, why };
      });
      entry.guess = { row: { verdict, parts: rows }, parts };
    }
  }

  /**
   * The part of a guess in which an offset lies. Undefined if the framing is given, if nothing was guessed,
   * if the offset lies in front of the first part, or if the conversation was forgotten.
   */
  partAt(index: number, direction: Way, offset: number): GuessedPart | undefined {
    const parts = this.#entries.get(index)?.guess?.parts ?? [];
    return parts.findLast((part) => part.direction === direction && part.from <= offset);
  }

  addBytes(index: number, length: number): void {
    const entry = this.#entries.get(index);
    if (entry !== undefined) {
      entry.bytes += length;
    }
  }

  addError(index: number): void {
    const entry = this.#entries.get(index);
    if (entry !== undefined) {
      entry.errors++;
    }
  }

  /** Counts a frame. Returns whether the frame begins in the piece in which the frame before it ended. */
  addFrame(index: number, direction: Way, [first, last]: readonly [number, number]): boolean {
    const entry = this.#entries.get(index);
    if (entry === undefined) {
      return false;
    }
    entry.frames++;
    const isSticky = entry.lastPieces.get(direction) === first;
    entry.lastPieces.set(direction, last);
    return isSticky;
  }

  /** Returns the conversations from number `from` on, at most `count` of them. */
  page(from: number, count: number): readonly ConversationRow[] {
    const rows: ConversationRow[] = [];
    for (let i = Math.max(from, this.#first); i < this.#end && rows.length < count; i++) {
      const entry = this.#entries.get(i);
      if (entry !== undefined) {
        const { index, name, frames, bytes, errors, open, guess } = entry;
        const row = { index, name, frames, bytes, errors, isOpen: open.size > 0 };
        rows.push(guess === undefined ? row : { ...row, guess: guess.row });
      }
    }
    return rows;
  }
}
