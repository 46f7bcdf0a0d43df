// Framings that are tried with their own decoder: every row of `formats`, and framings for which one binary
// number at a fixed place is not enough.

import { ROWS } from '../codec/formats/formats.ts';
import type { Framing, LengthPrefixedFraming } from '../codec/formats/framing-types.ts';
import { isUnstickError } from '../errors.ts';
import type { Spots } from '../framing/codecs.ts';
import { FrameScanner } from '../framing/frame-scanner.ts';
import { FORMAT_NAMES, isFormatName, spotsOf } from '../framing/framing.ts';
import { MAX_FRAMES, Trail } from './chain.ts';
import { placesOf } from './numbers.ts';

/** A framing to try. `cost` is the number of bits that the choice of this framing costs. */
export interface Described {
  readonly framing: Framing;
  /** Tells where frames of this framing lie. */
  readonly spots: Spots;
  /** Names of the formats that have this framing. */
  readonly formats: readonly string[];
  readonly cost: number;
}

/** Cost in bits of a framing that known formats have. It stands for one choice among about 2^8. */
const FORMAT_COST = 8;
/** Cost in bits of any other framing of this file. */
const TEXT_COST = 8;

/** Markers at the end of a frame that are tried. */
const ENDS = ['00', '03', '04', '0d', '23', '3b', '3e', '7c', '7d', '7e', 'ff', '1c 0d', '0d 0a'];
/** Pairs of markers, at the start and at the end of a frame, that are tried. */
const PAIRS: readonly (readonly [string, string])[] = [
  ['02', '03'],
  ['0b', '1c 0d'],
  ['24', '0d 0a'],
  ['24', '23'],
  ['2a', '23'],
  ['28', '29'],
  ['5b', '5d'],
  ['7b', '7d'],
  ['7e', '7e'],
];
/** Maximum length of a payload in bytes between markers. */
const MAX_LENGTH = 2 ** 20;

/**
 * Returns whether only the bytes at its end mark a frame: the framing has no start marker, no length and no
 * checksum.
 */
export function isMarkedByEnd(framing: Framing): boolean {
  return (
    framing.codec === 'lines' ||
    (framing.codec === 'delimited' && framing.start === undefined && framing.checksum === undefined)
  );
}

export function described(framing: Framing, formats: readonly string[], cost: number): Described {
  return { framing, spots: spotsOf(framing), formats, cost };
}

/** Returns all framings of this file. */
export function describedFramings(): Described[] {
  return [...knownFramings(), ...textFramings()];
}

/** Returns the rows of `formats`. Rows with the same frames become one framing. */
function knownFramings(): Described[] {
  const byLayout = new Map<string, { framing: Framing; formats: string[] }>();
  for (const name of FORMAT_NAMES) {
    if (isFormatName(name)) {
      const framing = withoutSearch(ROWS[name]);
      const key = layoutKey(framing);
      const known = byLayout.get(key);
      if (known === undefined) {
        byLayout.set(key, { framing, formats: [name] });
      } else {
        known.formats.push(name);
      }
    }
  }
  return [...byLayout.values()].map((one) => described(one.framing, one.formats, FORMAT_COST));
}

/**
 * Options that do not change where frames lie: facts about the format, how values are delivered, the two
 * limits that formats have, and what a decoder does with noise. Two descriptions that differ only in these
 * give the same frames.
 */
const UNSEEN: ReadonlySet<string> = new Set([
  'source',
  'note',
  'known',
  'seen',
  'deliver',
  'maxPayloadLength',
  'maxLength',
  'resync',
]);

/**
 * Returns a key of the options that decide where frames lie: all options of the framing except those in
 * UNSEEN.
 */
