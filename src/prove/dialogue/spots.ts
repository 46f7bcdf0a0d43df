// The places in recorded steps that change from connection to connection: the place where a value is said
// first, and the places where the other side repeats the value. This file is pure.

import type { SpokenStep } from './dialogue.ts';
import { byteDifferences, textDifferences } from './differences.ts';
import type { Place, Region } from './differences.ts';

/** One spoken step, with its bytes in each recording. */
export interface Row {
  readonly index: number;
  readonly step: SpokenStep;
  readonly recordings: readonly Buffer[];
  readonly isText: boolean;
}

/**
 * A place in a step that changes between connections. `origin` is the spot of the other side whose value is
 * repeated here. It is `undefined` if the value is said here first.
 */
export interface Spot {
  readonly row: number;
  place: Place;
  readonly origin: Spot | undefined;
}

/**
 * Maximum number of spots where two recordings differ. Differences after that are not followed, because a
 * script of a session has fewer.
 */
export const MAX_SPOTS = 1000;
/**
 * Maximum number of equal bytes that a value takes in on each side. Such bytes may be the higher bytes of a
 * counter, which change only after more connections.
 */
const MOST_GROWTH = 3;
/** Returns the spots where two recordings differ, in the order of the steps. */
export function differingSpots(rows: readonly Row[]): readonly Spot[] {
  const spots: Spot[] = [];
  for (const [row, { recordings, isText }] of rows.entries()) {
    const [one = Buffer.alloc(0), other = one] = recordings;
    const places = isText ? textDifferences(one, other) : byteDifferences(one, other);
    let end = 0;
    for (const place of places.filter(([region]) => (region?.start ?? 0) >= end)) {
      if (spots.length >= MAX_SPOTS) {
        return spots;
      }
      const spot = repeatedOf({ row, place }, rows, spots) ?? { row, place, origin: undefined };
      spots.push(spot);
      end = spot.place[0]?.end ?? end;
    }
  }
  return spots;
}

/**
 * Returns the spot with its origin, if the spot repeats a value of the other side: the whole value must stand
 * there in each recording. Otherwise returns `undefined`.
 */
function repeatedOf(
  { row, place }: Pick<Spot, 'row' | 'place'>,
  rows: readonly Row[],
  spots: readonly Spot[],
): Spot | undefined {
  const here = rows[row];
  for (const origin of spots) {
    const there = rows[origin.row];
    if (here === undefined || there === undefined || origin.origin !== undefined) {
      continue;
    }
    const covering = place.map((region, index) => {
      const { start, end } = origin.place[index] ?? region;
      const value = there.recordings[index]?.subarray(start, end) ?? Buffer.alloc(0);
      return coveringRegion(here.recordings[index] ?? value, value, region);
    });
    const regions = covering.filter((region) => region !== undefined);
    if (there.step.from !== here.step.from && regions.length === place.length) {
      return { row, place: regions, origin };
    }
  }
  return undefined;
}

/**
 * Returns the region where a value stands so that it covers the given region, or `undefined` if there is
 * none.
 */
function coveringRegion(bytes: Buffer, value: Buffer, { start, end }: Region): Region | undefined {
  if (value.length < end - start || value.length === 0) {
    return undefined;
  }
  const at = bytes.indexOf(value, Math.max(0, end - value.length));
  return at >= 0 && at <= start ? { start: at, end: at + value.length } : undefined;
}

/**
 * Widens each value that is not text by equal bytes next to it: such bytes may be the higher bytes of a
 * counter. A value that is repeated takes in only bytes that its repetitions have, too.
 */
export function grow(rows: readonly Row[], spots: readonly Spot[]): void {
  for (const origin of spots.filter(
    (spot) => spot.origin === undefined && !isTextSpot(rows, spot),
  )) {
    const members = [origin, ...spots.filter((spot) => spot.origin === origin)];
    for (const side of ['start', 'end'] as const) {
      for (let count = 0; count < MOST_GROWTH; count++) {
        const next = members.map((spot) => neighbours(rows, spot, side));
        const isFree = members.every((spot) => !touches(spots, spot, side));
        if (!isFree || new Set(next).size !== 1 || next[0] === undefined) {
          break;
        }
        members.forEach((spot) => (spot.place = spot.place.map((region) => widened(region, side))));
      }
    }
  }
}

function isTextSpot(rows: readonly Row[], { row }: Spot): boolean {
  return rows[row]?.isText === true;
}

/** Returns the bytes next to a spot in each recording, as one text, or `undefined` at an edge of the step. */
function neighbours(
  rows: readonly Row[],
  { row, place }: Spot,
  side: keyof Region,
): string | undefined {
  const bytes = place.map((region, index) => {
    const at = side === 'start' ? region.start - 1 : region.end;
    return rows[row]?.recordings[index]?.[at];
  });
  return bytes.includes(undefined) ? undefined : bytes.join();
}

/** Returns whether another spot begins or ends where this spot would grow. */
function touches(spots: readonly Spot[], { row, place }: Spot, side: keyof Region): boolean {
  const [region] = place;
  const far = side === 'start' ? 'end' : 'start';
  return spots.some((other) => other.row === row && other.place[0]?.[far] === region?.[side]);
}

function widened({ start, end }: Region, side: keyof Region): Region {
  return side === 'start' ? { start: start - 1, end } : { start, end: end + 1 };
}
