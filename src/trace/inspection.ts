// One inspection for a page: it takes events of a source and answers the questions of a page. The server of
// `--web` has an inspection, and the page without a server has one of its own. This file is pure.

import type { CaptureEvent, Conversation, Way } from '../capture/events.ts';
import type { Framing } from '../codec/formats/framing-types.ts';
import type { Spots } from '../framing/codecs.ts';
import { wordFor } from '../guess/guess-word.ts';
import type { GuessResult } from '../guess/guess.ts';
import { Annotator } from '../inspect/annotator.ts';
import type { Finding, SourceLine } from '../inspect/lines.ts';
import { hexOf } from './block.ts';
import { ConversationTable } from './conversation-table.ts';
import { headReader } from './head.ts';
import type { ReadHead } from './head.ts';
import { Lists } from './lists.ts';
import type {
  GuessedConversation,
  GuessingAnnotator,
  GuessingOptions,
} from './guessing-annotator.ts';
import { GUESSED_WORDS, MAX_PAGE } from './rows.ts';
import type {
  ConversationsPage,
  Detail,
  Filter,
  FindQuery,
  FindResult,
  FrameRow,
  RowsPage,
  RowsQuery,
  TraceState,
} from './rows.ts';
import { findIn } from './search.ts';
import { Trace } from './trace.ts';
import type { TraceOptions } from './trace.ts';

/** Function that makes the guesser. It is an option because a page that does not guess need not load the guesser. */
type GuessEach = (options: GuessingOptions) => GuessingAnnotator;

export interface InspectionOptions extends Pick<TraceOptions, 'maxRows' | 'maxHeld'> {
  /** Tells where frames lie. Or `guessEach`, which guesses the framing of each conversation. */
  readonly spots: Spots | GuessEach;
  /**
   * The framing as data, for taking heads apart. It is undefined for a codec of the caller, and for a guess.
   */
  readonly framing: Framing | undefined;
  readonly source: SourceLine;
  /** Whether payload bytes are kept. They may hold passwords. */
  readonly showsPayload: boolean;
  readonly isLive: boolean;
  /** Function that returns whether the pieces of a conversation are reads or segments. */
  readonly arePiecesReal: (conversation: Conversation) => boolean;
  /**
   * Function that takes the head of a frame apart. `format` is the format that was guessed for the frame. If the
   * function returns undefined, the description of the framing is used to take the head apart.
   */
  readonly readHead?:
    | ((row: FrameRow, bytes: Uint8Array, format?: string) => ReturnType<ReadHead> | undefined)
    | undefined;
  /** Direction that is inspected. Default: both. */
  readonly direction?: Way | undefined;
  /** Function that returns whether a finding gets a row. Default: every finding gets one. */
  readonly takes?: ((finding: Finding, conversation: Conversation) => boolean) | undefined;
}

/** Maximum number of bytes of a frame that are kept. */
const KEPT_LENGTH = 256;
/**
 * Maximum number of rows of the same stream that a detail shows before its row (BEFORE) and after its row
 * (BEHIND).
 */
const BEFORE = 1;
const BEHIND = 4;
/** Sentence of a page about a source in which nothing was guessed. */
const NO_FRAMING = 'No framing was found, so there is nothing to inspect.';

export class Inspection {
  readonly #options: InspectionOptions;
  readonly #annotator: Annotator | GuessingAnnotator;
  readonly #trace: Trace;
  readonly #lists: Lists;
  readonly #table = new ConversationTable();
  readonly #readHead: ReadHead;
  /** Words for the framings that were guessed. */
  readonly #guessed = new Set<string>();
  #watcher: (() => void) | undefined;
  #isOver = false;
  #problem: string | undefined;

  constructor(options: InspectionOptions) {
    this.#options = options;
    const { isLive, maxRows, maxHeld } = options;
    this.#trace = new Trace({ keep: isLive ? 'last' : 'first', maxRows, maxHeld });
    this.#lists = new Lists(this.#trace);
    this.#readHead = headReader(options.framing);
    this.#annotator = this.#annotatorOf(options);
  }

  /** Number of wrong frames so far. */
  get errors(): number {
    return this.#annotator.errors;
  }

  /** Whether there is a framing: one that was given, or a guess for at least one conversation. */
  get hasFraming(): boolean {
    return this.#annotator instanceof Annotator || this.#annotator.found > 0;
  }

  /** Sets the function that is called whenever something has changed. It replaces the previous function. */
  watch(watcher: () => void): void {
    this.#watcher = watcher;
  }

  readonly visit = (event: CaptureEvent): void => {
    const { kind, conversation } = event;
    if (kind === 'open') {
      this.#table.open(conversation);
    }
    this.#annotator.add(event);
    if (kind === 'segment') {
      this.#table.addBytes(conversation.index, event.bytes.length);
    } else if (kind === 'end') {
      this.#table.close(conversation.index, event.direction);
    }
    this.#watcher?.();
  };

