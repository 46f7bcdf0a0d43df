// The options of lengthPrefixed(), checked and turned into the numbers that both directions work
// with. A contradiction is refused here, when the codec is made, and never at the first frame.

import { checkNames, oneOf, refuse, refuseValue, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { isBytes } from './bytes.ts';
import type { LengthField } from './length-field.ts';
import { resolvePrefix } from './prefixes.ts';
import type { LengthPrefix, PrefixFormat } from './prefixes.ts';

export type FramePart = 'before' | 'prefix' | 'after' | 'payload' | 'trailer';

/** A trailer that is computed from the frame: written by encode, verified by decode. */
export interface Checksum {
  /** Its length in bytes. */
  readonly length: number;
  /** The checksum of all bytes of the frame in front of it; must give `length` bytes. */
  compute(frameWithoutTrailer: Uint8Array): Uint8Array;
}

/** What a value is: the payload alone, the parts that are the caller's, or every byte of the frame. */
export type Deliver = 'payload' | 'parts' | 'frame';

/** A frame is `before | prefix | after | payload | trailer`. */
export interface LengthPrefixedOptions {
  /** How the length is written. Default 'u32be'. */
  readonly prefix?: LengthPrefix | LengthField | undefined;
  /** Which parts the number counts. Default ['payload']. */
  readonly counts?: readonly FramePart[] | undefined;
  /**
   * Bytes in front of the prefix. A number: that many bytes, which the caller gives and gets (`deliver`
   * must then be said). Bytes: exactly these, written by encode and demanded by decode. Default none.
   */
  readonly before?: number | Uint8Array | undefined;
  /** Bytes between prefix and payload, likewise. */
  readonly after?: number | Uint8Array | undefined;
  /** Bytes behind the payload, likewise, or a checksum. */
  readonly trailer?: number | Uint8Array | Checksum | undefined;
  /**
   * What encode takes and decode gives. Default 'payload'. It must be said as soon as `before`, `after`
   * or `trailer` is a number above 0: 'parts' gives these bytes with the payload, 'payload' writes zeros
   * and drops what comes, 'frame' gives every byte of the frame.
   */
  readonly deliver?: Deliver | undefined;
  /**
   * Largest payload in bytes, on both sides; larger is ERR_FRAME_TOO_LARGE or ERR_FRAME_UNENCODABLE.
   * Default 8 MiB (as tokio-util), or what the prefix can count if that is less.
   */
  readonly maxPayloadLength?: number | undefined;
  /** Where the format is specified. For people; not read. */
  readonly source?: string | undefined;
  /** What to know about the format. For people; not read. */
  readonly note?: string | undefined;
}

/** One of `before`, `after`, `trailer`. */
export interface Section {
  readonly name: 'before' | 'after' | 'trailer';
  readonly length: number;
  /** Exactly these bytes, where they are fixed. */
  readonly magic?: Uint8Array;
  /** The bytes are the caller's. */
  readonly own: boolean;
}

export interface FrameLayout {
  readonly prefix: PrefixFormat;
  readonly before: Section;
  readonly after: Section;
  readonly trailer: Section;
  readonly checksum?: Checksum;
  readonly deliver: Deliver;
  /** What the number counts besides the payload, in bytes. */
  readonly counted: number;
  readonly maxPayloadLength: number;
  /** Bytes that may be read to find a length: the whole width, or as far as a varint may go. */
  readonly prefixReadWidth: number;
  /** Bytes that the largest acceptable varint needs; a longer one is over-long. */
  readonly prefixCanonicalWidth: number;
  /** No byte of a frame but its length needs judging: fast paths apply. */
  readonly plain: boolean;
  /** Neither a field of the caller's nor a checksum: a whole frame can be found at a glance. */
  readonly direct: boolean;
}

/** 8 MiB: tokio-util's LengthDelimitedCodec has the same default. */
const DEFAULT_MAX_PAYLOAD_LENGTH = 8 * 1024 * 1024;
const PARTS: readonly string[] = ['before', 'prefix', 'after', 'payload', 'trailer'];
const DELIVER: readonly Deliver[] = ['payload', 'parts', 'frame'];
const NAMES = {
  prefix: true,
  counts: true,
  before: true,
  after: true,
  trailer: true,
  deliver: true,
  maxPayloadLength: true,
  source: true,
  note: true,
} satisfies OptionNames<LengthPrefixedOptions>;

/** Throws UsageError ERR_OPTION when options are misspelt, out of range, or contradict each other. */
export function frameLayout(options: LengthPrefixedOptions): FrameLayout {
  checkNames('lengthPrefixed', options, NAMES);
  const prefix = resolvePrefix(options.prefix ?? 'u32be');
  const before = section('before', options.before);
  const after = section('after', options.after);
  const { trailer: given } = options;
  const checksum = isChecksum(given) ? given : undefined;
  const trailer = checksum === undefined ? section('trailer', given) : checksumSection(checksum);
  const sections = { before, after, trailer };
  const counted = countedLength(options.counts ?? ['payload'], prefix, sections);
  const maxPayloadLength = largestPayload(options.maxPayloadLength, prefix, counted);
  const largest = maxPayloadLength + counted;
  const magic = before.magic ?? after.magic ?? trailer.magic;
  return Object.freeze({
    prefix,
    ...sections,
    ...(checksum === undefined ? {} : { checksum }),
    deliver: resolveDeliver(options.deliver, [before, after, trailer]),
    counted,
    maxPayloadLength,
    prefixReadWidth: prefix.readWidth(largest),
    prefixCanonicalWidth: prefix.canonicalWidth(largest),
    plain: prefix.code !== 0 && magic === undefined && checksum === undefined,
    direct: prefix.custom === undefined && checksum === undefined,
  });
}

function section(name: Section['name'], given: unknown): Section {
  if (given === undefined) {
    return Object.freeze({ name, length: 0, own: false });
  }
  if (isBytes(given)) {
    const magic = Uint8Array.from(given);
    return Object.freeze({ name, length: magic.length, own: false, magic });
  }
  if (typeof given !== 'number' || !Number.isSafeInteger(given) || given < 0) {
    const kinds = name === 'trailer' ? ', bytes, or a checksum' : ', or bytes';
    return refuseValue(name, `a whole number of bytes${kinds}`, given);
  }
  return Object.freeze({ name, length: given, own: given > 0 });
}

function isChecksum(given: unknown): given is Checksum {
  if (typeof given !== 'object' || given === null || isBytes(given)) {
    return false;
  }
  if ('compute' in given && typeof given.compute === 'function') {
    return true;
  }
  return refuse(
    'trailer is an object without compute().',
    'A checksum is { length, compute(bytes) }.',
  );
}

function checksumSection({ length }: Checksum): Section {
  return Object.freeze({
    name: 'trailer',
    length: whole('trailer.length', length, { min: 1 }),
    own: false,
  });
}

function countedLength(
  counts: readonly FramePart[],
  prefix: PrefixFormat,
  sections: Readonly<Record<Section['name'], Section>>,
): number {
  if (!Array.isArray(counts)) {
    refuseValue('counts', 'an array of parts', counts);
  }
  const parts = new Set<string>(counts);
  for (const part of parts) {
    oneOf('Each of counts', part, PARTS);
  }
  if (parts.size !== counts.length) {
    refuse('counts names a part twice.');
  }
  if (!parts.has('payload')) {
    refuse("counts must include 'payload': the number has to tell where it ends.");
  }
  if (parts.has('prefix') && prefix.width === 0) {
    refuse(
      `counts includes 'prefix', but the width of ${prefix.custom === undefined ? 'a varint' : 'this field'} varies.`,
      'The width would depend on the number and the number on the width. A LengthField can be marked fixed.',
    );
  }
  let counted = parts.has('prefix') ? prefix.width : 0;
  for (const { name, length } of Object.values(sections)) {
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
      'No frame would fit.',
    );
  }
  const wanted = whole('maxPayloadLength', given ?? DEFAULT_MAX_PAYLOAD_LENGTH);
  return Math.min(wanted, countable);
}

const PLACES: Readonly<Record<Section['name'], string>> = {
  before: 'in front of the prefix',
  after: 'behind the prefix',
  trailer: 'behind the payload',
};

/** Bytes of the caller's are never dropped by default: a type byte that vanishes is noticed too late. */
function resolveDeliver(given: Deliver | undefined, sections: readonly Section[]): Deliver {
  if (given !== undefined) {
    return oneOf('deliver', given, DELIVER);
  }
  const own = sections.filter((one) => one.own);
  const total = own.reduce((sum, { length }) => sum + length, 0);
  if (total === 0) {
    return 'payload';
  }
  const places = own.map(
    ({ name, length }) => `${length} ${length === 1 ? 'byte' : 'bytes'} ${PLACES[name]}`,
  );
  const are = total === 1 ? 'is' : 'are';
  const them = total === 1 ? 'it' : 'them';
  return refuse(
    `${places.join(' and ')} ${are} yours: deliver 'parts' to get ${them}, 'payload' to drop ${them}.`,
    "With 'frame' a value is every byte of the frame.",
  );
}