export function layoutKey(framing: Framing): string {
  const entries = Object.entries(framing).filter(([name]) => !UNSEEN.has(name));
  return JSON.stringify(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Returns the framing without `resync`. A decoder that searches for the next frame would fit every stream.
 */
function withoutSearch(framing: Framing): Framing {
  if (framing.codec !== 'lengthPrefixed') {
    return framing;
  }
  const { resync: _, ...others } = framing;
  return others;
}

function textFramings(): Described[] {
  const all: Framing[] = [
    { codec: 'lines' },
    { codec: 'netstrings' },
    { codec: 'contentLength' },
    { codec: 'cobs' },
    ...ENDS.map((end): Framing => ({ codec: 'delimited', end, maxLength: MAX_LENGTH })),
    ...PAIRS.map(([start, end]): Framing => ({
      codec: 'delimited',
      start,
      end,
      maxLength: MAX_LENGTH,
    })),
    ...(['slip', 'hdlc', 'jt808', 'dle'] as const).map(escaped),
    ...['u32be', 'u16be', 'u32le', 'varint'].map((prefix): Framing => ({
      codec: 'messages',
      prefix: prefix as 'u32be',
    })),
    ...prefixed(),
  ];
  return all.map((framing) => described(framing, [], TEXT_COST));
}

function escaped(escape: 'slip' | 'hdlc' | 'jt808' | 'dle'): Framing {
  const end = { slip: 'c0', hdlc: '7e', jt808: '7e', dle: '10 03' }[escape];
  const start = { slip: undefined, hdlc: '7e', jt808: '7e', dle: '10 02' }[escape];
  return { codec: 'delimited', ...(start === undefined ? {} : { start }), end, escape };
}

/** Prefixes of fixed width in digits or BCD. */
const WIDE: readonly LengthPrefixedFraming['prefix'][] = [
  ...[2, 3, 4, 5, 6, 8].map((digits) => ({ digits })),
  ...[2, 4, 8].map((hexDigits) => ({ hexDigits })),
  { bcd: 2 },
];

/** Returns framings whose length is no plain binary number: a number of any width, digits, or BCD. */
function prefixed(): LengthPrefixedFraming[] {
  const prefixes: LengthPrefixedFraming['prefix'][] = [
    'varint',
    'berLength',
    ...WIDE,
    ...['20', '2c', '3a', '0a'].map((digitsUntil) => ({ digitsUntil })),
  ];
  const behind = prefixes.flatMap((prefix) =>
    [0, 1, 2, 3, 4].map((before) => ({
      codec: 'lengthPrefixed' as const,
      prefix,
      ...(before === 0 ? {} : { before, deliver: 'parts' as const }),
      maxPayloadLength: 2 ** 24,
    })),
  );
  const whole = WIDE.map((prefix) => ({
    codec: 'lengthPrefixed' as const,
    prefix,
    counts: ['prefix', 'payload'] as const,
    maxPayloadLength: 2 ** 24,
  }));
  return [...behind, ...whole];
}

/**
 * Maximum number of bytes that a decoder gets at a time: at first (FIRST_SLICE, or SHORT_SLICE if only a few
 * frames are wanted), and later (LAST_SLICE). Most wrong framings break within the first bytes, and a decoder
 * that finds a frame in each byte must stop soon.
 */
const FIRST_SLICE = 256;
const SHORT_SLICE = 32;
const LAST_SLICE = 4096;

/**
 * Maximum number of places of a stream that are looked at to learn how often a framing would fit by chance.
 */
const PLACES = 48;
/** Maximum number of bytes behind such a place that are read. A longer frame counts as one that fits. */
const MAX_READ = 4096;

/**
 * Returns an estimate of the share of the places in a stream at which this framing fits by chance. Some places
 * are tried, and one that fits is added to them, so the share is never 0. A framing that is marked only by its
 * end fits everywhere, because each place has an end somewhere behind it. Frames of a fixed length fit
 * everywhere, too.
 */
export function chanceOfDescribed(one: Described, bytes: Uint8Array): number {
  if (isMarkedByEnd(one.framing) || one.framing.codec === 'fixedLength') {
    return 1;
  }
  const trail = new Trail();
  const places = placesOf(bytes.length, PLACES);
  const fits = places.filter((place) => {
    walkDescribed(one, bytes.subarray(place, place + MAX_READ), trail, 1);
    const isLong = !trail.isBroken && place + MAX_READ < bytes.length;
    return trail.count > 0 || isLong;
  });
  return (fits.length + 1) / (places.length + 1);
}

/**
 * Finds the frames of a described framing, with the framing's own decoder. Stops when it has `most` frames (the
 * last slice may add a few more), when a frame is wrong, or when the bytes end.
 */
// oxlint-disable-next-line max-params -- like walkLayout
export function walkDescribed(
  { spots }: Described,
  bytes: Uint8Array,
  trail: Trail,
  most: number = MAX_FRAMES,
): void {
  trail.start();
  const scanner = new FrameScanner(spots);
  try {
    let slice = most < MAX_FRAMES ? SHORT_SLICE : FIRST_SLICE;
    for (let at = 0; at < bytes.length && trail.count < most;) {
      scanner.push(bytes.subarray(at, at + slice), ({ end }) => trail.add(end));
      at += slice;
      slice = Math.min(LAST_SLICE, 2 * slice);
    }
  } catch (error) {
    if (!isUnstickError(error)) {
      throw error;
    }
    trail.isBroken = true;
  }
}
