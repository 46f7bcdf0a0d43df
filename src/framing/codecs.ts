// The table of codecs that a description can ask for. To add a codec, add its interface to
// framing-types.ts and a row here: without one this does not compile.

import type { Codec } from '../codec/codec.ts';
import { contentLength } from '../codec/content-length.ts';
import type {
  Framing,
  FramingCodecName,
  FramingFacts,
  FramingFor,
} from '../codec/formats/framing-types.ts';
import { frameLayout } from '../codec/frame-layout.ts';
import type { LengthPrefixedOptions } from '../codec/frame-layout.ts';
import { lengthPrefixed } from '../codec/length-prefixed.ts';
import { netstrings } from '../codec/netstrings.ts';
import { messages } from '../message/messages.ts';
import type { OptionNames } from '../options.ts';
import type { AnyFramingCodec } from './codec-types.ts';
import { resolvePrefixDescription } from './prefixes.ts';

/** What a description says besides its codec and its facts. */
type OptionsOf<F> = Omit<F, 'codec' | keyof FramingFacts>;

/** How to see where frames and their payloads lie in a stream. */
export interface Spots {
  /** Codec whose values tell how long the payload is. */
  readonly codec: Codec<never, unknown>;
  readonly payloadLength: (value: unknown) => number;
  /** Number of bytes behind each payload. */
  readonly tailLength: number;
  /** Number of bytes at the front of a frame that decide where it ends. */
  readonly prefixLength: number;
}

interface CodecRow<F extends Framing> {
  readonly names: OptionNames<OptionsOf<F>>;
  readonly make: (options: OptionsOf<F>) => AnyFramingCodec;
  readonly spots: (options: OptionsOf<F>) => Spots;
}

/** A varint of most frames takes this many bytes or fewer. */
const VARINT_WIDTH = 2;
/** `Content-Length: ` */
const CONTENT_LENGTH_NAME = 16;

function lengthOf(value: unknown): number {
  return value instanceof Uint8Array ? value.length : 0;
}

/** The length of one property of a value. */
function lengthIn(name: string): (value: unknown) => number {
  return (value) =>
    typeof value === 'object' && value !== null ? lengthOf(Reflect.get(value, name)) : 0;
}

function toLengthPrefixed(options: OptionsOf<FramingFor<'lengthPrefixed'>>): LengthPrefixedOptions {
  return { ...options, prefix: resolvePrefixDescription(options.prefix) };
}

function lengthPrefixedSpots(options: OptionsOf<FramingFor<'lengthPrefixed'>>): Spots {
  const given = { ...toLengthPrefixed(options), deliver: 'parts' as const };
  const { before, prefix, trailer } = frameLayout(given);
  return {
    codec: lengthPrefixed(given),
    payloadLength: lengthIn('payload'),
    tailLength: trailer.length,
    prefixLength: before.length + (prefix.width === 0 ? VARINT_WIDTH : prefix.width),
  };
}

/** A row whose options are not known at compile time. */
export type CodecEntry = CodecRow<Framing>;

/**
 * Drops the type of a row's options. They come from outside anyway: the names are checked against the row,
 * and the codec checks every value.
 */
function row<Name extends FramingCodecName>(typed: CodecRow<FramingFor<Name>>): CodecEntry {
  const erased: unknown = typed;
  return erased as CodecEntry;
}

const CODECS: Readonly<Record<FramingCodecName, CodecEntry>> = {
  lengthPrefixed: row<'lengthPrefixed'>({
    names: {
      prefix: true,
      counts: true,
      before: true,
      after: true,
      trailer: true,
      deliver: true,
      maxPayloadLength: true,
    },
    make: (options) => lengthPrefixed(toLengthPrefixed(options)),
    spots: lengthPrefixedSpots,
  }),
  netstrings: row<'netstrings'>({
    names: { maxPayloadLength: true },
    make: (options) => netstrings(options),
    spots: (options) => ({
      codec: netstrings(options),
      payloadLength: lengthOf,
      tailLength: 1,
      prefixLength: VARINT_WIDTH,
    }),
  }),
  contentLength: row<'contentLength'>({
    names: { maxPayloadLength: true, maxHeaderLength: true },
    make: (options) => contentLength(options),
    spots: (options) => ({
      codec: contentLength(options),
      payloadLength: lengthOf,
      tailLength: 0,
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
        payloadLength: lengthIn('body'),
        tailLength: 0,
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
