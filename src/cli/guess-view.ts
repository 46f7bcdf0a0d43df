// Writes a guess as lines for people. `unstick guess` and `unstick inspect --guess` print them.

import type { Way } from '../capture/events.ts';
import { printFraming } from '../framing/words.ts';
import { wordFor } from '../guess/guess-word.ts';
import type { Guess, GuessResult } from '../guess/guess.ts';
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
