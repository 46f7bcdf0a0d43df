// Makes a recorded dialogue fit other connections, on which some values differ. If one side says a value and
// the other side repeats it, the dialogue captures the value and says it again. Everything else that differs
// between two recordings is captured, too, so that it is left out when answers are compared. This file is
// pure.
//
//   first    S: +OK <17.99@x>    C: id 17.99       S: hello, it is 06:16:30
//   second   S: +OK <18.42@x>    C: id 18.42       S: hello, it is 06:16:31
//   dialogue S: captures value1  C: says value1    S: captures value2
//
// Rules:
// - The dialogue holds the bytes of the first recording. With the values of that recording, the dialogue says
//   exactly what was recorded.
// - A value is not captured in the step that repeats it: there the prover compares what the target has made
//   of the value.
// - With one recording, only long values with digits that the other side repeats count as values.

import { isSpoken } from './dialogue.ts';
import type { Capture, Dialogue, Literal, Part, SpokenStep, Step, StepEnd } from './dialogue.ts';
import type { Place } from './differences.ts';
import { echoedSpots } from './echoes.ts';
import { captureOf } from './naming.ts';
import { differingSpots, grow } from './spots.ts';
import type { Row, Spot } from './spots.ts';
import { render } from './steps.ts';
import { literalOf } from './transcript.ts';

/** A value that changes between connections: its first place, and the places where it is said again. */
export interface Followed {
  /** Index of the step in the dialogue. */
  readonly step: number;
  readonly from: 'client' | 'server';
  readonly at: number;
  readonly length: number;
  /** Name of the value in the dialogue. `undefined` if no capture can find the value. */
  readonly name: string | undefined;
  /** Indexes of the steps of the other side that say the value again. */
  readonly again: readonly number[];
}

export interface Following {
  readonly dialogue: Dialogue;
  readonly values: readonly Followed[];
  /** Indexes of the steps whose end no rule finds in both recordings. */
  readonly endless: readonly number[];
  /**
   * Index of the step at which the second recording goes another way: only one of the recordings has the
   * step, or the other side says it. `undefined` if the second recording goes the same way, or if there is no
   * second recording.
   */
  readonly parted: number | undefined;
}

/**
 * Maximum length in bytes of the marker that ends a step, if its two recordings differ in the number of lines
 * or bytes.
 */
const MARKER = 4;

/**
 * Makes the dialogue of the first recording fit both recordings. Without a second recording, or if the second
 * recording goes another way, the dialogue follows only the values that the first recording shows.
 */
export function follow(first: Dialogue, second?: Dialogue): Following {
  const parted = second && partingOf(first, second);
  const rows = rowsOf(parted === undefined && second !== undefined ? [first, second] : [first]);
  const spots = rows[0]?.recordings.length === 2 ? differingSpots(rows) : echoedSpots(rows);
  grow(rows, spots);
  const named = names(rows, spots);
  const built = rows.map((_, row) => build(rows, row, { spots, named }));
  const steps = first.steps.map(
    (step, index): Step => built.find((each) => each.index === index)?.step ?? step,
  );
  const values = spots.flatMap((spot) =>
    spot.origin ? [] : [followed(spot, rows, { spots, named })],
  );
  const endless = built.flatMap(({ index, isEndless }) => (isEndless ? [index] : []));
  return { dialogue: { ...first, steps }, values, endless, parted };
}

function spoken({ steps }: Dialogue): readonly { index: number; step: SpokenStep }[] {
  return steps.flatMap((step, index) => (isSpoken(step) ? [{ index, step }] : []));
}

/**
 * Returns the index of the step from which on the second recording goes another way, or `undefined` if there
 * is no such step.
 */
function partingOf(first: Dialogue, second: Dialogue): number | undefined {
  const [one, other] = [spoken(first), spoken(second)];
  const at = one.findIndex(({ step }, row) => step.from !== other[row]?.step.from);
  const row = at < 0 && other.length > one.length ? one.length : at;
  return row < 0 ? undefined : (one[row]?.index ?? first.steps.length);
}

function rowsOf(dialogues: readonly Dialogue[]): readonly Row[] {
  const [first = [], ...others] = dialogues.map(spoken);
  return first.map(({ index, step }, row) => {
    const all = [step, ...others.map((steps) => steps[row]?.step ?? step)];
    const isText = all.every(({ say }) => say.every((part) => 'text' in part));
    return { index, step, isText, recordings: all.map(bytesOf) };
  });
}

function bytesOf({ say }: SpokenStep): Buffer {
  return Buffer.from(render(say, new Map()));
}

interface Named {
  readonly name: string;
  readonly capture: Capture;
}
interface Plan {
  readonly spots: readonly Spot[];
  readonly named: ReadonlyMap<Spot, Named>;
}

