// Formats, values and streams for the properties of lengthPrefixed(): the whole space of options, and
// streams that are valid, changed in a few places, or noise.

import * as fc from 'fast-check';
import type { FrameCodec, PackingCodec } from '../../src/codec/codec.ts';
import type { FrameParts } from '../../src/codec/frame-parts.ts';
import type { LengthPrefixedOptions } from '../../src/codec/frame-layout.ts';
import type { LengthField } from '../../src/codec/length-field.ts';
import { isPrefixName, PREFIX_NAMES } from '../../src/codec/prefixes.ts';
import type { LengthPrefix } from '../../src/codec/prefixes.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { resync } from '../../src/codec/resync.ts';
import type {
  FramePart,
  FrameRange,
  SectionOption,
  SectionPiece,
} from '../../src/codec/sections.ts';
import { join } from './bytes.ts';
import { madeBy, madePrefixes } from './made-prefixes.ts';
import { plainPieces, sectionsOf, sumChecksum } from './section-arbitraries.ts';
import { isVarint, slowFormat, WIDTHS } from './slow-frames.ts';
import { filled, ownLength, slowSection } from './slow-sections.ts';
import { slowNumber, slowWrite } from './slow-write.ts';
import type { FrameValue } from './slow-write.ts';

/** A length in decimal digits up to a colon: a field whose width varies and which refuses letters. */
export const digitsField: LengthField = {
  maxWidth: 5,
  maxLength: 9999,
  read(bytes, at) {
    for (let i = at; i < bytes.length; i++) {
      const byte = bytes[i] ?? 0;
      if (byte === 58 && i > at) {
        const length = Number(String.fromCharCode(...bytes.subarray(at, i)));
        return { length, width: i - at + 1 };
      }
      if (byte < 48 || byte > 57) {
        throw new RangeError('not a digit');
      }
    }
    return undefined;
  },
  write: (length) => new TextEncoder().encode(`${length}:`),
};

/** Three bytes, the middle one first. Its width is fixed, so that the length can count the prefix. */
export const middleFirstField: LengthField = {
  maxWidth: 3,
  fixed: true,
  maxLength: 2 ** 24 - 1,
  read(bytes, at) {
    const [middle = 0, high = 0, low = 0] = bytes.subarray(at, at + 3);
    return bytes.length < at + 3
      ? undefined
      : { length: high * 65_536 + middle * 256 + low, width: 3 };
  },
  write: (length) =>
    Uint8Array.of(Math.floor(length / 256) % 256, Math.floor(length / 65_536), length % 256),
};

const prefixes: fc.Arbitrary<LengthPrefix | LengthField> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...PREFIX_NAMES.filter(isPrefixName)) },
  { weight: 3, arbitrary: fc.constantFrom<LengthPrefix>('varint', 'u32be', 'i32le') },
  { weight: 2, arbitrary: fc.constantFrom(digitsField, middleFirstField) },
  { weight: 5, arbitrary: fc.constantFrom(...madePrefixes) },
);
const limits = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: fc.nat(40) },
  { weight: 1, arbitrary: fc.constantFrom(0, 127, 128, 2000, 2 ** 28, 2 ** 35, 2 ** 53 - 1) },
);

function isFixed(prefix: LengthPrefix | LengthField): boolean {
  return typeof prefix === 'string' ? !isVarint(prefix) : prefix.fixed === true;
}

/** Random options, which may contradict each other; `consistent` mends them. */
interface AnyOptions extends LengthPrefixedOptions {
  /** Whether checksums that cover the prefix cover it without its first byte. */
  readonly coversEnd?: boolean;
}

