// Options of lengthPrefixed() out of 16 bytes: the whole option space, so that a mutation of a byte is
// a neighbouring format.

import type { Checksum, LengthPrefixedOptions } from '../../src/codec/frame-layout.ts';
import type { LengthField, LengthPrefix } from '../../src/codec/length-field.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import type { Codec } from '../../src/codec/codec.ts';
import type { FrameParts } from '../../src/codec/frame-decoder.ts';
import { UsageError } from '../../src/errors.ts';
import type { Choices } from './target.ts';
import {
  digitsField,
  middleFirstField,
  sumChecksum,
} from '../../test/support/frame-arbitraries.ts';

/** Bytes of a case that choose the format. */
export const optionBytes = 16;

/** What any codec of lengthPrefixed() takes. */
export type FrameValue = Uint8Array | FrameParts;

const prefixes: readonly [LengthPrefix | LengthField, ...(LengthPrefix | LengthField)[]] = [
  ...(['u32be', 'u8', 'u16be', 'u16le', 'u24be', 'u24le', 'u32le', 'i32be', 'i32le'] as const),
  ...(['u40be', 'u40le', 'u48be', 'u48le', 'u56be', 'u56le', 'u64be', 'u64le', 'varint'] as const),
  digitsField,
  middleFirstField,
];
const limits: readonly [undefined, ...(number | undefined)[]] = [
  undefined,
  ...[undefined, 0, 1, 5, 40, 127, 128, 255, 256, 2000, 16_383, 16_384, 65_535].concat(
    [21, 28, 31, 32, 35, 53].flatMap((bits) => [2 ** bits - 1]),
  ),
];
const countable = ['before', 'prefix', 'after', 'trailer'] as const;

function section(choices: Choices): number | Uint8Array | undefined {
  const kind = choices.below(4);
  const length = choices.below(5);
  if (kind < 2) return undefined;
  return kind === 2 ? length : Uint8Array.from({ length }, (_, index) => 0xc0 + index);
}

function trailer(choices: Choices): number | Uint8Array | Checksum | undefined {
  return choices.below(4) === 0 ? sumChecksum : section(choices);
}

function isFixed(prefix: LengthPrefix | LengthField): boolean {
  return typeof prefix === 'string' ? prefix !== 'varint' : prefix.fixed === true;
}

export function frameOptions(choices: Choices): LengthPrefixedOptions {
  const prefix = choices.pick(prefixes);
  const counted = choices.below(16);
  const counts = countable.filter(
    (part, bit) => ((counted >> bit) & 1) === 1 && (part !== 'prefix' || isFixed(prefix)),
  );
  const deliver = choices.pick(['payload', undefined, 'parts', 'frame'] as const);
  const maxPayloadLength = choices.pick(limits);
  const [before, after, behind] = [section(choices), section(choices), trailer(choices)];
  return {
    prefix,
    counts: ['payload', ...counts],
    ...(deliver === undefined ? {} : { deliver }),
    ...(maxPayloadLength === undefined ? {} : { maxPayloadLength }),
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    ...(behind === undefined ? {} : { trailer: behind }),
  };
}

/** The codec, or `undefined` for options that contradict each other: refused with ERR_OPTION alone. */
export function frameCodec(options: LengthPrefixedOptions): Codec<FrameValue> | undefined {
  try {
    const codec: unknown = lengthPrefixed(options);
    // Which values it takes is known at run time only.
    return codec as Codec<FrameValue>;
  } catch (error) {
    if (error instanceof UsageError && error.code === 'ERR_OPTION') return undefined;
    throw error;
  }
}
