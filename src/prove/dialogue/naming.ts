// Finds a capture that names a place in a step, and tries it on each recording. This file is pure.

import type { Capture, Literal, SpokenStep } from './dialogue.ts';
import { charactersOf, wordsOf } from './differences.ts';
import type { Place } from './differences.ts';
import { capturesIn } from './steps.ts';
import { literalOf } from './transcript.ts';

/** What surrounds a place: the recordings of the step, and the constant bytes next to the place. */
export interface Surroundings {
  readonly recordings: readonly Buffer[];
  readonly isText: boolean;
  /**
   * Offsets in the first recording: `from` is the start of the constant bytes before the place, and `to` is
   * the end of the constant bytes after it.
   */
  readonly from: number;
  readonly to: number;
}

/**
 * Maximum number of words or bytes that a capture looks for before its value (MOST_BEFORE) and after its
 * value (MOST_BEHIND).
 */
const MOST_BEFORE = 12;
const MOST_BEHIND = 4;

/** Returns the simplest capture that finds the place in each recording, or `undefined` if there is none. */
export function captureOf(place: Place, around: Surroundings): Capture | undefined {
  const between = (): Capture | undefined =>
    betweenTexts(place, around).find((capture) => finds(capture, place, around));
  const fixed = atOffset(place);
  return around.isText ? (between() ?? fixed) : (fixed ?? between());
}

/** Returns a capture by the offset, if offset and length of the place are the same in each recording. */
function atOffset(place: Place): Capture | undefined {
  const [first] = place;
  const isSame = place.every(({ start, end }) => start === first?.start && end === first.end);
  return first !== undefined && isSame
    ? { at: first.start, length: first.end - first.start }
    : undefined;
}

/** Returns captures by the constant words (or bytes) around the place. Captures with few words come first. */
function betweenTexts(place: Place, { recordings, isText, from, to }: Surroundings): Capture[] {
  const [bytes, region] = [recordings[0], place[0]];
  if (bytes === undefined || region === undefined) {
    return [];
  }
  const split = (start: number, end: number): readonly string[] => {
    const text = bytes.toString('latin1', start, end);
    return isText ? wordsOf(text) : charactersOf(text);
  };
  const before = split(from, region.start);
  const behind = split(region.end, to);
  const captures: Capture[] = [];
  const least = region.start === 0 ? 0 : 1;
  for (let count = least; count <= Math.min(MOST_BEFORE, before.length); count++) {
    const after = literalOfWords(before.slice(before.length - count));
    for (let more = 1; more <= Math.min(MOST_BEHIND, behind.length); more++) {
      captures.push({ after, before: literalOfWords(behind.slice(0, more)) });
    }
  }
  return captures;
}

function literalOfWords(words: readonly string[]): Literal {
  return literalOf(Buffer.from(words.join(''), 'latin1'));
}

function finds(capture: Capture, place: Place, { recordings }: Surroundings): boolean {
  const step: SpokenStep = { from: 'server', say: [], capture: { value: capture } };
  return recordings.every((bytes, index) => {
    const [found] = capturesIn(step, bytes);
    const wanted = place[index];
    return found?.start === wanted?.start && found?.end === wanted?.end;
  });
}
