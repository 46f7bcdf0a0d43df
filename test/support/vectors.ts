// The framing vectors of test/vectors, with Netty's options turned into ours. For Netty, with L in the field,
//   frame = lengthFieldOffset + lengthFieldLength + L + lengthAdjustment bytes, of which `strip` are removed.
// For us that is a frame before | prefix | after | payload, with a length of `after` that some `counts` fits.

import { readFileSync } from 'node:fs';
import type { Codec } from '../../src/codec/codec.ts';
import { contentLength } from '../../src/codec/content-length.ts';
import { berTagAndLength } from '../../src/codec/formats/format-fields.ts';
import { number } from '../../src/codec/number-field.ts';
import { formats } from '../../src/codec/formats/formats.ts';
import { netstrings } from '../../src/codec/netstrings.ts';
import type { LengthPrefixedOptions } from '../../src/codec/frame-layout.ts';
import type { FramePart } from '../../src/codec/sections.ts';
import type { LengthField } from '../../src/codec/length-field.ts';
import type { LengthPrefix } from '../../src/codec/prefixes.ts';
import { hex } from './bytes.ts';
import { codecOf } from './frame-arbitraries.ts';
import type { FrameValue } from './slow-write.ts';
import * as fields from './vector-fields.ts';

export interface Vector {
  readonly id: string;
  readonly kind: 'decode' | 'encode' | 'config';
  readonly framing: string;
  readonly config: {
    readonly lengthFieldOffset?: number;
    readonly lengthFieldLength?: number;
    readonly byteOrder?: 'be' | 'le';
    readonly lengthAdjustment?: number;
    readonly strip?: number | 'prefix';
    readonly maxFrameLength?: number | null;
    readonly maxScope?: 'whole-frame' | 'length-value' | 'payload';
    readonly packet?: number | string;
  };
  readonly chunks?: readonly string[];
  readonly frames?: readonly string[];
  readonly error: string | null;
  readonly eof?: boolean;
  readonly payload?: string;
  readonly wire?: string | null;
  readonly then?: readonly { readonly payload: string; readonly wire: string }[];
}

export const vectors = load('framing.json', 'vectors') as readonly Vector[];

export function load(file: string, key: string): readonly unknown[] {
  const url = new URL(`../vectors/${file}`, import.meta.url);
  const whole: unknown = JSON.parse(readFileSync(url, 'utf8'));
  return (whole as Record<string, readonly unknown[]>)[key] ?? [];
}

/** Our error code for each fault that the vectors name. */
export const CODES: Readonly<Record<string, string>> = {
  'frame-too-long': 'ERR_FRAME_TOO_LARGE',
  'adjusted-length-invalid': 'ERR_FRAME_LENGTH_INVALID',
  'malformed-length': 'ERR_PREFIX_MALFORMED',
  'missing-terminator': 'ERR_FRAME_MAGIC',
  'bad-flags': 'ERR_FRAME_MAGIC',
  'unexpected-eof': 'ERR_FRAME_TRUNCATED',
};

/** The codec of a vector; undefined if we have none for it. */
export function vectorCodec(vector: Vector): Codec<FrameValue> | undefined {
  const { framing, kind, config } = vector;
  const limit = config.maxFrameLength ?? undefined;
  const limited = limit === undefined ? {} : { maxPayloadLength: limit };
  if (framing === 'netstring') {
    return netstrings(limited);
  }
  if (framing === 'content-length') {
    return contentLength();
  }
  const options = kind === 'encode' ? encodeOptions(vector) : decodeOptions(vector);
  return options === undefined ? undefined : codecOf(options);
}

