// An annotator that guesses how each conversation is framed, before the inspection of that conversation begins.
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
  SegmentEvent,
  Way,
} from '../capture/events.ts';
import type { Spots } from '../framing/codecs.ts';
import { spotsOf } from '../framing/framing.ts';
import { StreamCollector } from '../guess/collect.ts';
import { guess } from '../guess/guess.ts';
import type { GuessResult } from '../guess/guess.ts';
import type { GuessStream } from '../guess/stream.ts';
import { guessTogether } from '../guess/together.ts';
import { Annotator } from '../inspect/annotator.ts';
import type { AnnotatorOptions } from '../inspect/annotator.ts';
import type { Finding, SummaryLine } from '../inspect/lines.ts';
import { DEFAULT_MOST } from './guess-options.ts';

export interface GuessingOptions extends Omit<AnnotatorOptions, 'spots' | 'tell'> {
  /** Whether the source is live: a guess that is sure then need not wait for more bytes. */
  readonly isLive: boolean;
  readonly tell: (finding: Finding) => void;
  /** Gets the guess for each conversation with bytes, in front of its findings. */
  readonly onGuess: (conversation: GuessedConversation, result: GuessResult) => void;
}

export interface GuessedConversation {
  readonly name: string;
  /** Directions with bytes. */
  readonly ways: readonly Way[];
}

/** Memory in bytes for all events that wait for a guess. When it is full, the guess is made of what is there. */
const MAX_HELD = 64 * 1024 * 1024;
/** Number of bytes that an event counts for, besides those that it carries. */
const EVENT_COST = 200;
/** Number of bytes of a live conversation at which it is guessed first, and again at each doubling. */
const FIRST_ATTEMPT = 256;

/** One direction as far as one framing explains it. */
interface Part {
  readonly conversation: Conversation;
  from: number;
  /** Offset of the next part, or Infinity. */
  to: number;
  /** Number of pieces of the direction in front of the first one of this part. */
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
  readonly events: CaptureEvent[];
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
  /** What the annotator needs to know of each part, by the number of its conversation. */
  readonly #parts = new Map<number, { readonly part: Part; readonly spots: Spots }>();
  #heldCost = 0;
  #nextIndex = 0;
  #found = 0;
  /** Bytes in front of the first parts, and number of the gaps that they are. */
  readonly #skipped = { bytes: 0, gaps: 0 };