/** Options that do not contradict each other. */
export const formats: fc.Arbitrary<LengthPrefixedOptions> = fc
  .record<AnyOptions>(
    {
      prefix: prefixes,
      counts: fc.subarray<FramePart>(['before', 'prefix', 'after', 'trailer']),
      before: sectionsOf('before'),
      after: sectionsOf('after'),
      trailer: fc.oneof(sectionsOf('trailer'), fc.constant(sumChecksum)),
      adjust: fc.oneof(fc.constant(undefined), fc.integer({ min: -4, max: 4 })),
      deliver: fc.constantFrom('payload', 'parts', 'frame', undefined),
      maxPayloadLength: limits,
      coversEnd: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  .map(consistent);

function consistent({ counts, coversEnd = false, ...some }: AnyOptions): LengthPrefixedOptions {
  const { prefix = 'u32be' } = some;
  const options = coversEnd
    ? {
        ...some,
        before: overPrefixEnd(some.before, prefix),
        after: overPrefixEnd(some.after, prefix),
        trailer: overPrefixEnd(some.trailer, prefix),
      }
    : some;
  const parts = counts?.filter((part) => part !== 'prefix' || isFixed(prefix));
  const before = headOf(options);
  const said = options.deliver ?? (hasOwn({ ...options, before }) ? 'parts' : undefined);
  const given: LengthPrefixedOptions = {
    ...options,
    before,
    deliver: said,
    ...(parts === undefined ? {} : { counts: [...parts, 'payload'] }),
  };
  // Leaves `adjust` out where even the largest payload would give a negative length, and counts the payload
  // alone where the prefix cannot count the sections: one digit, for example.
  const { counted, limit } = slowFormat(given);
  const { adjust, ...others } = given;
  const least = limit < -counted ? others : { ...others, adjust };
  const fitting = slowFormat(least).limit < 0 ? { ...others, counts: ['payload'] } : least;
  return Object.fromEntries(Object.entries(fitting).filter(([, value]) => value !== undefined));
}

/** Mostly prefixes with a small maximum, so that lengths found in noise are plausible; some have flags. */
const noisyPrefixes: fc.Arbitrary<LengthPrefix | LengthField> = fc.oneof(
  fc.constantFrom<LengthPrefix>('u8', 'varint', 'u16be', 'u16le'),
  fc.constantFrom(digitsField, ...madePrefixes.filter(({ headLength = 0 }) => headLength === 0)),
);

/**
 * Formats with resync. Their limits are small, so that cases reach them. Their markers are short, so that
 * payloads and noise contain markers.
 */
const resyncFormats: fc.Arbitrary<LengthPrefixedOptions> = fc
  .record({
    marker: fc.constantFrom('00', '01', '00 01', '01 01'),
    front: fc.array(plainPieces, { maxLength: 2 }),
    prefix: noisyPrefixes,
    after: sectionsOf('after'),
    trailer: fc.oneof(sectionsOf('trailer'), fc.constant(sumChecksum)),
    adjust: fc.constantFrom(0, 0, 1),
    maxPayloadLength: fc.oneof(fc.nat(12), fc.constantFrom(64, 100, 300)),
    deliver: fc.constantFrom('payload', 'parts', 'frame'),
    maxGap: fc.oneof(fc.nat(9), fc.constantFrom(40, 65_536)).map((gap) => gap + 1),
    maxTries: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.constant(16)),
  })
  .map(({ marker, front, maxGap, maxTries, ...options }) => ({
    ...options,
    before: [marker, ...front],
    resync: resync({ maxGap, maxTries }),
  }));

/**
 * The section in front of the prefix. If the prefix reads one of its bytes (`swapIf`), that byte exists and
 * is not part of a checksum.
 */
function headOf({ before, prefix = 'u32be' }: LengthPrefixedOptions): SectionOption | undefined {
  const needed = typeof prefix === 'string' ? 0 : (prefix.headLength ?? 0);
  const seen = slowSection('before', before).bytes[needed - 1];
  return needed === 0 || (seen !== undefined && seen !== 'sum') ? before : needed;
}

/**
 * The section, with checksums that cover a fixed-width prefix without its first byte instead of all of it.
 */
function overPrefixEnd(
  section: SectionOption | undefined,
  prefix: LengthPrefix | LengthField,
): SectionOption | undefined {
  const width = typeof prefix === 'string' ? WIDTHS[prefix] : prefix.maxWidth;
  if (!isList(section) || width === undefined || width < 2 || !isFixed(prefix)) {
    return section;
  }
  const end: FrameRange = { part: 'prefix', from: 1, to: width };
  return section.map((piece) =>
    typeof piece === 'object' && 'over' in piece
      ? { ...piece, over: piece.over?.map((range) => (range === 'prefix' ? end : range)) }
      : piece,
  );
}

function isList(section: SectionOption | undefined): section is readonly SectionPiece[] {
  return Array.isArray(section);
}

/** Whether the caller chooses bytes of any section. */
function hasOwn(options: LengthPrefixedOptions): boolean {
  return Object.values(slowFormat(options).sections).some((one) => ownLength(one) > 0);
}

/** The codec of any options. The type of its values is known at run time only. */
export function codecOf(options: LengthPrefixedOptions): PackingCodec<FrameValue> {
  const codec: unknown = lengthPrefixed(options);
  return codec as PackingCodec<FrameValue>;
}

/** The codec of options under which values are bytes. */
export function bytesCodec(options: LengthPrefixedOptions): FrameCodec {
  const { deliver = 'payload' } = options;
  if (deliver === 'parts') {
    throw new Error('values are parts');
  }
  return lengthPrefixed({ ...options, deliver });
}

/** Mostly short payloads, sometimes longer than the length up to which encode joins the pieces of a frame. */
function payloads(least: number, limit: number): fc.Arbitrary<Uint8Array> {
  const short = fc.uint8Array({ minLength: least, maxLength: Math.min(limit, 20) });
  if (limit < 1500) {
    return short;
  }
  const long = fc.integer({ min: 1000, max: 1050 }).map((length) => new Uint8Array(length).fill(9));
  return fc.oneof({ weight: 12, arbitrary: short }, { weight: 1, arbitrary: long });
}

/** Values that the format can hold. */
export function values(options: LengthPrefixedOptions): fc.Arbitrary<FrameValue> {
  const format = slowFormat(options);
  const own = (name: 'before' | 'after' | 'trailer'): fc.Arbitrary<Uint8Array> => {
    const length = ownLength(format.sections[name]);
    return fc.uint8Array({ minLength: length, maxLength: length });
  };
  const { prefix } = format;
  const unit = typeof prefix === 'string' ? 1 : (madeBy(prefix)?.unit ?? 1);
  // Pads payloads to whole units. Where the limit leaves no room for that, the value cannot be encoded.
  const payload = payloads(Math.max(0, -format.counted), format.limit).map((bytes) => {
    const over = (bytes.length + format.counted) % unit;
    const length = bytes.length + (over === 0 ? 0 : unit - over);
    return length > format.limit ? bytes : join([bytes, new Uint8Array(length - bytes.length)]);
  });
  const bits = typeof prefix === 'string' ? 0 : (prefix.flagBits ?? 0);
  const flags = fc.option(fc.maxSafeNat().map((any) => Number(BigInt(any) & BigInt(bits))));
  if (format.deliver === 'payload') {
    return payload;
  }
  const all = { before: own('before'), after: own('after'), trailer: own('trailer') };
  const parts: fc.Arbitrary<FrameParts> = fc
    .record({ payload, flags, ...all })
    .map(({ payload: bytes, flags: some, ...others }) => {
      const given = Object.entries(others).filter(([, part]) => part.length > 0);
      const said = some === null || bits === 0 ? {} : { flags: some };
      return { payload: bytes, ...said, ...Object.fromEntries(given) };
    });
  if (format.deliver === 'parts') {
    return parts;
  }
  return parts.map((one) => slowWrite({ ...options, deliver: 'parts' }, one) ?? new Uint8Array(0));
}

export type Change = (stream: Uint8Array) => Uint8Array;

export const changes: fc.Arbitrary<Change> = fc
  .record({
    kind: fc.constantFrom('flip', 'set', 'delete', 'insert', 'truncate'),
    where: fc.nat(10_000),
    byte: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255)),
  })
  .map(({ kind, where, byte }) => (stream) => {
    const at = where % (stream.length + 1);
    const head = stream.slice(0, at);
    const [first = 0] = stream.slice(at);
    switch (kind) {
      case 'truncate':
        return head;
      case 'insert':
        return join([head, Uint8Array.of(byte), stream.slice(at)]);
      case 'delete':
        return join([head, stream.slice(at + 1)]);
      case 'set':
        return at < stream.length ? join([head, Uint8Array.of(byte), stream.slice(at + 1)]) : head;
      default:
        return at < stream.length
          ? join([head, Uint8Array.of(first ^ (1 << (byte % 8))), stream.slice(at + 1)])
          : head;
    }
  });

