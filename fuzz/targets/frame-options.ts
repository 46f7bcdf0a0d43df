// Makes options of lengthPrefixed() out of 24 bytes. They cover the whole space of options, and a mutation of
// a byte gives a similar format.

import type { LengthPrefixedOptions } from '../../src/codec/frame-layout.ts';
import type { FrameRange, SectionOption, SectionPiece } from '../../src/codec/sections.ts';
import type { LengthField } from '../../src/codec/length-field.ts';
import { isPrefixName, PREFIX_NAMES } from '../../src/codec/prefixes.ts';
import type { LengthPrefix } from '../../src/codec/prefixes.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { resync } from '../../src/codec/resync.ts';
import type { Resync } from '../../src/codec/resync.ts';
import type { PackingCodec } from '../../src/codec/codec.ts';
import type { FrameParts } from '../../src/codec/frame-parts.ts';
import { UsageError } from '../../src/errors.ts';
import type { Choices } from './target.ts';
import { ownLength, slowSection } from '../../test/support/slow-sections.ts';
import { digitsField, middleFirstField } from '../../test/support/frame-arbitraries.ts';
import { sumChecksum } from '../../test/support/section-arbitraries.ts';
import { madePrefixes } from '../../test/support/made-prefixes.ts';

/** Number of bytes at the start of a case that choose the format. */
export const optionBytes = 24;

/** A value for a codec of lengthPrefixed(). */
export type FrameValue = Uint8Array | FrameParts;

const prefixes: readonly [LengthPrefix | LengthField, ...(LengthPrefix | LengthField)[]] = [
  'u32be',
  ...PREFIX_NAMES.filter(isPrefixName),
  digitsField,
  middleFirstField,
  ...madePrefixes,
];
const limits: readonly [undefined, ...(number | undefined)[]] = [
  undefined,
  ...[undefined, 0, 1, 5, 40, 127, 128, 255, 256, 2000, 16_383, 16_384, 65_535].concat(
    [21, 28, 31, 32, 35, 53].flatMap((bits) => [2 ** bits - 1]),
  ),
];
const countable = ['before', 'prefix', 'after', 'trailer'] as const;

function fixedBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => 0xc0 + index);
}

/** The parts that a checksum in a section may cover. With these no two checksums can cover each other. */
const covered: Readonly<Record<string, readonly FrameRange[]>> = {
  before: ['prefix', 'payload'],
  after: ['before', 'prefix', 'payload'],
  trailer: ['before', 'prefix', 'after', 'payload'],
};

function section(name: string, choices: Choices): SectionOption | undefined {
  const kind = choices.below(8);
  const length = choices.below(5);
  if (kind < 2) {
    return undefined;
  }
  if (kind < 6) {
    return kind % 2 === 0 ? length : fixedBytes(length);
  }
  // One byte chooses the rest, so that later choices stay at the same byte.
  const more = choices.byte();
  const ranges = (covered[name] ?? []).filter((_, bit) => ((more >> bit) & 1) === 1);
  const sum: SectionPiece = {
    checksum: sumChecksum,
    over: ranges.length === 0 ? ['prefix'] : ranges,
    order: (more & 16) === 0 ? 'be' : 'le',
  };
  return kind === 6 ? ['c0', length, fixedBytes(more >> 6), 1] : [length, 'c0', sum, more >> 6];
}

function trailer(choices: Choices): SectionOption | undefined {
  return choices.below(4) === 0 ? sumChecksum : section('trailer', choices);
}

/** Of the formats that can resynchronise, every fourth does. */
function searching(before: SectionOption | undefined, choices: Choices): Resync | undefined {
  const maxTries = choices.pick([16, 1, 2, 3]);
  const maxGap = choices.pick([65_536, 1, 7, 300]);
  const isWanted = choices.below(4) === 1;
  const begins = typeof slowSection('before', before).bytes[0] === 'number';
  return isWanted && begins ? resync({ maxGap, maxTries }) : undefined;
}

function isFixed(prefix: LengthPrefix | LengthField): boolean {
  return typeof prefix === 'string' ? !/varint/i.test(prefix) : prefix.fixed === true;
}

export function frameOptions(choices: Choices): LengthPrefixedOptions {
  const prefix = choices.pick(prefixes);
  const counted = choices.below(16);
  const counts = countable.filter(
    (part, bit) => ((counted >> bit) & 1) === 1 && (part !== 'prefix' || isFixed(prefix)),
  );
  const deliver = choices.pick(['payload', undefined, 'parts', 'frame'] as const);
  const maxPayloadLength = choices.pick(limits);
  const before = section('before', choices);
  const after = section('after', choices);
  const behind = trailer(choices);
  const adjust = choices.pick([0, 0, 0, 1, 2, -1, -2, 300]);
  const search = searching(before, choices);
  // If there are own bytes, the options must say whether they are delivered.
  const isOwned = [before, after, behind].some((one) => ownLengthOf(one) > 0);
  const said = deliver ?? (isOwned ? 'parts' : undefined);
  return {
    prefix,
    counts: ['payload', ...counts],
    ...(said === undefined ? {} : { deliver: said }),
    ...(maxPayloadLength === undefined ? {} : { maxPayloadLength }),
    ...(adjust === 0 ? {} : { adjust }),
    ...(search === undefined ? {} : { resync: search }),
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    ...(behind === undefined ? {} : { trailer: behind }),
  };
}

/** Number of own bytes of a section. */
export function ownLengthOf(given: SectionOption | undefined): number {
  return ownLength(slowSection('trailer', given));
}

/** Random flags for a prefix that has flag bits, from 32 random bits. `undefined` for other prefixes. */
export function flagsOf(
  { prefix }: LengthPrefixedOptions,
  random: () => number,
): { flags: number } | undefined {
  const bits = typeof prefix === 'object' ? (prefix.flagBits ?? 0) : 0;
  return bits === 0 ? undefined : { flags: Number((BigInt(random()) * 0x1_0001n) & BigInt(bits)) };
}

/** The codec, or `undefined` if the options contradict each other. Then only ERR_OPTION may be thrown. */
export function frameCodec(options: LengthPrefixedOptions): PackingCodec<FrameValue> | undefined {
  try {
    const codec: unknown = lengthPrefixed(options);
    // The type of its values is known only at run time.
    return codec as PackingCodec<FrameValue>;
  } catch (error) {
    if (error instanceof UsageError && error.code === 'ERR_OPTION') {
      return undefined;
    }
    throw error;
  }
}
