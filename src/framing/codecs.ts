// The table of codecs that a description can ask for. To add a codec, add its interface to framing-types.ts
// and a row here. The interface without the row does not compile.

import type { Codec } from '../codec/codec.ts';
import { cobs } from '../codec/delimited/cobs.ts';
import { delimited } from '../codec/delimited/delimited.ts';
import { delimitedLayout } from '../codec/delimited/layout.ts';
import type { DelimitedOptions } from '../codec/delimited/layout.ts';
import { lines } from '../codec/delimited/lines.ts';
import { contentLength } from '../codec/content-length.ts';
import type {
  Framing,
  FramingCodecName,
  FramingFacts,
  FramingFor,
  LengthPrefixedFraming,
} from '../codec/formats/framing-types.ts';
import { frameLayout } from '../codec/frame-layout.ts';
import type { LengthPrefixedOptions } from '../codec/frame-layout.ts';
import { lengthPrefixed } from '../codec/length-prefixed.ts';
import { fixedLength } from '../codec/fixed-length.ts';
import { netstrings } from '../codec/netstrings.ts';
import { resync } from '../codec/resync.ts';
import type { Resync, ResyncOptions } from '../codec/resync.ts';
import { messages } from '../message/messages.ts';
import { refuseValue } from '../options.ts';
import type { OptionNames } from '../options.ts';
import type { AnyFramingCodec } from './codec-types.ts';
import { resolveDelimitedChecksum, resolveEscape, resolveSectionDescription } from './checksums.ts';
import { continuedFraming } from './continued.ts';
import { resolvePrefixDescription } from './prefixes.ts';
import { refusesHead, refusesStart } from './refused-heads.ts';

/** The options of a description: its properties without `codec` and without the facts for people. */
type OptionsOf<F> = Omit<F, 'codec' | keyof FramingFacts>;

/** What `FrameScanner` needs to find frames and payloads in a stream. */
export interface Spots {
  /** Codec whose decoder finds the frames. Its values are passed to `headLength` and `tailLength`. */
  readonly codec: Codec<never, unknown>;
  /** Function that returns the number of bytes of a frame in front of its payload. */
  readonly headLength: (value: unknown, frameLength: number) => number;
  /** Function that returns the number of bytes of a frame behind its payload. Missing if there are none. */
  readonly tailLength?: (value: unknown, frameLength: number) => number;
  /** Number of bytes at the front of a frame that decide where it ends. */
  readonly prefixLength: number;
  /**
   * Function that returns whether the decoder refuses the frame at an offset, as far as its first bytes tell.
   * It costs far less than the error of the decoder. False if only the decoder can tell. Missing if it never
   * could.
   */
  readonly refuses?: (bytes: Uint8Array, at: number) => boolean;
}

/**
 * A row of the table, for one codec: the names of its options, how to make the codec, and how to find its
 * frames in a stream.
 */
interface CodecRow<F extends Framing> {
  readonly names: OptionNames<OptionsOf<F>>;
  readonly make: (options: OptionsOf<F>) => AnyFramingCodec;
  readonly spots: (options: OptionsOf<F>) => Spots;
}

/** Assumed width in bytes of a length whose width varies. The lengths of most frames need no more bytes. */
const VARINT_WIDTH = 2;
/** Number of bytes of `Content-Length: `, with which most frames of contentLength() begin. */
const CONTENT_LENGTH_NAME = 16;

/** Returns the length of a value that is bytes. Returns 0 for any other value. */
function lengthOf(value: unknown): number {
  return value instanceof Uint8Array ? value.length : 0;
}

/** Returns the length of the bytes in one property of a value. */
function lengthIn(name: string, value: unknown): number {
  return typeof value === 'object' && value !== null ? lengthOf(Reflect.get(value, name)) : 0;
}

/**
 * Returns the spots of frames that consist of a start marker, one payload and an end marker. The markers have
 * these lengths.
 */
function markedSpots(
  codec: Codec<never, unknown>,
  { startLength = 0, endLength = 0 }: { startLength?: number; endLength?: number } = {},
): Spots {
  return {
    codec,
    headLength: () => startLength,
    tailLength: () => endLength,
    prefixLength: Math.max(1, startLength),
  };
}

/**
 * Turns the options of a description into options of lengthPrefixed(), in which values take the place of
 * names and hex.
 */
export function toLengthPrefixed(
  options: Omit<LengthPrefixedFraming, 'codec'>,
): LengthPrefixedOptions {
  return {
    ...options,
    prefix: resolvePrefixDescription(options.prefix),
    before: resolveSectionDescription('before', options.before),
    after: resolveSectionDescription('after', options.after),
    trailer: resolveSectionDescription('trailer', options.trailer),
    resync: resolveResync(options.resync),
  };
}

/**
 * Turns the option `resync` of a description into the search. `true` means the default limits, and an object
 * gives the limits.
 */
function resolveResync(given: boolean | ResyncOptions = false): Resync | undefined {
  if (typeof given === 'object' && !Array.isArray(given)) {
    return resync(given);
  }
  const option: unknown = given;
  if (typeof option !== 'boolean') {
    return refuseValue('resync', 'true, false or { maxGap, maxTries }', option);
  }
  return option ? resync() : undefined;
}

function lengthPrefixedSpots(options: OptionsOf<FramingFor<'lengthPrefixed'>>): Spots {
  const given = { ...toLengthPrefixed(options), deliver: 'parts' as const };
  const layout = frameLayout(given);
  const { before, prefix, trailer } = layout;
  return {
    codec: lengthPrefixed(given),
    headLength: (value, frameLength) => frameLength - trailer.length - lengthIn('payload', value),
    tailLength: () => trailer.length,
    prefixLength: before.length + (prefix.width === 0 ? VARINT_WIDTH : prefix.width),
    refuses: (bytes, at) => refusesHead(layout, bytes, at),
  };
}

