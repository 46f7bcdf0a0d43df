// Conversations whose bytes do not fit the framing that was given, and what they look like instead. This file
// is pure.
//
// Rules:
// - A direction does not fit if frames explain less than half of its first bytes.
// - If the decoder refused no frame, one long frame may explain the rest. Only a guess that is sure is told
//   then.
// - Memory and time are limited: the first conversations are kept, and a few of them are guessed.

import type { CaptureEvent, Conversation, Way } from '../capture/events.ts';
import { StreamCollector } from '../guess/collect.ts';
import { guess } from '../guess/guess.ts';
import type { GuessResult } from '../guess/guess.ts';
import type { Finding } from '../inspect/lines.ts';

export interface Misfit {
  readonly conversation: Conversation;
  /** Directions that do not fit. */
  readonly ways: readonly Way[];
  /** What these directions look like. The verdict is not none. */
  readonly result: GuessResult;
}

interface Seen {
  /** Number of kept bytes that frames explain. */
  readonly explained: Record<Way, number>;
  hasErrors: boolean;
}

/** Number of bytes at the front of a direction that are kept. */
const KEPT_LENGTH = 16_384;
/** Number of conversations that are kept, and of those that are guessed. */
const MAX_KEPT = 16;
const MAX_GUESSED = 4;
/** Minimum number of bytes of a direction that can fit or not. */
const LEAST_LENGTH = 64;

export class Misfits {
  readonly #direction: Way | undefined;
  readonly #collector = new StreamCollector(KEPT_LENGTH);
  readonly #seen = new Map<number, Seen>();

  /** `direction` is the only one that is inspected. Default: both. */
  constructor(direction?: Way) {
    this.#direction = direction;
  }

  /** Takes an event before the inspection takes it. */
  readonly add = (event: CaptureEvent): void => {
    const { index } = event.conversation;
    if (event.kind === 'open' && this.#seen.size < MAX_KEPT) {
      this.#seen.set(index, { explained: { 'a>b': 0, 'b>a': 0 }, hasErrors: false });
    }
    if (this.#seen.has(index)) {
      this.#collector.add(event);
    }
  };

  /** Takes what the inspection finds in a conversation. */
  readonly tell = (finding: Finding, { index }: Conversation): void => {
    const seen = this.#seen.get(index);
    if (seen !== undefined && finding.kind === 'frame') {
      const end = Math.min(finding.offset + finding.length, KEPT_LENGTH);
      seen.explained[finding.direction] += Math.max(0, end - finding.offset);
    } else if (seen !== undefined && finding.kind === 'error') {
      seen.hasErrors = true;
    }
  };

  /** Returns the misfits, once everything is inspected. */
  found(): Misfit[] {
    const doubted = this.#collector.collected().flatMap(({ conversation, streams }) => {
      const seen = this.#seen.get(conversation.index);
      const misfits = streams.filter(({ direction, bytes }) => {
        const isInspected = (this.#direction ?? direction) === direction;
        const isLong = bytes.length >= LEAST_LENGTH;
        return isInspected && isLong && (seen?.explained[direction] ?? 0) * 2 < bytes.length;
      });
      const hasErrors = seen?.hasErrors ?? false;
      return misfits.length === 0 ? [] : [{ conversation, streams: misfits, hasErrors }];
    });
    return doubted.slice(0, MAX_GUESSED).flatMap(({ conversation, streams, hasErrors }) => {
      const result = guess(streams);
      const ways = streams.map(({ direction }) => direction);
      const isTold = result.verdict === 'sure' || (hasErrors && result.verdict === 'likely');
      return isTold ? [{ conversation, ways, result }] : [];
    });
  }
}
