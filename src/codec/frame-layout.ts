// Checks the options of lengthPrefixed() and turns them into the numbers that encoder and decoder use.
// Options that contradict each other throw here, when the codec is made, and not at the first frame.

import { checkNames, oneOf, refuse, refuseValue, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { FRAME_PARTS, resolveChecksums } from './checksum-layout.ts';
import type { FrameChecksums } from './checksum-layout.ts';
import { DESCRIBED_HINT } from './described.ts';
import type { LengthField } from './length-field.ts';
import { resolvePrefix } from './prefixes.ts';
import type { LengthPrefix, PrefixFormat } from './prefixes.ts';
import { checkResync } from './resync-option.ts';
import type { Resync } from './resync.ts';
import { resolveSection } from './sections.ts';
import type { FramePart, Section, SectionName, SectionOption } from './sections.ts';
import { quantity } from '../text.ts';

/** Form of a value: the payload alone, the payload and the other bytes of the caller, or the whole frame. */
export type Deliver = 'payload' | 'parts' | 'frame';

/** Options of `lengthPrefixed`. A frame is `before | prefix | after | payload | trailer`. */
export interface LengthPrefixedOptions {
  /** Format of the length prefix. Default 'u32be'. */
  readonly prefix?: LengthPrefix | LengthField | undefined;
  /**
   * Parts whose bytes the length on the wire counts. 'payload' must be one of them. 'prefix' may be one of
   * them only if every prefix has the same width. A list that breaks this throws ERR_OPTION. Default
   * ['payload'].
   */
  readonly counts?: readonly FramePart[] | undefined;
  /**
   * Number to add to the length of the parts in `counts`, to get the length on the wire. Use it for a length
   * that counts only a piece of a section, or counts from another place. The number may be negative. Encode
   * then refuses a payload for which the length would be below 0, with ERR_FRAME_UNENCODABLE. Default 0.
   */
  readonly adjust?: number | undefined;
  /**
   * Bytes in front of the prefix: one piece, or a list of pieces in the order of the wire. A number means
   * that many bytes, which belong to the caller; with such bytes set `deliver` as well. Bytes or hex digits
   * are fixed: encode writes them, and decode refuses other bytes. A checksum is written by encode and
   * verified by decode. Default none.
   */
  readonly before?: SectionOption | undefined;
  /** Bytes between prefix and payload, given in the same way as `before`. Default none. */
  readonly after?: SectionOption | undefined;
  /** Bytes behind the payload, given in the same way as `before`. Default none. */
  readonly trailer?: SectionOption | undefined;
  /**
   * Form of a value. 'parts': an object of the payload and the bytes of `before`, `after` and `trailer` that
   * belong to the caller. 'payload': the payload alone; encode then writes zeros for the bytes of the caller,
   * and decode drops them. 'frame': every byte of the frame. The option is required when bytes belong to the
   * caller. Default 'payload'.
   */
  readonly deliver?: Deliver | undefined;
  /**
   * Maximum length of a payload in bytes. Decode refuses a longer payload with ERR_FRAME_TOO_LARGE, and
   * encode refuses it with ERR_FRAME_UNENCODABLE. If the prefix cannot count so many bytes, the maximum is
   * the length that it can count. Default 8 MiB (as tokio-util).
   */
  readonly maxPayloadLength?: number | undefined;
  /**
   * Value of resync(). With it the decoder drops bytes that are no frame, and goes on with the next frame.
   * `before` must then begin with fixed bytes, and anything else throws ERR_OPTION. With `resync` the only
   * errors about bytes are ERR_NOISE and ERR_FRAME_TRUNCATED. Default none: wrong bytes are fatal.
   */
  readonly resync?: Resync | undefined;
  /** Name of this codec, so that a description of a frame can be passed as options. Default none. */
  readonly codec?: 'lengthPrefixed' | undefined;
  /** Name or address of the specification of the format, for people. The codec ignores it. Default: none. */
  readonly source?: string | undefined;
  /** Remark about the format, for people. The codec ignores it. Default: none. */
  readonly note?: string | undefined;
  /** Word for how the format is known, for people. The codec ignores it. Default: none. */
  readonly known?: string | undefined;
  /** Places where frames of the format were seen, for people. The codec ignores it. Default: none. */
  readonly seen?: string | undefined;
}

/** The options of lengthPrefixed(), checked, as numbers for encoder and decoder. */
export interface FrameLayout {
  readonly prefix: PrefixFormat;
  readonly before: Section;
  readonly after: Section;
  readonly trailer: Section;
  readonly checksums: FrameChecksums;
  readonly deliver: Deliver;
  /** Length on the wire minus the payload length: the other counted parts, plus `adjust`. May be negative. */
  readonly counted: number;
  /** Minimum length of a payload. Above 0 only if `counted` is negative. */
  readonly minPayloadLength: number;
  readonly maxPayloadLength: number;
  /** Maximum number of bytes to read for a length. For a varint see `varintReadWidth`. */
  readonly prefixReadWidth: number;
  /** Number of bytes that the largest acceptable length needs. A varint of more bytes is over-long. */
  readonly prefixCanonicalWidth: number;
  /**
   * Whether a prefix with a flag set is malformed, because values are payloads alone and would lose the flag.
   */
  readonly refusesFlags: boolean;
  /**
   * Whether a frame has a built-in prefix of fixed width, and neither fixed bytes nor checksums. Then all
   * fast paths apply.
   */
  readonly plain: boolean;
  /** Whether the format has neither a custom length field nor a checksum, so that `findDirect` applies. */
  readonly direct: boolean;
  readonly resync: Resync | undefined;
}

/** Default of `maxPayloadLength`. tokio-util's LengthDelimitedCodec has the same default. */
const DEFAULT_MAX_PAYLOAD_LENGTH = 8 * 1024 * 1024;
/** Maximum of `adjust`, up and down. No real format needs more, and sums with it stay exact. */
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

/**
 * Checks the options and makes a layout. Throws UsageError ERR_OPTION for wrong names, values out of range
 * and options that contradict each other.
 */
export function frameLayout(options: LengthPrefixedOptions): FrameLayout {
  checkCodecName(options);
  checkNames('lengthPrefixed', options, NAMES);
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
    resync: checkResync(options.resync, {
      hasMarker: before.magic !== undefined && before.mask?.[0] !== 0,
      hint: "Give them in before, such as ['23 23', 2].",
    }),
  });
}