  /**
   * Tells that the source is over. Conversations that wait for a guess then wait no longer. `problem` is a
   * sentence about what could not be read.
   */
  end(problem?: string): void {
    if (!(this.#annotator instanceof Annotator)) {
      this.#annotator.end();
    }
    this.#isOver = true;
    this.#problem = problem ?? (this.hasFraming ? undefined : NO_FRAMING);
    this.#watcher?.();
  }

  state(): TraceState {
    const { source, showsPayload, isLive, framing, spots } = this.#options;
    const isGuessing = typeof spots === 'function';
    const { first, end, notKept } = this.#trace;
    return {
      version: 1,
      source,
      showsPayload,
      isLive,
      isOver: this.#isOver,
      first,
      end,
      notKept,
      conversations: this.#table.end,
      summary: this.#annotator.summary(),
      ...(isGuessing ? { guessed: [...this.#guessed] } : {}),
      ...(framing?.note === undefined ? {} : { note: framing.note }),
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
  }

  rows({ filter, from, count }: RowsQuery): RowsPage {
    const list = this.#lists.of(filter);
    const most = Math.min(count, MAX_PAGE);
    const start = Math.max(from < 0 ? list.end - most : from, list.first);
    const end = Math.min(list.end, start + most);
    const rows = [];
    for (let position = start; position < end; position++) {
      const row = this.#trace.row(list.idAt(position) ?? -1);
      if (row !== undefined) {
        rows.push(row);
      }
    }
    return { rows, from: start, first: list.first, end: list.end };
  }

  /**
   * Returns the position of a row in a list. If the list does not have the row, returns the position of the
   * next row that it has.
   */
  position(filter: Filter, id: number): number {
    return this.#lists.of(filter).positionOf(id);
  }

  /** Returns everything about one row. Returns `undefined` if the row was forgotten. */
  detail(id: number): Detail | undefined {
    const row = this.#trace.row(id);
    if (row === undefined) {
      return undefined;
    }
    const { conversation, direction } = row;
    const list = this.#lists.of({ conversation, direction });
    const at = list.positionOf(id);
    const around: Detail['around'][number][] = [];
    for (let position = at - BEFORE; position <= at + BEHIND; position++) {
      const near = list.idAt(position);
      const one = near === undefined ? undefined : this.#one(near);
      if (one !== undefined) {
        around.push(one);
      }
    }
    return { row, around };
  }

  find(query: FindQuery): FindResult {
    return findIn(this.#trace, this.#lists.of(query.filter), query);
  }

  conversations(from: number, count: number): ConversationsPage {
    const { first, end } = this.#table;
    const start = Math.max(from, first);
    const conversations = this.#table.page(start, Math.min(count, MAX_PAGE));
    return { from: start, first, end, conversations };
  }

  #one(id: number): Detail['around'][number] | undefined {
    const found = this.#trace.find(id);
    if (found === undefined) {
      return undefined;
    }
    const { block, at } = found;
    const other = block.otherAt(at);
    if (other !== undefined) {
      return { row: other };
    }
    const row = block.frameRowAt(at);
    const bytes = block.bytesAt(at);
    const cuts = block.cutsAt(at);
    return {
      row,
      bytes: hexOf(bytes),
      areBytesForgotten: block.areBytesForgotten,
      cuts: cuts.map(({ offset }) => offset),
      cutParts: cuts.map(({ part }) => part),
      fields: bytes.length < row.head ? [] : this.#fields(row, bytes),
    };
  }

  #annotatorOf(options: InspectionOptions): Annotator | GuessingAnnotator {
    const { spots, arePiecesReal, direction, isLive } = options;
    const common = { arePiecesReal, direction, shownLength: KEPT_LENGTH, tell: this.#tell };
    return typeof spots === 'function'
      ? spots({ ...common, isLive, onGuess: this.#keepGuess })
      : new Annotator({ ...common, spots });
  }

  readonly #keepGuess = ({ index, parts }: GuessedConversation, result: GuessResult): void => {
    this.#table.setGuess(index, result, parts);
    for (const { guess } of parts) {
      if (this.#guessed.size < GUESSED_WORDS) {
        this.#guessed.add(wordFor(guess));
      }
    }
  };

  #fields(row: FrameRow, bytes: Uint8Array): ReturnType<ReadHead> {
    const { readHead, spots } = this.#options;
    if (typeof spots !== 'function') {
      return readHead?.(row, bytes) ?? this.#readHead(row, bytes);
    }
    const { conversation, direction, offset } = row;
    const guess = this.#table.partAt(conversation, direction, offset)?.guess;
    return readHead?.(row, bytes, guess?.format) ?? headReader(guess?.framing)(row, bytes);
  }

  readonly #tell = (finding: Finding, conversation: Conversation): void => {
    const { takes, showsPayload, arePiecesReal } = this.#options;
    const { index } = conversation;
    let isSticky = false;
    let keptLength = 0;
    if (finding.kind === 'frame') {
      const isSamePiece = this.#table.addFrame(index, finding.direction, finding.pieces);
      isSticky = isSamePiece && arePiecesReal(conversation);
      keptLength = showsPayload ? KEPT_LENGTH : finding.payloadOffset - finding.offset;
    } else if (finding.kind === 'error') {
      this.#table.addError(index);
    }
    if (takes?.(finding, conversation) !== false) {
      this.#trace.add(finding, { conversation: index, isSticky, keptLength });
    }
  };
}
