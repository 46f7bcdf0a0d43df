// An annotator that guesses how each conversation is framed, before the inspection of that conversation
// begins.
//
//   events ──▶ held, until enough is known ──▶ the guess ──▶ the same events again, in parts ──▶ Annotator
//
// A part is what one framing explains: one direction from an offset on, up to the next part. The annotator sees
// each part as a conversation of its own, so what it finds is shifted back into its place in the stream.

import type {
  CaptureEvent,
  Conversation,
  EndEvent,
  GapEvent,
  OpenEvent,
  SegmentEvent,
  Way,
} from '../capture/events.ts';
import { spotsOf } from '../framing/framing.ts';
import { GUESSED_LENGTH, StreamCollector } from '../guess/collect.ts';
import { guess } from '../guess/guess.ts';
import type { Guess, GuessResult } from '../guess/guess.ts';
import type { GuessStream } from '../guess/stream.ts';
import { guessTogether } from '../guess/together.ts';
import { Annotator } from '../inspect/annotator.ts';
import type { AnnotatorOptions } from '../inspect/annotator.ts';
import type { SummaryLine } from '../inspect/lines.ts';
import { shifted } from './shifted.ts';

export interface GuessingOptions extends Omit<AnnotatorOptions, 'spots'> {
  /**
   * Whether the source is live. A guess that is sure then need not wait for more bytes, and a conversation that is
   * over need not wait for the others.
   */
  readonly isLive: boolean;
  /** Called with the guess for each conversation that has bytes, before its findings. */
  readonly onGuess: (conversation: GuessedConversation, result: GuessResult) => void;
}

export interface GuessedConversation {
  readonly index: number;
  readonly name: string;
  /** Directions that have bytes. */
  readonly ways: readonly Way[];
  /** The parts of directions that the guesses explain, in their order. */
  readonly parts: readonly GuessedPart[];
}

/** The part of one direction that one guess explains. */
export interface GuessedPart {
  readonly direction: Way;
  /** Offset of the first byte of the part. The offset is final when that byte has come. */
  readonly from: number;
  readonly guess: Guess;
}

/**
 * Maximum memory in bytes for all events that wait for a guess. When it is full, guesses are made of the
 * events that are there.
 */
const MAX_HELD = 64 * 1024 * 1024;
/** Number of bytes that an event counts for, in addition to the bytes that it carries. */
const EVENT_COST = 200;
/**
 * Number of bytes of a live conversation at which the first guess is made. Further guesses follow at each
 * doubling.
 */
const FIRST_ATTEMPT = 256;

interface Part extends GuessedPart {
  /** The conversation that the annotator sees. `source` is the conversation that the source has. */
  readonly conversation: Conversation;
  readonly source: Conversation;
  from: number;
  /** Offset of the next part, or Infinity if there is none. */
  to: number;
  /** Number of pieces of the direction in front of the first piece of this part. */
  pieces: number | undefined;
}

interface DirectionParts {
  readonly parts: readonly Part[];
  /** Offset of the next byte. */
  at: number;
  /** Number of pieces so far. */
  pieces: number;
}

interface Held {
  readonly state: 'held';
  readonly conversation: Conversation;
  readonly events: Exclude<CaptureEvent, OpenEvent>[];
  readonly open: Set<Way>;
  /** Number of bytes of each direction. */
  readonly lengths: Record<Way, number>;
  cost: number;
  attemptAt: number;
}

interface Told {
  readonly state: 'told';
  readonly directions: Readonly<Record<Way, DirectionParts>>;
  readonly open: Set<Way>;
}

export class GuessingAnnotator {
  readonly #options: GuessingOptions;
  readonly #annotator: Annotator;
  readonly #entries = new Map<number, Held | Told>();
  /** The parts. The key is the number of the conversation that the annotator sees. */
  readonly #parts = new Map<number, Part>();
  #heldCost = 0;
  #nextIndex = 0;
  #found = 0;
  /** Number of bytes in front of the first parts, and number of the gaps that they make. */
  readonly #skipped = { bytes: 0, gaps: 0 };

