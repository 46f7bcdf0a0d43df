// Checks the options of lengthPrefixed() and turns them into the numbers that encoder and decoder use.
// Options that contradict each other are refused here, when the codec is made, not at the first frame.

import { checkNames, oneOf, refuse, refuseValue, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { FRAME_PARTS, resolveChecksums } from './checksum-layout.ts';
import type { FrameChecksums } from './checksum-layout.ts';
import type { LengthField } from './length-field.ts';
import { resolvePrefix } from './prefixes.ts';
import type { LengthPrefix, PrefixFormat } from './prefixes.ts';
import type { Resync } from './resync.ts';
import { resolveSection } from './sections.ts';
import type { FramePart, Section, SectionName, SectionOption } from './sections.ts';

/** What a value is: the payload alone, the payload with the caller's other parts, or the whole frame. */
export type Deliver = 'payload' | 'parts' | 'frame';

/** A frame is `before | prefix | after | payload | trailer`. */
export interface LengthPrefixedOptions {
  /** Format of the length. Default 'u32be'. */
  readonly prefix?: LengthPrefix | LengthField | undefined;
  /** Parts that the length counts. Default ['payload']. */
  readonly counts?: readonly FramePart[] | undefined;
  /**
   * Number that the length is above the bytes of `counts`, for a length that counts part of a section or
   * counts from elsewhere: declared = payload + counted parts + adjust. Default 0.
   */
  readonly adjust?: number | undefined;
  /**
   * Bytes in front of the prefix: one piece, or several in the order of the wire. A number means that many
   * bytes, which belong to the caller: set `deliver` as well. Bytes or hex digits are fixed: encode writes
   * them, decode demands them. A checksum is computed. Default none.
   */
  readonly before?: SectionOption | undefined;
  /** Bytes between prefix and payload: as `before`. */
  readonly after?: SectionOption | undefined;
  /** Bytes behind the payload: as `before`. */
  readonly trailer?: SectionOption | undefined;
  /**
   * What a value is. Default 'payload'; required when bytes of `before`, `after` or `trailer` are the caller's.
   * 'parts': the payload with these bytes. 'payload': the payload alone, so encode writes zeros for them
   * and decode drops them. 'frame': every byte of the frame.
   */
  readonly deliver?: Deliver | undefined;
  /**
   * Maximum length of a payload in bytes, for decode (else ERR_FRAME_TOO_LARGE) and for encode (else
   * ERR_FRAME_UNENCODABLE). Default 8 MiB (as tokio-util), or what the prefix can count if that is less.
   */
  readonly maxPayloadLength?: number | undefined;
  /**
   * Whether the decoder searches for the next frame behind bytes that are none: the value of resync(). The
   * format must begin with fixed bytes. Then no error but ERR_NOISE and ERR_FRAME_TRUNCATED is left. Default
   * none: wrong bytes are fatal.
   */
  readonly resync?: Resync | undefined;
  /** Name of this codec, where the options are a description. No other name is accepted. */
  readonly codec?: 'lengthPrefixed' | undefined;
  /** Specification of the format, for people. The codec ignores it. */
  readonly source?: string | undefined;
  /** Remark about the format, for people. The codec ignores it. */
  readonly note?: string | undefined;
  /** How the format is known, for people. The codec ignores it. */
  readonly known?: string | undefined;
  /** Where frames of the format were seen, for people. The codec ignores it. */
  readonly seen?: string | undefined;
}

export interface FrameLayout {
  readonly prefix: PrefixFormat;
  readonly before: Section;
  readonly after: Section;
  readonly trailer: Section;
  readonly checksums: FrameChecksums;
  readonly deliver: Deliver;
  /** Number that the length is above the length of the payload; below 0 if it is less. */
  readonly counted: number;
  /** Minimum length of a payload: above 0 only where `counted` is below 0. */
  readonly minPayloadLength: number;
  readonly maxPayloadLength: number;
  /** Maximum number of bytes to read for a length: its width, or the longest varint to accept. */
  readonly prefixReadWidth: number;
  /** Number of bytes that the largest acceptable varint needs. A longer one is over-long. */
  readonly prefixCanonicalWidth: number;
  /** Whether a flag that is set makes a prefix malformed: a payload alone would lose it. */
  readonly refusesFlags: boolean;
  /** Whether a frame has nothing to judge but its length, so that the fast paths apply. */
  readonly plain: boolean;
  /** Whether there is no custom field and no checksum, so that `findDirect` can find a whole frame. */
  readonly direct: boolean;
  readonly resync: Resync | undefined;
}

/** 8 MiB: tokio-util's LengthDelimitedCodec has the same default. */
const DEFAULT_MAX_PAYLOAD_LENGTH = 8 * 1024 * 1024;
/** Any adjustment that a real format needs, and far from the numbers that a double cannot count. */
const MAX_ADJUST = 2 ** 31;
const DELIVER: readonly Deliver[] = ['payload', 'parts', 'frame'];
const NAMES = {
  prefix: true,
  counts: true,
  adjust: true,
  before: true,
  after: true,
  trailer: true,
  deliver: true,
  maxPayloadLength: true,
  resync: true,
  codec: true,
  source: true,
  note: true,
  known: true,
  seen: true,
} satisfies OptionNames<LengthPrefixedOptions>;

/** Throws UsageError ERR_OPTION when options are misspelt, out of range, or contradict each other. */
export function frameLayout(options: LengthPrefixedOptions): FrameLayout {
  checkNames('lengthPrefixed', options, NAMES);
  checkCodecName(options.codec);
  const prefix = resolvePrefix(options.prefix ?? 'u32be');
  const before = resolveSection('before', options.before);
  const after = resolveSection('after', options.after);
  const trailer = resolveSection('trailer', options.trailer);
  const sections = [before, after, trailer];
  checkHead(prefix, before);
  const checksums = resolveChecksums(sections, prefix.width);
  const parts = countedLength(options.counts ?? ['payload'], prefix, sections);
  const counted = parts + adjustment(options.adjust);
  const maxPayloadLength = largestPayload(options.maxPayloadLength, prefix, counted);
  const largest = maxPayloadLength + counted;
  const isFixed = sections.some(({ magic }) => magic !== undefined);
  const isSummed = checksums.written.length > 0;
  const deliver = resolveDeliver(options.deliver, sections);
  return Object.freeze({
    prefix,
    before,
    after,
    trailer,
    checksums,
    deliver,
    counted,
    minPayloadLength: Math.max(0, -counted),
    maxPayloadLength,
    prefixReadWidth: prefix.readWidth(largest),
    prefixCanonicalWidth: prefix.canonicalWidth(largest),
    refusesFlags: deliver === 'payload' && prefix.custom?.flags !== 'ignore',
    plain: prefix.code !== 0 && !isFixed && !isSummed,
    direct: prefix.custom === undefined && !isSummed,
    resync: checkResync(options.resync, before),
  });
}

function checkResync(given: Resync | undefined, before: Section): Resync | undefined {
  if (given === undefined) {
    return undefined;
  }
  if (typeof given !== 'object' || given === null || typeof given.search !== 'function') {
    refuseValue('resync', 'the value of resync()', given);
  }
  if (before.magic === undefined || before.mask?.[0] === 0) {
    refuse(
      'resync needs fixed bytes at the front of a frame: they are where the search stops.',
      "Give them in before, such as ['23 23', 2].",
    );
  }
  return given;
}

/** A row of `formats` for another codec would be taken for options otherwise. */
function checkCodecName(codec: unknown): void {
  if (codec !== undefined && codec !== 'lengthPrefixed') {
    const hint = 'framing() of unstick/formats takes every description.';
    refuseValue('codec', { what: 'lengthPrefixed', hint }, codec);
  }
}

function adjustment(adjust = 0): number {
  return whole('adjust', adjust, { min: -MAX_ADJUST, max: MAX_ADJUST });
}

/** A field that looks at bytes in front of it must neither see the payload nor what is computed later. */
function checkHead({ name, custom }: PrefixFormat, { length, sums }: Section): void {
  const needed = custom?.headLength ?? 0;
  if (needed > length) {
    refuse(
      `The ${name} prefix looks at the ${needed} bytes in front of it, but before has ${length}.`,
    );
  }
  if (sums.some(({ from, to }) => from < needed && needed <= to)) {
    refuse(
      `The ${name} prefix looks at byte ${needed} of before, which is a checksum.`,
      'A checksum is computed when the length is written, so the length cannot depend on it.',
    );
  }
}

function countedLength(
  counts: readonly FramePart[],
  prefix: PrefixFormat,
  sections: readonly Section[],
): number {
  if (!Array.isArray(counts)) {
    refuseValue('counts', 'an array of parts', counts);
  }
  const parts = new Set<string>(counts);
  for (const part of parts) {
    oneOf('Each of counts', part, FRAME_PARTS);
  }
  if (parts.size !== counts.length) {
    refuse('counts names a part twice.');
  }
  if (!parts.has('payload')) {
    refuse("counts must include 'payload': the length has to say where the payload ends.");
  }
  if (parts.has('prefix') && prefix.width === 0) {
    refuse(
      `counts includes 'prefix', but the width of ${prefix.custom === undefined ? 'a varint' : 'this field'} varies.`,
      'The width would depend on the length and the length on the width. Mark a LengthField as fixed.',
    );
  }
  let counted = parts.has('prefix') ? prefix.width : 0;
  for (const { name, length } of sections) {
    if (parts.has(name)) {
      counted += length;
    }
  }
  return counted;
}

function largestPayload(given: number | undefined, prefix: PrefixFormat, counted: number): number {
  const countable = prefix.maxLength - counted;
  if (countable < 0) {
    refuse(
      `A ${prefix.name} prefix counts to ${prefix.maxLength}, but ${counted} bytes besides the payload are counted.`,
      'No frame would fit the format.',
    );
  }
  const wanted = whole('maxPayloadLength', given ?? DEFAULT_MAX_PAYLOAD_LENGTH);
  if (wanted < -counted) {
    refuse(
      `With these counts and adjust a payload has at least ${-counted} bytes, and maxPayloadLength is ${wanted}.`,
      'No frame would fit the format.',
    );
  }
  return Math.min(wanted, countable);
}

const PLACES: Readonly<Record<SectionName, string>> = {
  before: 'in front of the prefix',
  after: 'behind the prefix',
  trailer: 'behind the payload',
};

/** The default never drops the caller's bytes: a type byte that vanishes is noticed too late. */
function resolveDeliver(given: Deliver | undefined, sections: readonly Section[]): Deliver {
  if (given !== undefined) {
    return oneOf('deliver', given, DELIVER);
  }
  const own = sections.filter((one) => one.ownLength > 0);
  const total = own.reduce((sum, { ownLength }) => sum + ownLength, 0);
  if (total === 0) {
    return 'payload';
  }
  const places = own.map(
    ({ name, ownLength: n }) => `${n} ${n === 1 ? 'byte' : 'bytes'} ${PLACES[name]}`,
  );
  const are = total === 1 ? 'is' : 'are';
  const them = total === 1 ? 'it' : 'them';
  return refuse(
    `${places.join(' and ')} ${are} yours: deliver 'parts' to get ${them}, 'payload' to drop ${them}.`,
    "With deliver 'frame' a value is every byte of the frame.",
  );
}