/** The options of a decoding vector; undefined if lengthPrefixed() cannot express it. */
function decodeOptions(vector: Vector): LengthPrefixedOptions | undefined {
  const { framing, config } = vector;
  const limit = config.maxFrameLength ?? undefined;
  const limited = limit === undefined || limit < 0 ? {} : { maxPayloadLength: limit };
  switch (framing) {
    case 'length-field':
      return fromNetty(config);
    case 'varint32':
      return { prefix: 'varint', maxPayloadLength: 2 ** 32 - 1, ...limited };
    case 'grpc':
      return { before: hex('00'), ...limited };
    case 'erlang:1':
    case 'erlang:2':
    case 'erlang:4':
      return { prefix: prefixOf(Number(config.packet), 'be'), ...limited };
    case 'erlang:sunrm':
      return { prefix: number({ type: 'u32be', mask: 0x7f_ff_ff_ff }), deliver: 'frame' };
    case 'erlang:asn1':
      return { prefix: berTagAndLength, deliver: 'frame' };
    case 'erlang:cdr':
      return { prefix: fields.giopField, deliver: 'frame' };
    case 'erlang:tpkt':
      return { ...formats.tpkt, deliver: 'frame' };
    default:
      return undefined;
  }
}

function prefixOf(width: number, order: 'be' | 'le'): LengthPrefix {
  return (width === 1 ? 'u8' : `u${width * 8}${order}`) as LengthPrefix;
}

function fromNetty(config: Vector['config']): LengthPrefixedOptions | undefined {
  const {
    lengthFieldOffset: before = 0,
    lengthFieldLength: width = 0,
    lengthAdjustment = 0,
  } = config;
  const { strip = 0, byteOrder = 'be', maxFrameLength, maxScope } = config;
  if (strip === 'prefix') {
    return undefined;
  }
  const after = Array.from({ length: 9 }, (_, i) => i).find(
    (length) =>
      counting(length - lengthAdjustment, { before, prefix: width, after: length }) !== undefined &&
      [0, before + width, before + width + length].includes(strip),
  );
  if (after === undefined) {
    return undefined;
  }
  const counted = after - lengthAdjustment;
  const counts = counting(counted, { before, prefix: width, after }) ?? [];
  const head = before + width + after;
  const outside = maxScope === 'whole-frame' ? head : maxScope === 'length-value' ? counted : 0;
  return {
    prefix: prefixOf(width, byteOrder),
    counts: [...counts, 'payload'],
    before,
    after,
    deliver: strip === 0 ? 'frame' : strip === head ? 'payload' : 'parts',
    ...(typeof maxFrameLength === 'number' ? { maxPayloadLength: maxFrameLength - outside } : {}),
  };
}

/** Parts whose lengths add up to `sum`; undefined if no parts do. */
function counting(
  sum: number,
  lengths: Record<'before' | 'prefix' | 'after', number>,
): FramePart[] | undefined {
  const { before, prefix, after } = lengths;
  const all: [FramePart, number][] = [
    ['before', before],
    ['prefix', prefix],
    ['after', after],
  ];
  for (let mask = 0; mask < 8; mask++) {
    const chosen = all.filter(([, length], i) => (mask & (1 << i)) !== 0 && length > 0);
    if (chosen.reduce((total, [, length]) => total + length, 0) === sum) {
      return chosen.map(([part]) => part);
    }
  }
  return undefined;
}

/**
 * The options of an encoding vector. If the number is smaller than the payload, `after` has the difference.
 */
export function encodeOptions({ framing, config }: Vector): LengthPrefixedOptions | undefined {
  if (framing === 'varint32') {
    return { prefix: 'varint' };
  }
  if (framing !== 'length-field') {
    return undefined;
  }
  const { lengthFieldLength = 0, byteOrder = 'be', lengthAdjustment = 0, maxFrameLength } = config;
  const limited = typeof maxFrameLength === 'number' ? { maxPayloadLength: maxFrameLength } : {};
  const prefix: LengthPrefix | LengthField =
    lengthAdjustment > 0
      ? fields.shiftedField(lengthAdjustment)
      : prefixOf(lengthFieldLength, byteOrder);
  return {
    prefix,
    ...(lengthAdjustment < 0 ? { after: -lengthAdjustment, deliver: 'parts' } : {}),
    ...limited,
  };
}