/** Makes a name and a capture for each value that a capture can find. */
function names(rows: readonly Row[], spots: readonly Spot[]): ReadonlyMap<Spot, Named> {
  const named = new Map<Spot, Named>();
  for (const spot of spots.filter(({ origin }) => origin === undefined)) {
    const row = rows[spot.row];
    const capture = row && captureOf(spot.place, { ...row, ...constantAround(row, spot, spots) });
    if (capture !== undefined) {
      named.set(spot, { name: `value${named.size + 1}`, capture });
    }
  }
  return named;
}

function constantAround(
  { recordings }: Row,
  spot: Spot,
  spots: readonly Spot[],
): { readonly from: number; readonly to: number } {
  const region = spot.place[0] ?? { start: 0, end: 0 };
  const others = spots.filter((other) => other.row === spot.row && other !== spot);
  const ends = others.map(({ place }) => place[0]?.end ?? 0).filter((end) => end <= region.start);
  const starts = others
    .map(({ place }) => place[0]?.start ?? Infinity)
    .filter((start) => start >= region.end);
  return {
    from: Math.max(0, ...ends),
    to: Math.min(recordings[0]?.length ?? 0, ...starts),
  };
}

interface Built {
  readonly index: number;
  readonly step: SpokenStep;
  readonly isEndless: boolean;
}

/** Returns the step with its captures, and with names in the place of values that it repeats. */
function build(rows: readonly Row[], at: number, { spots, named }: Plan): Built {
  const row = rows[at];
  if (row === undefined) {
    throw new RangeError(`There is no row ${at}`);
  }
  const own = spots.filter((spot) => spot.row === at);
  const captures = own.flatMap((spot) => {
    const found = named.get(spot);
    return found === undefined ? [] : [[found.name, found.capture] as const];
  });
  const repeats = own.flatMap((spot) => {
    const name = spot.origin && named.get(spot.origin)?.name;
    return name === undefined ? [] : [{ name, place: spot.place }];
  });
  const say = withValues(row, repeats);
  const { until, isEndless } = endOf(row, repeats);
  const capture = captures.length === 0 ? undefined : Object.fromEntries(captures);
  const step: SpokenStep = {
    from: row.step.from,
    say,
    ...(until && { until }),
    ...(capture && { capture }),
  };
  return { index: row.index, step, isEndless };
}

interface Repeat {
  readonly name: string;
  readonly place: Place;
}

/** Returns what the first recording said, with names in the place of repeated values. */
function withValues({ recordings }: Row, repeats: readonly Repeat[]): readonly Part[] {
  const bytes = recordings[0] ?? Buffer.alloc(0);
  const parts: Part[] = [];
  let from = 0;
  const literal = (to: number): readonly Literal[] =>
    to > from ? [literalOf(bytes.subarray(from, to))] : [];
  const startOf = ({ place }: Repeat): number => place[0]?.start ?? 0;
  for (const repeat of repeats.toSorted((one, other) => startOf(one) - startOf(other))) {
    parts.push(...literal(startOf(repeat)), { value: repeat.name });
    from = repeat.place[0]?.end ?? from;
  }
  return [...parts, ...literal(bytes.length)];
}

/**
 * Returns the `until` that finds the end of the step in both recordings. `isEndless` says that there is none.
 */
function endOf(
  { step, recordings }: Row,
  repeats: readonly Repeat[],
): { readonly until: StepEnd | undefined; readonly isEndless: boolean } {
  const { until } = step;
  const lengths = recordings.map((bytes, index) => {
    const said = repeats.map(({ place }) => (place[index]?.end ?? 0) - (place[index]?.start ?? 0));
    return bytes.length - said.reduce((sum, length) => sum + length, 0);
  });
  const lineCounts = recordings.map((bytes) => bytes.toString('latin1').split('\n').length);
  const counts = until !== undefined && 'lines' in until ? lineCounts : lengths;
  if (new Set(counts).size === 1) {
    return { until, isEndless: false };
  }
  const marker = markerOf(recordings);
  return marker === undefined
    ? { until, isEndless: true }
    : { until: { marker: literalOf(marker) }, isEndless: false };
}

/** Returns the last bytes of the step, if all recordings end with these bytes and none has them earlier. */
function markerOf(recordings: readonly Buffer[]): Buffer | undefined {
  const marker = recordings[0]?.subarray(-MARKER);
  const marks = recordings.every(
    (bytes) => marker !== undefined && bytes.indexOf(marker) === bytes.length - marker.length,
  );
  return marks ? marker : undefined;
}

function followed(spot: Spot, rows: readonly Row[], { spots, named }: Plan): Followed {
  const { start, end } = spot.place[0] ?? { start: 0, end: 0 };
  const row = rows[spot.row];
  return {
    step: row?.index ?? 0,
    from: row?.step.from ?? 'server',
    at: start,
    length: end - start,
    name: named.get(spot)?.name,
    again: spots.flatMap(({ origin, row: later }) =>
      origin === spot ? [rows[later]?.index ?? 0] : [],
    ),
  };
}
