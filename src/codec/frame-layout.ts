// Checks the options of lengthPrefixed() and turns them into the numbers that encoder and decoder use.
// Options that contradict each other are refused here, when the codec is made, not at the first frame.

import { checkNames, oneOf, refuse, refuseValue, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { isBytes } from './bytes.ts';
import type { LengthField } from './length-field.ts';
import { resolvePrefix } from './prefixes.ts';
import type { LengthPrefix, PrefixFormat } from './prefixes.ts';

export type FramePart = 'before' | 'prefix' | 'after' | 'payload' | 'trailer';

/** A trailer that is computed from the frame: encode writes it, decode verifies it. */
export interface Checksum {
  /** Length of the checksum in bytes. */
  readonly length: number;
  /** Function that computes the checksum of all bytes in front of it. It must return `length` bytes. */
  compute(frameWithoutTrailer: Uint8Array): Uint8Array;
}

/** What a value is: the payload alone, the payload with the caller's other parts, or the whole frame. */
export type Deliver = 'payload' | 'parts' | 'frame';

/** A frame is `before | prefix | after | payload | trailer`. */
export interface LengthPrefixedOptions {
  /** Format of the length. Default 'u32be'. */
  readonly prefix?: LengthPrefix | LengthField | undefined;
  /** Parts that the length counts. Default ['payload']. */
  readonly counts?: readonly FramePart[] | undefined;
  /**
   * Bytes in front of the prefix. A number means that many bytes, which belong to the caller: set
   * `deliver` as well. Bytes mean exactly these: encode writes them, decode demands them. Default none.
   */
  readonly before?: number | Uint8Array | undefined;
  /** Bytes between prefix and payload: as `before`. */
  readonly after?: number | Uint8Array | undefined;
  /** Bytes behind the payload: as `before`, or a checksum. */
  readonly trailer?: number | Uint8Array | Checksum | undefined;
  /**
   * What a value is. Default 'payload'; required when `before`, `after` or `trailer` is a number above 0.
   * 'parts': the payload with these bytes. 'payload': the payload alone, so encode writes zeros for them
   * and decode drops them. 'frame': every byte of the frame.
   */
  readonly deliver?: Deliver | undefined;
  /**
   * Maximum length of a payload in bytes, for decode (else ERR_FRAME_TOO_LARGE) and for encode (else
   * ERR_FRAME_UNENCODABLE). Default 8 MiB (as tokio-util), or what the prefix can count if that is less.
   */
  readonly maxPayloadLength?: number | undefined;
  /** Specification of the format, for people. The codec ignores it. */
  readonly source?: string | undefined;
  /** Remark about the format, for people. The codec ignores it. */
  readonly note?: string | undefined;
}

/** One of `before`, `after`, `trailer`. */
export interface Section {
  readonly name: 'before' | 'after' | 'trailer';
  readonly length: number;
  /** The bytes, if they are fixed. */
  readonly magic?: Uint8Array;
  /** Whether the bytes belong to the caller. */
  readonly own: boolean;
}

export interface FrameLayout {
  readonly prefix: PrefixFormat;
  readonly before: Section;
  readonly after: Section;
  readonly trailer: Section;
  readonly checksum?: Checksum;
  readonly deliver: Deliver;
  /** Number of bytes that the length counts besides the payload. */
  readonly counted: number;
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
  checkHead(prefix, before);
  const counted = countedLength(options.counts ?? ['payload'], prefix, sections);
  const maxPayloadLength = largestPayload(options.maxPayloadLength, prefix, counted);
  const largest = maxPayloadLength + counted;
  const magic = before.magic ?? after.magic ?? trailer.magic;
  const deliver = resolveDeliver(options.deliver, [before, after, trailer]);
  return Object.freeze({
    prefix,
    ...sections,
    ...(checksum === undefined ? {} : { checksum }),
    deliver,
    counted,
    maxPayloadLength,
    prefixReadWidth: prefix.readWidth(largest),
    prefixCanonicalWidth: prefix.canonicalWidth(largest),
    refusesFlags: deliver === 'payload' && prefix.custom?.flags !== 'ignore',
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

/** A field that looks at bytes in front of it would otherwise look at the payload. */
function checkHead({ name, custom }: PrefixFormat, { length }: Section): void {
  const needed = custom?.headLength ?? 0;
  if (needed > length) {
    refuse(
      `The ${name} prefix looks at the ${needed} bytes in front of it, but before has ${length}.`,
    );
  }
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
    refuse("counts must include 'payload': the length has to say where the payload ends.");
  }
  if (parts.has('prefix') && prefix.width === 0) {
    refuse(
      `counts includes 'prefix', but the width of ${prefix.custom === undefined ? 'a varint' : 'this field'} varies.`,
      'The width would depend on the length and the length on the width. Mark a LengthField as fixed.',
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
      'No frame would fit the format.',
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

/** The default never drops the caller's bytes: a type byte that vanishes is noticed too late. */
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
    "With deliver 'frame' a value is every byte of the frame.",
  );
}
