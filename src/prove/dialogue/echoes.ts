// Finds, in a single recording, values that one side says and the other side repeats, such as nonces and
// tokens. A server may make such a value anew on each connection, and then the recorded value does not fit
// another connection. This file is pure.

import type { Row, Spot } from './spots.ts';

/**
 * Matches text that looks like a value which a server made: at least eight letters, digits and a few signs.
 * One of them must be a digit (see DIGIT).
 */
const VALUE = /[\w+/.-]{8,}={0,2}/g;
const DIGIT = /\d/;
/**
 * Number of bytes at the start of a recording that are searched. Logins and the starts of sessions lie there.
 */
const SEARCHED = 65_536;

/** The place of a value in a row. */
interface Match {
  readonly row: number;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the spots of values that the other side repeats, and the spots of the repetitions. If the side that
 * said a value first says the same bytes again, these bytes count as a new value. They change from connection
 * to connection as well, but need not equal the first value.
 */
export function echoedSpots(rows: readonly Row[]): readonly Spot[] {
  let left = SEARCHED;
  const said = rows.map(({ recordings }) => {
    const text = recordings[0]?.toString('latin1', 0, left) ?? '';
    left -= text.length;
    return text;
  });
  const sideOf = (row: number): string | undefined => rows[row]?.step.from;
  const origins = new Map<string, Spot>();
  const spots: Spot[] = [];
  const add = ({ row, value, start, end }: Match, origin?: Spot): Spot => {
    const spot = { row, place: [{ start, end }], origin };
    spots.push(spot);
    if (origin === undefined && !origins.has(value)) {
      origins.set(value, spot);
    }
    return spot;
  };
  for (const [row, text] of said.entries()) {
    const repeated = [...origins].flatMap(([value, origin]) =>
      sideOf(origin.row) === sideOf(row)
        ? []
        : matchesOf(text, value).map((start) => ({
            origin,
            match: { row, value, start, end: start + value.length },
          })),
    );
    for (const { origin, match } of repeated.filter((each) => isFree(spots, each.match))) {
      add(match, origin);
    }
    for (const match of valuesIn(text, row).filter((each) => isFree(spots, each))) {
      const isRepeated = said.some(
        (later, index) =>
          index > row && sideOf(index) !== sideOf(row) && later.includes(match.value),
      );
      if (origins.has(match.value) || isRepeated) {
        add(match);
      }
    }
  }
  return spots;
}

function valuesIn(text: string, row: number): readonly Match[] {
  return [...text.matchAll(VALUE)]
    .filter(([value]) => DIGIT.test(value))
    .map(({ 0: value, index: start }) => ({ row, value, start, end: start + value.length }));
}

function matchesOf(text: string, value: string): readonly number[] {
  const found: number[] = [];
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + value.length)) {
    found.push(at);
  }
  return found;
}

function isFree(spots: readonly Spot[], { row, start, end }: Match): boolean {
  return !spots.some(
    (spot) =>
      spot.row === row && spot.place.some((region) => region.start < end && region.end > start),
  );
}
