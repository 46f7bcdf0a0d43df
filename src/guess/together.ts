// Judges conversations of one protocol together. Three frames of one conversation are too few to be sure, but
// twenty conversations of three frames each are enough. This file is pure.
//
// Each conversation is judged alone first. A conversation whose verdict is not sure then takes the framing that all
// conversations with the same server port have in common, if that framing explains the conversation.

import { Trail } from './chain.ts';
import { described, walkDescribed } from './described.ts';
import { guess } from './guess.ts';
import type { GuessOptions, GuessResult } from './guess.ts';
import { judgeAlike } from './judge.ts';
import type { Context, Guess, Judged, Verdict } from './judge.ts';
import { sampleOf } from './stream.ts';
import type { GuessStream, Sample } from './stream.ts';

/** The streams of one conversation, and the port of its server. */
export interface GuessConversation {
  readonly streams: readonly GuessStream[];
  readonly serverPort: number;
}

/**
 * Maximum number of conversations that are judged together (MAX_JOINED), and of bytes of each direction of a
 * conversation (MAX_BYTES).
 */
const MAX_JOINED = 12;
const MAX_BYTES = 8192;
/** Minimum share of the bytes of a direction that the framing of the other conversations must explain. */
const MIN_COVER = 0.98;

const RANKS: Readonly<Record<Verdict, number>> = { none: 0, likely: 1, sure: 2 };

/** Returns a result for each conversation, in their order. Throws UsageError ERR_OPTION for wrong options. */
export function guessTogether(
  conversations: readonly GuessConversation[],
  options: GuessOptions = {},
): GuessResult[] {
  const results = conversations.map(({ streams }) => guess(streams, options));
  const context: Context = { unknown: new Set(options.unknown), isQuick: false };
  for (const port of new Set(conversations.map(({ serverPort }) => serverPort))) {
    const members = conversations.flatMap((one, i) => (one.serverPort === port ? [i] : []));
    const open = members.filter((i) => results[i]?.verdict !== 'sure');
    if (members.length > 1 && open.length > 0) {
      const joined = joinedOf(
        members.map((i) => conversations[i]?.streams ?? []),
        context,
      );
      for (const i of open) {
        const alone = results[i];
        const streams = conversations[i]?.streams ?? [];
        if (alone !== undefined && RANKS[joined.verdict] > RANKS[alone.verdict]) {
          const others = members.slice(0, MAX_JOINED).filter((one) => one !== i);
          results[i] = adopted(joined, streams, others.length) ?? alone;
        }
      }
    }
  }
  return results;
}

/**
 * Returns the framing that all conversations have in common: one framing for both directions, or one for
 * each.
 */
function joinedOf(members: readonly (readonly GuessStream[])[], context: Context): Judged {
  const samples = members
    .slice(0, MAX_JOINED)
    .flat()
    .map((stream) => sampleOf(stream, MAX_BYTES));
  const both = judgeAlike(samples, context);
  if (both.verdict === 'sure') {
    return both;
  }
  const ways = (['a>b', 'b>a'] as const).map((way): Judged => {
    const own = samples.filter(({ direction }) => direction === way);
    return judgeAlike(own, context);
  });
  const verdict = ways.reduce<Verdict>(
    (worst, one) => (RANKS[one.verdict] < RANKS[worst] ? one.verdict : worst),
    'sure',
  );
  const guesses = ways.flatMap((one) => one.guesses);
  const apart: Judged = {
    verdict: guesses.length > 0 && verdict === 'none' ? 'likely' : verdict,
    guesses,
    sure: [],
    doubted: [],
  };
  return RANKS[apart.verdict] > RANKS[both.verdict] ? apart : both;
}

/**
 * Returns the framing of the other conversations for this one, or `undefined` if a direction has other
 * frames.
 */
function adopted(
  { verdict, guesses }: Judged,
  streams: readonly GuessStream[],
  others: number,
): GuessResult | undefined {
  const samples = streams.map((stream) => sampleOf(stream, MAX_BYTES));
  const found: Guess[] = [];
  for (const one of guesses) {
    const counts = samples
      .filter(({ direction }) => one.direction === 'both' || one.direction === direction)
      .map((sample) => framesIn(one, sample));
    if (counts.includes(0)) {
      return undefined;
    }
    if (counts.length > 0) {
      found.push(withFrames(one, counts, others));
    }
  }
  return found.length === 0 ? undefined : { version: 1, verdict, guesses: found };
}

function withFrames(one: Guess, counts: readonly number[], others: number): Guess {
  const count = counts.reduce((sum, each) => sum + each, 0);
  return {
    ...one,
    frames: [count, count],
    why: [`judged together with ${others} other conversations of this port`, ...one.why],
  };
}

/** Returns the number of frames of a stream, or 0 if the framing does not explain the stream. */
function framesIn({ framing }: Guess, { bytes }: Sample): number {
  const trail = new Trail();
  walkDescribed(described(framing, [], 0), bytes, trail);
  const isExplained = !trail.isBroken || trail.end >= MIN_COVER * bytes.length;
  return isExplained ? trail.count : 0;
}