/**
 * Bytes of hostile prefixes: too large, negative, endless varints, and lengths one above or below a limit.
 */
function hostilePrefixes(options: LengthPrefixedOptions): fc.Arbitrary<Uint8Array> {
  const format = slowFormat(options);
  const { limit, counted } = format;
  const width = typeof format.prefix === 'string' ? (WIDTHS[format.prefix] ?? 9) : 6;
  const numbers = [limit + counted + 1, counted - 1, limit + counted].filter(
    (number) => number >= 0 && number < 250,
  );
  return fc.oneof(
    fc.constantFrom(0xff, 0x80, 0x7f, 0x00, 0x39).map((byte) => new Uint8Array(width).fill(byte)),
    fc.constant(Uint8Array.of(0x80, ...new Uint8Array(width - 1))),
    fc
      .constantFrom(1, 2, 3, 4, 5)
      .map((more) => Uint8Array.of(...Array.from({ length: more }, () => 0x80), 0)),
    ...numbers.map((number) => fc.constant(slowNumber(format, number))),
  );
}

export interface FrameCase {
  readonly options: LengthPrefixedOptions;
  /** What was sent. */
  readonly sent: readonly FrameValue[];
  /** The bytes that arrive: the frames of `sent`, unchanged or with faults. */
  readonly stream: Uint8Array;
}

