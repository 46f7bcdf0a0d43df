// The options of lengthPrefixed(), checked and turned into the numbers that both directions work
// with. A contradiction is refused here, when the codec is made, and never at the first frame.

import { checkOptionNames, UsageError } from '../errors.ts';
import { prefixFormat, varintReadWidth, varintWidth } from './length-field.ts';
import type { LengthField, LengthPrefix, PrefixFormat } from './length-field.ts';

export type FramePart = 'before' | 'prefix' | 'after' | 'payload' | 'trailer';

/** A trailer that is computed from the frame: written by encode, verified by decode. */
export interface Checksum {
  /** Its length in bytes. */
  readonly length: number;
  /** The checksum of all bytes of the frame in front of it; must give `length` bytes. */
  compute(frameWithoutTrailer: Uint8Array): Uint8Array;
}

/** What a value is: the payload alone, its parts with bytes of yours, or every byte of the frame. */
export type Deliver = 'payload' | 'parts' | 'frame';

/** A frame is `before | prefix | after | payload | trailer`. */
export interface LengthPrefixedOptions {
  /** How the length is written. Default 'u32be'. */
  readonly prefix?: LengthPrefix | LengthField | undefined;
  /** Which parts the number counts. Default ['payload']. */
  readonly counts?: readonly FramePart[] | undefined;
  /** In front of the prefix. A number: that many bytes of yours. Bytes: exactly these. Default none. */
  readonly before?: number | Uint8Array | undefined;
  /** Between prefix and payload, likewise. */
  readonly after?: number | Uint8Array | undefined;
  /** Behind the payload, likewise, or a checksum. */
  readonly trailer?: number | Uint8Array | Checksum | undefined;
  /**
   * What encode takes and decode gives. Default 'parts' where `before`, `after` or `trailer` is a
   * number, else 'payload'. With 'payload', bytes of yours are zero when written and dropped when read.
   */
  readonly deliver?: Deliver | undefined;
  /**
   * The largest payload in bytes, on both sides; larger is ERR_FRAME_TOO_LARGE or
   * ERR_FRAME_UNENCODABLE. Default 8 MiB (as tokio-util), or what the prefix can count if that is less.
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
const PARTS: readonly unknown[] = ['before', 'prefix', 'after', 'payload', 'trailer'];
const DELIVER: readonly unknown[] = ['payload', 'parts', 'frame'];
const KNOWN = [
  'prefix',
  'counts',
  'before',
  'after',
  'trailer',
  'deliver',
  'maxPayloadLength',
  'source',
  'note',
];

/** Throws UsageError ERR_OPTION when options are misspelt, out of range, or contradict each other. */
export function frameLayout(options: LengthPrefixedOptions): FrameLayout {
  checkOptionNames('lengthPrefixed', options, KNOWN);
  const prefix = prefixFormat(options.prefix ?? 'u32be');
  const before = section('before', options.before);
  const after = section('after', options.after);
  const { trailer: given } = options;
  const checksum = isChecksum(given) ? given : undefined;
  const trailer = checksum === undefined ? section('trailer', given) : checksumSection(checksum);
  const sections = { before, after, trailer };
  const counted = countedLength(options.counts ?? ['payload'], prefix, sections);
  const maxPayloadLength = largestPayload(options.maxPayloadLength, prefix, counted);
  const largest = maxPayloadLength + counted;
  const isVarint = prefix.name === 'varint';
  const magic = before.magic ?? after.magic ?? trailer.magic;
  return Object.freeze({
    prefix,
    ...sections,
    ...(checksum === undefined ? {} : { checksum }),
    deliver: deliverMode(options.deliver, sections),
    counted,
    maxPayloadLength,
    prefixReadWidth: isVarint ? varintReadWidth(largest) : prefix.maxWidth,
    prefixCanonicalWidth: isVarint ? varintWidth(largest) : prefix.maxWidth,
    plain: prefix.kind !== 0 && magic === undefined && checksum === undefined,
    direct: prefix.custom === undefined && checksum === undefined,
  });
}

function refuse(facts: string, hint?: string): never {
  throw new UsageError('ERR_OPTION', facts, { hint });
}

function section(name: Section['name'], given: unknown): Section {
  if (given === undefined) return Object.freeze({ name, length: 0, own: false });
  if (given instanceof Uint8Array) {
    const magic = Uint8Array.from(given);
    return Object.freeze({ name, length: magic.length, own: false, magic });
  }
  if (typeof given !== 'number' || !Number.isSafeInteger(given) || given < 0) {
    const kinds =
      name === 'trailer'
        ? 'a number of bytes, bytes, or a checksum'
        : 'a number of bytes, or bytes';
    refuse(`${name} must be ${kinds}.`);
  }
  return Object.freeze({ name, length: given, own: given > 0 });
}

function isChecksum(given: unknown): given is Checksum {
  if (typeof given !== 'object' || given === null || given instanceof Uint8Array) return false;
  if ('compute' in given && typeof given.compute === 'function') return true;
  return refuse(
    'trailer is an object without compute().',
    'A checksum is { length, compute(bytes) }.',
  );
}

function checksumSection({ length }: Checksum): Section {
  if (!Number.isSafeInteger(length) || length <= 0) {
    refuse(`trailer.length must be a positive number of bytes, not ${String(length)}.`);
  }
  return Object.freeze({ name: 'trailer', length, own: false });
}

function countedLength(
  counts: readonly FramePart[],
  prefix: PrefixFormat,
  sections: Readonly<Record<Section['name'], Section>>,
): number {
  if (!Array.isArray(counts)) refuse(`counts must be an array of parts, not ${String(counts)}.`);
  const parts = new Set<string>(counts);
  const unknown = [...parts].find((part) => !PARTS.includes(part));
  if (unknown !== undefined)
    refuse(`counts has '${String(unknown)}'.`, `Parts are ${PARTS.join(', ')}.`);
  if (parts.size !== counts.length) refuse('counts names a part twice.');
  if (!parts.has('payload'))
    refuse("counts must include 'payload': the number has to tell where it ends.");
  if (parts.has('prefix') && prefix.width === 0) {
    refuse(
      `counts includes 'prefix', but the width of ${prefix.name === 'varint' ? 'a varint' : 'this field'} varies.`,
      'The width would depend on the number and the number on the width. A LengthField can be marked fixed.',
    );
  }
  let counted = parts.has('prefix') ? prefix.width : 0;
  for (const { name, length } of Object.values(sections)) {
    if (parts.has(name)) counted += length;
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
  if (given === undefined) return Math.min(DEFAULT_MAX_PAYLOAD_LENGTH, countable);
  if (!Number.isSafeInteger(given) || given < 0) {
    refuse(
      `maxPayloadLength must be a whole number of bytes from 0 to 2^53-1, not ${String(given)}.`,
    );
  }
  return Math.min(given, countable);
}

function deliverMode(
  given: Deliver | undefined,
  sections: Readonly<Record<Section['name'], Section>>,
): Deliver {
  const hasOwn = Object.values(sections).some((one) => one.own);
  if (given === undefined) return hasOwn ? 'parts' : 'payload';
  if (!DELIVER.includes(given))
    refuse(`deliver must be ${DELIVER.join(', ')}, not '${String(given)}'.`);
  return given;
}