/**
 * Refuses a description of another codec, such as a row of `formats`: without this check it would be taken
 * for options.
 */
function checkCodecName(options: unknown): void {
  const isObject = typeof options === 'object' && options !== null;
  const codec = isObject && 'codec' in options ? options.codec : undefined;
  if (codec !== undefined && codec !== 'lengthPrefixed') {
    refuseValue('codec', { what: 'lengthPrefixed', hint: DESCRIBED_HINT }, codec);
  }
}

function adjustment(adjust = 0): number {
  return whole('adjust', adjust, { min: -MAX_ADJUST, max: MAX_ADJUST });
}

/**
 * Checks a length field that looks at bytes of `before`. The bytes must exist. The last of them must not
 * belong to a checksum, because checksums are computed after the length was written.
 */
function checkHead({ name, custom }: PrefixFormat, { length, sums }: Section): void {
  const needed = custom?.headLength ?? 0;
  if (needed > length) {
    refuse(
      `The ${name} prefix looks at the ${quantity(needed, 'byte')} in front of it, but before has only ${length}.`,
    );
  }
  if (sums.some(({ from, to }) => from < needed && needed <= to)) {
    refuse(
      `The ${name} prefix looks at byte ${needed} of before, which is a checksum.`,
      'A checksum is computed after the length is written, so the length cannot depend on it.',
    );
  }
}

/** Returns the number of bytes that the length counts besides the payload, without `adjust`. */
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
      'The width would depend on the length and the length on the width. If the width of a LengthField never varies, set its fixed: true.',
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

/** Returns the given maximum of a payload, lowered to the largest length that the prefix can count. */
function largestPayload(given: number | undefined, prefix: PrefixFormat, counted: number): number {
  const countable = prefix.maxLength - counted;
  if (countable < 0) {
    refuse(
      `A ${prefix.name} prefix counts to ${prefix.maxLength}, but ${quantity(counted, 'byte')} besides the payload are counted.`,
      'No frame would fit the format.',
    );
  }
  const wanted = whole('maxPayloadLength', given ?? DEFAULT_MAX_PAYLOAD_LENGTH);
  if (wanted < -counted) {
    refuse(
      `With these counts and adjust a payload has at least ${quantity(-counted, 'byte')}, but maxPayloadLength is ${wanted}.`,
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

/**
 * Checks `deliver` and fills in its default. Where bytes belong to the caller the option is required: with a
 * default that dropped, say, a type byte, the caller would notice the loss too late.
 */
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
