// Finds where two recordings of the same step differ. Text is compared in whole words, because half a word is
// no value. Other bytes are compared in runs. This file is pure.

/** A stretch of the bytes of a step. */
export interface Region {
  readonly start: number;
  readonly end: number;
}

/** The same stretch in each recording of a step. */
export type Place = readonly Region[];

/** Matches a word, which may hold a time, a decimal or a version such as `1.2:3`, or one other character. */
const WORD = /[\w+/-]+(?:[:.](?=\d)[\w+/-]+)*={0,2}|[^]/g;
/**
 * Maximum number of equal bytes between two differing runs that still count as one run. Random bytes may be
 * equal by chance.
 */
const MAX_GAP = 3;

/** Returns the words of a text in which each character is one byte. */
export function wordsOf(text: string): readonly string[] {
  return text.match(WORD) ?? [];
}

/** Returns the characters of a text in which each character is one byte. */
export function charactersOf(text: string): readonly string[] {
  return text.split('');
}

/**
 * Returns the places where two texts differ, in words. If both have the same number of lines, they are
 * compared line by line.
 */
export function textDifferences(one: Buffer, other: Buffer): readonly Place[] {
  const [lines, others] = [linesOf(one), linesOf(other)];
  if (lines.length !== others.length) {
    return wordDifferences(one.toString('latin1'), other.toString('latin1'));
  }
  let [at, otherAt] = [0, 0];
  return lines.flatMap((line, index) => {
    const otherLine = others[index] ?? '';
    const found = wordDifferences(line, otherLine).map((place) => moved(place, [at, otherAt]));
    at += line.length;
    otherAt += otherLine.length;
    return found;
  });
}

function linesOf(bytes: Buffer): readonly string[] {
  return bytes.toString('latin1').split(/(?<=\n)/);
}

/**
 * Returns the places where two texts differ. If both have the same number of words, each word that differs is
 * a place. Otherwise there is one place: everything between the equal words at the start and the equal words
 * at the end.
 */
function wordDifferences(one: string, other: string): readonly Place[] {
  const [words, others] = [wordsOf(one), wordsOf(other)];
  if (words.length !== others.length) {
    return outerDifference(words, others);
  }
  let [at, otherAt] = [0, 0];
  return words.flatMap((word, index) => {
    const otherWord = others[index] ?? '';
    const [start, otherStart] = [at, otherAt];
    at += word.length;
    otherAt += otherWord.length;
    const place = [
      { start, end: at },
      { start: otherStart, end: otherAt },
    ];
    return word === otherWord ? [] : [place];
  });
}

function outerDifference(words: readonly string[], others: readonly string[]): readonly Place[] {
  const least = Math.min(words.length, others.length);
  let head = 0;
  while (head < least && words[head] === others[head]) {
    head++;
  }
  let tail = 0;
  while (tail < least - head && words.at(-1 - tail) === others.at(-1 - tail)) {
    tail++;
  }
  return [[words, others].map((list) => stretch(list, head, list.length - tail))];
}

function stretch(words: readonly string[], from: number, to: number): Region {
  const start = words.slice(0, from).join('').length;
  return { start, end: start + words.slice(from, to).join('').length };
}

function moved(place: Place, by: readonly number[]): Place {
  return place.map(({ start, end }, index) => {
    const more = by[index] ?? 0;
    return { start: start + more, end: end + more };
  });
}

/**
 * Returns the places where bytes differ. If both have the same length, each run that differs is a place.
 * Otherwise there is one place: everything between the equal bytes at the start and the equal bytes at the
 * end.
 */
export function byteDifferences(one: Buffer, other: Buffer): readonly Place[] {
  if (one.length !== other.length) {
    return outerDifference(
      charactersOf(one.toString('latin1')),
      charactersOf(other.toString('latin1')),
    );
  }
  const runs: { start: number; end: number }[] = [];
  for (const [at, byte] of one.entries()) {
    if (byte === other[at]) {
      continue;
    }
    const last = runs.at(-1);
    if (last !== undefined && at - last.end <= MAX_GAP) {
      last.end = at + 1;
    } else {
      runs.push({ start: at, end: at + 1 });
    }
  }
  return runs.map((run) => [run, run]);
}