/** A row of the table, of which the compiler does not know the type of the options. */
export type CodecEntry = CodecRow<Framing>;

/**
 * Drops the type of the options of a row. Options come from outside, so the compiler cannot check them
 * anyway. `framing` checks the names of the options against the row, and the codec checks every value.
 */
function row<Name extends FramingCodecName>(typed: CodecRow<FramingFor<Name>>): CodecEntry {
  const erased: unknown = typed;
  return erased as CodecEntry;
}

export function toDelimited(options: OptionsOf<FramingFor<'delimited'>>): DelimitedOptions {
  return {
    ...options,
    start: options.start === undefined ? undefined : hexOption('start', options.start),
    end: hexOption('end', options.end),
    escape: resolveEscape(options.escape),
    checksum: resolveDelimitedChecksum(options.checksum),
    resync: resolveResync(options.resync),
  };
}

/**
 * Returns a marker that is text. Throws UsageError for any other marker. The codec would take a Uint8Array,
 * too, but a description in JSON cannot have one.
 */
function hexOption(name: string, given: unknown): string {
  return typeof given === 'string' ? given : refuseValue(name, 'bytes in hex', given);
}

/**
 * Turns the description of fragments into options. lengthPrefixed() refuses misspelt names among these
 * options.
 */
export function fragmentOptions(frame: LengthPrefixedFraming): LengthPrefixedOptions {
  const given: unknown = frame;
  return typeof given === 'object' && given !== null && 'codec' in given
    ? toLengthPrefixed(frame)
    : refuseValue('frame', 'a description of lengthPrefixed', given);
}

const CODECS: Readonly<Record<FramingCodecName, CodecEntry>> = {
  lengthPrefixed: row<'lengthPrefixed'>({
    names: {
      prefix: true,
      counts: true,
      adjust: true,
      before: true,
      after: true,
      trailer: true,
      deliver: true,
      maxPayloadLength: true,
      resync: true,
    },
    make: (options) => lengthPrefixed(toLengthPrefixed(options)),
    spots: lengthPrefixedSpots,
  }),
  delimited: row<'delimited'>({
    names: {
      start: true,
      end: true,
      escape: true,
      checksum: true,
      maxLength: true,
      strip: true,
      skipEmpty: true,
      resync: true,
    },
    make: (options) => delimited(toDelimited(options)),
    spots: (options) => {
      const layout = delimitedLayout(toDelimited(options));
      const { start, end } = layout;
      const lengths = { startLength: start.length, endLength: end.length };
      return {
        ...markedSpots(delimited(toDelimited(options)), lengths),
        refuses: (bytes, at) => refusesStart(layout, bytes, at),
      };
    },
  }),
  lines: row<'lines'>({
    names: { maxLength: true, newline: true },
    make: (options) => lines(options),
    spots: (options) => ({
      ...markedSpots(lines(options)),
      tailLength: (value, frameLength) => frameLength - lengthOf(value),
    }),
  }),
  cobs: row<'cobs'>({
    names: { maxLength: true },
    make: (options) => cobs(options),
    spots: (options) => markedSpots(cobs(options), { endLength: 1 }),
  }),
  fixedLength: row<'fixedLength'>({
    names: { length: true },
    make: ({ length }) => fixedLength(length),
    spots: ({ length }) => markedSpots(fixedLength(length)),
  }),
  continued: row<'continued'>({
    names: { frame: true, mark: true, fragmentLength: true, maxLength: true, maxFragments: true },
    make: (options) => continuedFraming(options, fragmentOptions(options.frame)),
    spots: (options) => markedSpots(continuedFraming(options, fragmentOptions(options.frame))),
  }),
  netstrings: row<'netstrings'>({
    names: { maxPayloadLength: true },
    make: (options) => netstrings(options),
    spots: (options) => ({
      codec: netstrings(options),
      headLength: (value, frameLength) => frameLength - 1 - lengthOf(value),
      tailLength: () => 1,
      prefixLength: VARINT_WIDTH,
    }),
  }),
  contentLength: row<'contentLength'>({
    names: { maxPayloadLength: true, maxHeaderLength: true },
    make: (options) => contentLength(options),
    spots: (options) => ({
      codec: contentLength(options),
      headLength: (value, frameLength) => frameLength - lengthOf(value),
      prefixLength: CONTENT_LENGTH_NAME,
    }),
  }),
  messages: row<'messages'>({
    names: { prefix: true, bodyLengthKey: true, maxHeaderLength: true, maxBodyLength: true },
    make: (options) => messages({ ...options, prefix: resolvePrefixDescription(options.prefix) }),
    spots: (options) => {
      const prefix = resolvePrefixDescription(options.prefix);
      return {
        codec: messages({ ...options, prefix }),
        headLength: (value, frameLength) => frameLength - lengthIn('body', value),
        prefixLength: frameLayout({ prefix }).prefix.width || VARINT_WIDTH,
      };
    },
  }),
};

/** Names of the codecs that a description can ask for. */
export const CODEC_NAMES: readonly string[] = Object.keys(CODECS);

export function isCodecName(given: unknown): given is FramingCodecName {
  return typeof given === 'string' && Object.hasOwn(CODECS, given);
}

export function codecEntry(name: FramingCodecName): CodecEntry {
  return CODECS[name];
}
