// Decides, when the codec is made, which bytes each checksum of a frame covers. Refuses checksums of which no
// value can be right.
//
// A place in a frame is a part and an offset in that part, because the parts in front of it vary in length.
// Ranges that touch become one span. When the lengths of the prefix and the payload are known, each span
// gives the indices of the bytes that the checksum covers. An example:
//
//   over: ['prefix', 'after', 'payload', { part: 'trailer', to: 2 }]    one span: prefix +0 … trailer +2

import { checkNames, oneOf, refuse, refuseValue, whole } from '../options.ts';
import type { Checksum, FramePart, FrameRange, Section, SumRun } from './sections.ts';

export const FRAME_PARTS = ['before', 'prefix', 'after', 'payload', 'trailer'] as const;
const RANGE_NAMES = { part: true, from: true, to: true } as const;

/**
 * A place in a frame: `offset` bytes behind the start of FRAME_PARTS[part]. Part 5 is the end of the frame.
 */
export interface Edge {
  readonly part: number;
  readonly offset: number;
}

interface Span {
  readonly from: Edge;
  readonly to: Edge;
}

/** A checksum of a frame, resolved. */
export interface FrameChecksum {
  readonly checksum: Checksum;
  /** The place at which the stored value begins. */
  readonly at: Edge;
  readonly length: number;
  readonly spans: readonly Span[];
  /** Whether the stored value has its bytes in reversed order. */
  readonly reversed: boolean;
}

export interface FrameChecksums {
  /** Checksums whose stored value and covered bytes all lie in the head of a frame. */
  readonly head: readonly FrameChecksum[];
  /** All other checksums. */
  readonly frame: readonly FrameChecksum[];
  /** All checksums in the order in which encode computes them: each after the checksums that it covers. */
  readonly written: readonly FrameChecksum[];
}

/** Number of bytes of each part. It is `undefined` where the number varies. */
type PartLengths = Readonly<Record<FramePart, number | undefined>>;

/** A range of bytes of one part. */
interface PartRange {
  readonly part: FramePart;
  readonly from: number;
  /** End of the range, counted from the start of the part. `undefined` means the end of the part. */
  readonly to: number | undefined;
}

/** A checksum while it is resolved. `name` is for errors, and `place` is the range of the stored value. */
interface Resolved {
  readonly name: string;
  readonly place: PartRange;
  readonly ranges: readonly PartRange[];
  readonly result: FrameChecksum;
}

/**
 * Resolves the checksums of all sections. Throws UsageError ERR_OPTION for a range that does not exist, and
 * for checksums that cover no byte, themselves or each other.
 */
export function resolveChecksums(
  sections: readonly Section[],
  prefixWidth: number,
): FrameChecksums {
  const lengths: Record<FramePart, number | undefined> = {
    before: 0,
    prefix: prefixWidth === 0 ? undefined : prefixWidth,
    after: 0,
    payload: undefined,
    trailer: 0,
  };
  for (const { name, length } of sections) {
    lengths[name] = length;
  }
  const all = sections.flatMap((one) => one.sums.map((sum) => resolveSum(one, sum, lengths)));
  return Object.freeze({
    head: all.filter(isHead).map(({ result }) => result),
    frame: all.filter((one) => !isHead(one)).map(({ result }) => result),
    written: inOrder(all).map(({ result }) => result),
  });
}

const PAYLOAD = FRAME_PARTS.indexOf('payload');

function isHead({ place, result }: Resolved): boolean {
  return place.part !== 'trailer' && result.spans.every(({ to }) => isInHead(to));
}

function isInHead({ part, offset }: Edge): boolean {
  return part < PAYLOAD || (part === PAYLOAD && offset === 0);
}

function partAt(index: number): FramePart | undefined {
  return FRAME_PARTS[index];
}