/** Valid streams of these options. */
function goodCasesOf(options: LengthPrefixedOptions): fc.Arbitrary<FrameCase> {
  return fc.array(values(options), { maxLength: 6 }).map((any) => {
    const all = any.map((value) => ({ value, frame: slowWrite(options, value) }));
    const good = all.filter(({ frame }) => frame !== undefined);
    return {
      options,
      sent: good.map(({ value }) => value),
      stream: join(good.map(({ frame = new Uint8Array(0) }) => frame)),
    };
  });
}

export const goodCases: fc.Arbitrary<FrameCase> = formats.chain(goodCasesOf);

/** Any streams: valid, changed in a few places, with a hostile prefix inside, or noise. */
function anyCasesOf(good: FrameCase): fc.Arbitrary<FrameCase> {
  const { options, stream } = good;
  const broken = fc
    .array(changes, { minLength: 1, maxLength: 3 })
    .map((all) => all.reduce((bytes, change) => change(bytes), stream));
  const lying = fc
    .tuple(hostilePrefixes(options), fc.uint8Array({ maxLength: 30 }), fc.boolean())
    .map(([prefix, behind, more]) => {
      const { before } = slowFormat(options).sections;
      const front = Uint8Array.from(filled(before, []));
      return join([stream, front, prefix, behind, more ? stream : new Uint8Array(0)]);
    });
  const noise = fc.uint8Array({ maxLength: 60 });
  const low = fc.array(fc.nat(3), { maxLength: 60 }).map((bytes) => Uint8Array.from(bytes));
  return fc
    .oneof(fc.constant(stream), broken, lying, noise, low)
    .map((arrived) => ({ ...good, stream: arrived }));
}

export const anyCases: fc.Arbitrary<FrameCase> = goodCases.chain(anyCasesOf);

/** As `anyCases` for formats with resync; also valid frames between noise that is full of markers. */
export const noisyCases: fc.Arbitrary<FrameCase> = resyncFormats
  .chain(goodCasesOf)
  .chain((good) => {
    const low = fc.array(fc.nat(2), { maxLength: 12 }).map((bytes) => Uint8Array.from(bytes));
    const gaps = fc.array(low, { minLength: 7, maxLength: 7 });
    const noisy = gaps.map((noise) => ({
      ...good,
      stream: join(
        noise.flatMap((bytes, i) => {
          const value = good.sent[i];
          return [bytes, (value && slowWrite(good.options, value)) ?? new Uint8Array(0)];
        }),
      ),
    }));
    return fc.oneof({ weight: 2, arbitrary: noisy }, anyCasesOf(good));
  });
