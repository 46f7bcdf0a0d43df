// Writes a guess as lines for people. `unstick guess` and `unstick inspect --guess` print them.

import type { Way } from '../capture/events.ts';
import { printFraming } from '../framing/words.ts';
import { wordFor } from '../guess/guess-word.ts';
import type { Guess, GuessResult } from '../guess/guess.ts';
import type { Misfit } from '../trace/misfits.ts';
import { printable } from '../text.ts';

const NOT_INSPECTED = 'no framing was found, so it is not inspected';
const WAYS = { both: 'both directions', 'a>b': 'to the server', 'b>a': 'to the client' } as const;

/** Returns the lines of one guess: its framing, and the evidence for it. */
export function linesOfGuess(one: Guess): string[] {
  const from = one.from === 0 ? '' : ` from byte ${one.from}`;
  const [fit, of] = one.frames;
  const others = one.alternatives?.map((other) => printFraming(other)).join(' · ');
  return [
    `  ${wordFor(one)} (${WAYS[one.direction]}${from}): ${fit} of ${of} frames fit`,
    ...(one.format === undefined ? [] : [`    framing: ${JSON.stringify(one.framing)}`]),
    ...one.why.map((reason) => `    ${reason}`),
    ...(others === undefined ? [] : [`    also consistent: ${others}`]),
  ];
}

/** Says that a conversation does not fit the format, and what it looks like. */
export function misfitSentence({ conversation, result: { verdict, guesses } }: Misfit): string {
  const words = [...new Set(guesses.map(wordFor))].join(', ');
  const likeness = verdict === 'sure' ? 'is surely' : 'looks like';
  return `${printable(conversation.name)} does not fit the format: it ${likeness} ${words}.`;
}

/** Returns the lines about a conversation that does not fit the format, with the evidence. */
export function misfitLines(misfit: Misfit): string[] {
  const { conversation, result } = misfit;
  const [best, ...others] = result.guesses;
  const isOne = best !== undefined && others.length === 0 && best.from === 0;
  const framing = isOne ? `--frames '${wordFor(best)}'` : '--guess';
  return [
    misfitSentence(misfit),
    ...result.guesses.flatMap(linesOfGuess),
    `  see it: ${framing} --conversation ${conversation.index}`,
  ];
}

/**
 * Returns the lines of the guess for a conversation. They come before the findings in that conversation.
 * `ways` are the directions that have bytes.
 */
export function guessLines(
  { name, ways }: { readonly name: string; readonly ways: readonly Way[] },
  { verdict, guesses }: GuessResult,
): string[] {
  const what = verdict === 'none' ? NOT_INSPECTED : verdict;
  const covered = new Set(guesses.map(({ direction }) => direction));
  const missing = covered.size === 0 || covered.has('both') ? [] : ways;
  return [
    `${printable(name)}: guess: ${what}`,
    ...guesses.flatMap(linesOfGuess),
    ...missing.filter((way) => !covered.has(way)).map((way) => `  ${WAYS[way]}: ${NOT_INSPECTED}`),
  ];
}