function resolveSum({ name }: Section, sum: SumRun, lengths: PartLengths): Resolved {
  const owner = `The checksum in ${name}`;
  const place = { part: name, from: sum.from, to: sum.to };
  const ranges = sum.over === undefined ? inFront(place) : rangesOf(owner, sum.over, lengths);
  const spans = spansOf(ranges, lengths);
  if (spans.length === 0) {
    refuse(`${owner} covers no byte.`, 'Name the parts that it covers: over: [...].');
  }
  if (ranges.some((one) => overlap(one, place))) {
    refuse(
      `${owner} covers itself, so no value of it can be right.`,
      'Leave its own bytes out of the ranges in over.',
    );
  }
  const index = FRAME_PARTS.indexOf(name);
  const result = {
    checksum: sum.checksum,
    at: { part: index, offset: sum.from },
    length: sum.to - sum.from,
    spans,
    reversed: sum.reversed,
  };
  return { name: owner, place, ranges, result };
}

/** Returns all bytes of the frame in front of a place. */
function inFront({ part, from }: PartRange): readonly PartRange[] {
  const parts = FRAME_PARTS.slice(0, FRAME_PARTS.indexOf(part));
  return [
    ...parts.map((one) => ({ part: one, from: 0, to: undefined })),
    { part, from: 0, to: from },
  ];
}

function rangesOf(
  owner: string,
  over: readonly FrameRange[],
  lengths: PartLengths,
): readonly PartRange[] {
  if (!Array.isArray(over)) {
    refuseValue(`${owner}: over`, 'an array of parts', over);
  }
  return over.map((one) => rangeOf(`${owner}: over`, one, lengths));
}

function rangeOf(owner: string, range: FrameRange, lengths: PartLengths): PartRange {
  if (typeof range !== 'object' || range === null) {
    return { part: oneOf(owner, range, FRAME_PARTS), from: 0, to: undefined };
  }
  checkNames(owner, range, RANGE_NAMES);
  const part = oneOf(owner, range.part, FRAME_PARTS);
  const length = lengths[part];
  if (length === undefined) {
    const isWhole = (range.from ?? 0) === 0 && range.to === undefined;
    return isWhole
      ? { part, from: 0, to: undefined }
      : refuse(
          `${owner} names some bytes of '${part}', whose length varies.`,
          'Name the whole part, without from and to.',
        );
  }
  const to = whole(`${owner}: to`, range.to ?? length, { max: length });
  const from = whole(`${owner}: from`, range.from ?? 0, { max: to });
  return { part, from, to };
}

function overlap(a: PartRange, b: PartRange): boolean {
  const from = Math.max(a.from, b.from);
  return a.part === b.part && from < Math.min(a.to ?? Infinity, b.to ?? Infinity);
}

/** Turns ranges into spans. Ranges that touch become one span. */
function spansOf(ranges: readonly PartRange[], lengths: PartLengths): readonly Span[] {
  const spans: { from: Edge; to: Edge }[] = [];
  for (const { part, from, to } of ranges) {
    const index = FRAME_PARTS.indexOf(part);
    const start = edgeAt(index, from, lengths);
    const end = to === undefined ? edgeAt(index + 1, 0, lengths) : edgeAt(index, to, lengths);
    const last = spans.at(-1);
    if (last !== undefined && areSame(last.to, start)) {
      last.to = end;
    } else if (!areSame(start, end)) {
      spans.push({ from: start, to: end });
    }
  }
  return spans;
}

function areSame(a: Edge, b: Edge): boolean {
  return a.part === b.part && a.offset === b.offset;
}

/** Returns the edge of a place. The end of a part is the start of the next one, so each place has one edge. */
function edgeAt(part: number, offset: number, lengths: PartLengths): Edge {
  const name = partAt(part);
  return name !== undefined && lengths[name] === offset
    ? edgeAt(part + 1, 0, lengths)
    : { part, offset };
}

/**
 * Sorts checksums so that each comes after the checksums that it covers. Refuses checksums that cover each
 * other.
 */
function inOrder(all: readonly Resolved[]): readonly Resolved[] {
  const done: Resolved[] = [];
  const visiting = new Set<Resolved>();
  const visit = (one: Resolved): void => {
    if (done.includes(one)) {
      return;
    }
    if (visiting.has(one)) {
      refuse(`${one.name} covers a checksum that covers it, so neither can be computed first.`);
    }
    visiting.add(one);
    for (const other of all.filter(({ place }) => one.ranges.some((r) => overlap(r, place)))) {
      visit(other);
    }
    done.push(one);
  };
  all.forEach(visit);
  return done;
}