  constructor(options: GuessingOptions) {
    this.#options = options;
    const { tell } = options;
    this.#annotator = new Annotator({
      ...options,
      spots: (conversation) => this.#spotsOf(conversation),
      tell: (finding, conversation) => tell(this.#inPlace(finding, conversation)),
    });
  }

  /** Number of conversations in which a framing was found. */
  get found(): number {
    return this.#found;
  }

  readonly add = (event: CaptureEvent): void => {
    const { index } = event.conversation;
    const entry = this.#entries.get(index);
    if (entry?.state === 'told') {
      this.#pass(entry, event);
      return;
    }
    const held = entry ?? newHeld(event.conversation);
    this.#entries.set(index, held);
    this.#hold(held, event);
  };

  /** Guesses the conversations that still wait, those of one port together, and counts all. */
  summary(): SummaryLine {
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
    const summary = this.#annotator.summary();
    const { bytes, gaps } = this.#skipped;
    return {
      ...summary,
      bytes: summary.bytes + bytes,
      gaps: summary.gaps + gaps,
      noiseBytes: summary.noiseBytes + bytes,
    };
  }

  /** How the frames of a part lie. */
  #spotsOf({ index }: Conversation): Spots {
    const known = this.#parts.get(index);
    if (known === undefined) {
      throw new Error(`There is no part ${index}.`);
    }
    return known.spots;
  }

  /** What was found in a part, in its place in the stream. */
  #inPlace(finding: Finding, { index }: Conversation): Finding {
    const part = this.#parts.get(index)?.part;
    return part === undefined ? finding : shifted(finding, part.from, part.pieces ?? 0);
  }

  #hold(held: Held, event: CaptureEvent): void {
    const isSegment = event.kind === 'segment';
    held.events.push(isSegment ? { ...event, bytes: event.bytes.slice() } : event);
    const length = isSegment ? event.bytes.length : 0;
    held.cost += length + EVENT_COST;
    this.#heldCost += length + EVENT_COST;
    if (isSegment) {
      held.lengths[event.direction] += length;
      this.#tryToDecide(held);
    }
    while (this.#heldCost > MAX_HELD) {
      this.#decide(this.#largest());
    }
  }

  #tryToDecide(held: Held): void {
    const { lengths } = held;
    const known = lengths['a>b'] + lengths['b>a'];
    if (Math.max(lengths['a>b'], lengths['b>a']) >= DEFAULT_MOST) {
      this.#decide(held);
    } else if (this.#options.isLive && known >= held.attemptAt) {
      held.attemptAt = known * 2;
      const result = judge(held);
      if (result.verdict === 'sure') {
        this.#decide(held, result);
      }
    }
  }

  #waiting(): Held[] {
    return [...this.#entries.values()].flatMap((entry) => (entry.state === 'held' ? [entry] : []));
  }

  #largest(): Held {
    return this.#waiting().reduce((largest, one) => (one.cost > largest.cost ? one : largest));
  }

  #decide(held: Held, result: GuessResult = judge(held)): void {
    this.#heldCost -= held.cost;
    const ways = (['a>b', 'b>a'] as const).filter((way) => held.lengths[way] > 0);
    if (ways.length > 0) {
      this.#options.onGuess({ name: held.conversation.name, ways }, result);
    }
    this.#found += result.verdict === 'none' ? 0 : 1;
    const told: Told = {
      state: 'told',
      directions: {
        'a>b': this.#directionOf(held.conversation, result, 'a>b'),
        'b>a': this.#directionOf(held.conversation, result, 'b>a'),
      },
      open: new Set<Way>(['a>b', 'b>a']),
    };
    this.#entries.set(held.conversation.index, told);
    for (const event of held.events) {
      this.#pass(told, event);
    }
  }

  /** Makes a part for each guess about one direction, in the order of their offsets, and registers the parts. */
  #directionOf(conversation: Conversation, { guesses }: GuessResult, way: Way): DirectionParts {
    const own = guesses
      .filter(({ direction }) => direction === way || direction === 'both')
      .toSorted((a, b) => a.from - b.from);
    const parts = own.map(({ from, framing }, i): Part => {
      const index = this.#nextIndex++;
      // A part behind others begins where a frame begins, whatever the conversation does.
      const isMidStream = from === 0 && conversation.isMidStream;
      const to = own[i + 1]?.from ?? Infinity;
      const part: Part = {
        conversation: { ...conversation, index, isMidStream },
        from,
        to,
        pieces: undefined,
      };
      this.#parts.set(index, { part, spots: spotsOf(framing) });
      return part;
    });
    return { parts, at: 0, pieces: 0 };
  }

  #pass(told: Told, event: CaptureEvent): void {
    if (event.kind === 'open') {
      this.#annotator.add(event);
      return;
    }
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
    this.#options.tell({
      kind: 'gap',
      conversation: name,
      direction,
      offset: 0,
      length,
      why: 'noise',
    });
  }

  /**
   * A gap belongs to the part in which it begins. A guess counts from the first byte that is known, so a gap in
   * front of that byte moves the parts.
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

function newHeld(conversation: Conversation): Held {
  return {
    state: 'held',
    conversation,
    events: [],
    lengths: { 'a>b': 0, 'b>a': 0 },
    cost: 0,
    attemptAt: FIRST_ATTEMPT,
  };
}

function streamsOf({ events }: Held): readonly GuessStream[] {
  const collector = new StreamCollector(DEFAULT_MOST);
  for (const event of events) {
    collector.add(event);
  }
  return collector.collected()[0]?.streams ?? [];
}

function judge(held: Held): GuessResult {
  return guess(streamsOf(held));
}

function shifted(finding: Finding, by: number, pieces: number): Finding {
  const offset = finding.offset + by;
  switch (finding.kind) {
    case 'frame':
      return {
        ...finding,
        offset,
        payloadOffset: finding.payloadOffset + by,
        pieces: [finding.pieces[0] + pieces, finding.pieces[1] + pieces],
        cuts: finding.cuts.map((cut) => ({ ...cut, offset: cut.offset + by })),
      };
    case 'gap':
    case 'unfinished':
      return { ...finding, offset };
    case 'error':
      return finding.goodAgainAt === undefined
        ? { ...finding, offset }
        : { ...finding, offset, goodAgainAt: finding.goodAgainAt + by };
  }
}