  constructor(options: GuessingOptions) {
    this.#options = options;
    const { tell } = options;
    this.#annotator = new Annotator({
      ...options,
      spots: ({ index }) => spotsOf(this.#partOf(index).guess.framing),
      tell: (finding, { index }) => {
        const part = this.#partOf(index);
        tell(shifted(finding, part.from, part.pieces ?? 0), part.source);
      },
    });
  }

  /** Number of wrong frames so far. */
  get errors(): number {
    return this.#annotator.errors;
  }

  /** Number of conversations in which a framing was found. */
  get found(): number {
    return this.#found;
  }

  readonly add = (event: CaptureEvent): void => {
    const { index } = event.conversation;
    const entry = this.#entries.get(index) ?? this.#open(event.conversation);
    if (event.kind === 'open') {
      this.#annotator.add(event);
    } else if (entry.state === 'told') {
      this.#pass(entry, event);
    } else {
      this.#hold(entry, event);
    }
    if (this.#heldCost > MAX_HELD) {
      this.#makeRoom();
    }
  };

  /** Says that the source is over. Guesses the conversations that still wait, those of one port together. */
  end(): void {
    const waiting = this.#waiting();
    const results = guessTogether(
      waiting.map((held) => ({
        streams: streamsOf(held),
        serverPort: held.conversation.serverPort,
      })),
    );
    for (const [i, held] of waiting.entries()) {
      this.#decide(held, results[i]);
    }
  }

  /** Counts what was found so far, and the bytes that wait for a guess. */
  summary(): SummaryLine {
    const waiting = this.#waiting();
    const waitingBytes = waiting.reduce((sum, { lengths }) => sum + bytesOf(lengths), 0);
    const summary = this.#annotator.summary();
    const { bytes, gaps } = this.#skipped;
    return {
      ...summary,
      bytes: summary.bytes + bytes + waitingBytes,
      gaps: summary.gaps + gaps,
      noiseBytes: summary.noiseBytes + bytes,
    };
  }

  /** Returns the part whose conversation has the number `index` for the annotator. */
  #partOf(index: number): Part {
    const part = this.#parts.get(index);
    if (part === undefined) {
      throw new Error(`There is no part ${index}.`);
    }
    return part;
  }

  #open(conversation: Conversation): Held {
    const held: Held = {
      state: 'held',
      conversation,
      events: [],
      open: new Set(waysOf(conversation)),
      lengths: { 'a>b': 0, 'b>a': 0 },
      cost: EVENT_COST,
      attemptAt: FIRST_ATTEMPT,
    };
    this.#heldCost += EVENT_COST;
    this.#entries.set(conversation.index, held);
    return held;
  }

  #hold(held: Held, event: Held['events'][number]): void {
    const isSegment = event.kind === 'segment';
    held.events.push(isSegment ? { ...event, bytes: event.bytes.slice() } : event);
    const length = isSegment ? event.bytes.length : 0;
    held.cost += length + EVENT_COST;
    this.#heldCost += length + EVENT_COST;
    if (isSegment) {
      held.lengths[event.direction] += length;
      this.#tryToDecide(held);
    } else if (event.kind === 'end') {
      held.open.delete(event.direction);
      this.#decideIfOver(held);
    }
  }

  #tryToDecide(held: Held): void {
    const { lengths } = held;
    const known = bytesOf(lengths);
    if (Math.max(lengths['a>b'], lengths['b>a']) >= GUESSED_LENGTH) {
      this.#decide(held);
    } else if (this.#options.isLive && known >= held.attemptAt) {
      held.attemptAt = known * 2;
      const result = judge(held);
      if (result.verdict === 'sure') {
        this.#decide(held, result);
      }
    }
  }

  /**
   * Guesses a live conversation that is over: a person who watches need not wait for the end of all. One without a
   * framing waits nevertheless, because later conversations may show its framing.
   */
  #decideIfOver(held: Held): void {
    if (this.#options.isLive && held.open.size === 0) {
      const result = judge(held);
      if (result.verdict !== 'none') {
        this.#decide(held, result);
      }
    }
  }

  #waiting(): Held[] {
    return [...this.#entries.values()].flatMap((entry) => (entry.state === 'held' ? [entry] : []));
  }

  /** Guesses the largest conversations, until half of the memory is free: a sort for each event would be slow. */
  #makeRoom(): void {
    for (const held of this.#waiting().toSorted((one, other) => other.cost - one.cost)) {
      if (this.#heldCost <= MAX_HELD / 2) {
        break;
      }
      this.#decide(held);
    }
  }

  #decide(held: Held, result: GuessResult = judge(held)): void {
    this.#heldCost -= held.cost;
    const { conversation, lengths } = held;
    const directions = {
      'a>b': this.#directionOf(conversation, result, 'a>b'),
      'b>a': this.#directionOf(conversation, result, 'b>a'),
    };
    const ways = (['a>b', 'b>a'] as const).filter((way) => lengths[way] > 0);
    if (ways.length > 0) {
      const { index, name } = conversation;
      const parts = ways.flatMap((way) => directions[way].parts);
      this.#options.onGuess({ index, name, ways, parts }, result);
    }
    this.#found += result.verdict === 'none' ? 0 : 1;
    const told: Told = {
      state: 'told',
      directions,
      open: new Set(waysOf(conversation)),
    };
    this.#entries.set(conversation.index, told);
    for (const event of held.events) {
      this.#pass(told, event);
    }
  }

  /**
   * Makes a part for each guess about one direction, in the order of their offsets, and registers the parts.
   */
  #directionOf(conversation: Conversation, { guesses }: GuessResult, way: Way): DirectionParts {
    const own = guesses
      .filter(({ direction }) => direction === way || direction === 'both')
      .toSorted((a, b) => a.from - b.from);
    const parts = own.map((one, i): Part => {
      const { from } = one;
      const index = this.#nextIndex++;
      // A part behind other parts begins where a frame begins, even if the conversation begins in mid-stream.
      const isMidStream = from === 0 && conversation.isMidStream;
      const to = own[i + 1]?.from ?? Infinity;
      const part: Part = {
        conversation: { ...conversation, index, isMidStream },
        source: conversation,
        direction: way,
        guess: one,
        from,
        to,
        pieces: undefined,
      };
      this.#parts.set(index, part);
      return part;
    });
    return { parts, at: 0, pieces: 0 };
  }

  #pass(told: Told, event: Held['events'][number]): void {
    const direction = told.directions[event.direction];
    switch (event.kind) {
      case 'segment':
        this.#passSegment(direction, event);
        break;
      case 'gap':
        this.#passGap(direction, event);
        break;
      case 'conflict':
        this.#annotator.add(event);
        break;
      case 'end':
        this.#passEnd(told, event);
        break;
    }
  }

  #passSegment(direction: DirectionParts, event: SegmentEvent): void {
    const { bytes } = event;
    const [first] = direction.parts;
    const start = direction.at;
    const end = start + bytes.length;
    if (first !== undefined && first.from > start && first.from <= end) {
      this.#tellSkipped(event, first.from);
    }
    for (const part of direction.parts) {
      const from = Math.max(start, part.from);
      const to = Math.min(end, part.to);
      if (from < to) {
        part.pieces ??= direction.pieces;
        const { conversation } = part;
        const own = bytes.subarray(from - start, to - start);
        this.#annotator.add({ ...event, conversation, offset: from - part.from, bytes: own });
      }
      if (part.to > start && part.to <= end) {
        this.#annotator.add({ ...event, kind: 'end', conversation: part.conversation, how: 'fin' });
      }
    }
    direction.at = end;
    direction.pieces++;
  }

  #tellSkipped({ conversation, direction }: SegmentEvent, length: number): void {
    this.#skipped.bytes += length;
    this.#skipped.gaps++;
    const { name } = conversation;
    const gap = { kind: 'gap', conversation: name, direction, offset: 0, length } as const;
    this.#options.tell({ ...gap, why: 'noise' }, conversation);
  }

  /**
   * Counts a gap. A gap belongs to the part in which it begins. A guess counts from the first known byte, so
   * a gap in front of that byte moves the parts.
   */
  #passGap(direction: DirectionParts, event: GapEvent): void {
    const { at } = direction;
    if (direction.pieces === 0) {
      for (const part of direction.parts) {
        part.from += part.from === 0 ? 0 : event.length;
        part.to += event.length;
      }
    }
    const part = direction.parts.find(({ from, to }) => at >= from && at < to);
    if (part !== undefined) {
      const { conversation } = part;
      this.#annotator.add({ ...event, conversation, offset: at - part.from });
    }
    direction.at += event.length;
  }

  #passEnd(told: Told, event: EndEvent): void {
    const last = told.directions[event.direction].parts.at(-1);
    if (last !== undefined) {
      this.#annotator.add({ ...event, conversation: last.conversation });
    }
    told.open.delete(event.direction);
    if (told.open.size > 0) {
      return;
    }
    this.#entries.delete(event.conversation.index);
    for (const { parts } of Object.values(told.directions)) {
      for (const { conversation } of parts) {
        this.#parts.delete(conversation.index);
      }
    }
  }
}

/** Guesses the framing of each conversation, as an option of `Inspection`. */
export function guessEach(options: GuessingOptions): GuessingAnnotator {
  return new GuessingAnnotator(options);
}

/** The directions of a conversation. Without a server it is the bytes of a file, which have one direction. */
function waysOf({ server }: Conversation): readonly Way[] {
  return server === '' ? ['a>b'] : ['a>b', 'b>a'];
}

function bytesOf(lengths: Readonly<Record<Way, number>>): number {
  return lengths['a>b'] + lengths['b>a'];
}

function streamsOf({ conversation, events }: Held): readonly GuessStream[] {
  const collector = new StreamCollector(GUESSED_LENGTH);
  collector.add({ kind: 'open', conversation, time: undefined });
  for (const event of events) {
    collector.add(event);
  }
  return collector.collected()[0]?.streams ?? [];
}

function judge(held: Held): GuessResult {
  return guess(streamsOf(held));
}
