// The writing half of the oracle of lengthPrefixed(): turns a value into the bytes of a frame, section by
// section, or into undefined if the format cannot hold the value.

import type { FrameParts } from '../../src/codec/frame-parts.ts';
import type { LengthPrefixedOptions } from '../../src/codec/frame-layout.ts';
import { madeBy } from './made-prefixes.ts';
import { isVarint, slowFormat, slowPrefix, varintGroups, WIDTHS } from './slow-frames.ts';
import type { SlowFormat } from './slow-frames.ts';
import * as slow from './slow-sections.ts';
import type { PartName } from './slow-sections.ts';

export type FrameValue = Uint8Array | FrameParts;

export function slowWrite(
  options: LengthPrefixedOptions,
  value: FrameValue,
): Uint8Array | undefined {
  const format = slowFormat(options);
  if (format.deliver === 'frame') {
    return value instanceof Uint8Array ? writeFrame(format, value) : undefined;
  }
  const parts = value instanceof Uint8Array ? { payload: value } : value;
  return writeParts(format, parts, undefined);
}

/**
 * `kept` is the prefix of a whole frame that was given, if it has the right length; it is written as it is.
 */
function writeParts(
  format: SlowFormat,
  parts: FrameParts,
  kept: Uint8Array | undefined,
): Uint8Array | undefined {
  const { payload } = parts;
  const before = section(format, 'before', parts.before);
  const after = section(format, 'after', parts.after);
  const trailer = section(format, 'trailer', parts.trailer);
  const declared = payload.length + format.counted;
  const isLong = payload.length > format.limit || declared < 0;
  if (before === undefined || after === undefined || trailer === undefined || isLong) {
    return undefined;
  }
  const head = { before: Uint8Array.from(before), flags: parts.flags ?? 0 };
  const number = kept ?? prefixOf(format, declared, head);
  if (number === undefined) {
    return undefined;
  }
  const prefix = Array.from(number);
  const all = { before, prefix, after, payload: Array.from(payload), trailer };
  const written = slow.withSums(format.sums, all);
  return Uint8Array.from(
    [written.before, prefix, written.after, all.payload, written.trailer].flat(),
  );
}

/**
 * The bytes of a section: fixed bytes and those of the caller; zeros in their place if the format delivers
 * payloads alone. Undefined if the caller's bytes are missing or do not fit.
 */
function section(
  format: SlowFormat,
  name: PartName,
  own: Uint8Array | undefined,
): number[] | undefined {
  const one = format.sections[name];
  const length = slow.ownLength(one);
  if (own === undefined) {
    const isMissing = length > 0 && format.deliver !== 'payload';
    return isMissing
      ? undefined
      : slow.filled(
          one,
          Array.from({ length }, () => 0),
        );
  }
  if (length > 0) {
    return own.length === length ? slow.filled(one, Array.from(own)) : undefined;
  }
  const isWhole = own.length === one.bytes.length && slow.fits(one, Array.from(own));
  return isWhole ? slow.filled(one, []) : undefined;
}

/** The bytes of a length, for a `before` of zeros. Empty if the format cannot write the length. */
export function slowNumber(format: SlowFormat, value: number): Uint8Array {
  const before = new Uint8Array(format.lengths.before);
  return prefixOf(format, value, { before, flags: 0 }) ?? new Uint8Array(0);
}

/** The bytes of a length; undefined if the format cannot write it. */
function prefixOf(
  { prefix }: SlowFormat,
  value: number,
  { before, flags }: { readonly before: Uint8Array; readonly flags: number },
): Uint8Array | undefined {
  if (typeof prefix !== 'string') {
    const made = madeBy(prefix);
    return made === undefined
      ? prefix.write(value, before)
      : made.write(BigInt(value), Array.from(before), BigInt(flags));
  }
  if (!isVarint(prefix)) {
    const width = WIDTHS[prefix] ?? 0;
    const digits = Array.from({ length: width }, (_, i) =>
      Number((BigInt(value) >> BigInt(8 * i)) & 255n),
    );
    return Uint8Array.from(prefix.endsWith('le') ? digits : digits.toReversed());
  }
  const groups = varintGroups(value);
  return Uint8Array.from({ length: groups }, (_, i) => {
    const seven = Number((BigInt(value) >> BigInt(7 * i)) & 127n);
    return i === groups - 1 ? seven : seven + 128;
  });
}

function writeFrame(format: SlowFormat, frame: Uint8Array): Uint8Array | undefined {
  const { lengths } = format;
  // The varint of a given frame may be over-long. If the format forbids that, it is written anew.
  const mild = format.prefix === 'minimalVarint' ? { ...format, prefix: 'varint' } : format;
  const found = slowPrefix(mild, Array.from(frame));
  if (typeof found === 'string') {
    return undefined;
  }
  const prefixEnd = lengths.before + found.width;
  const payloadAt = prefixEnd + lengths.after;
  const payloadEnd = frame.length - lengths.trailer;
  if (payloadEnd < payloadAt) {
    return undefined;
  }
  const declared = payloadEnd - payloadAt + format.counted;
  const largest = format.prefix === 'minimalVarint' ? declared : format.limit + format.counted;
  const fits = !isVarint(format.prefix) || found.width <= varintGroups(largest);
  const keep = found.declared === BigInt(declared) && fits;
  const bytes = {
    before: Array.from(frame.slice(0, lengths.before)),
    after: Array.from(frame.slice(prefixEnd, payloadAt)),
    trailer: Array.from(frame.slice(payloadEnd)),
  };
  if (!slow.PART_NAMES.every((name) => slow.fits(format.sections[name], bytes[name]))) {
    return undefined;
  }
  const own = slow.PART_NAMES.filter((name) => slow.ownLength(format.sections[name]) > 0);
  const given = own.map((name) => [
    name,
    Uint8Array.from(slow.ownOf(format.sections[name], bytes[name])),
  ]);
  const flags = found.flags === undefined ? {} : { flags: Number(found.flags) };
  return writeParts(
    format,
    { ...Object.fromEntries(given), ...flags, payload: frame.slice(payloadAt, payloadEnd) },
    keep ? frame.slice(lengths.before, prefixEnd) : undefined,
  );
}
