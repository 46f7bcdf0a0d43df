// The other half of the oracle: one value into the bytes of one frame, section by section, or undefined
// where the format cannot hold it.

import type { FrameParts } from '../../src/codec/frame-parts.ts';
import type { LengthPrefixedOptions } from '../../src/codec/frame-layout.ts';
import { join } from './bytes.ts';
import { madeBy } from './made-prefixes.ts';
import { isVarint, slowFormat, slowPrefix, varintGroups, WIDTHS } from './slow-frames.ts';
import type { SlowFormat } from './slow-frames.ts';

export type FrameValue = Uint8Array | FrameParts;
type PartName = 'before' | 'after' | 'trailer';

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

/** `kept` is a prefix that was given and says the right number. */
function writeParts(
  format: SlowFormat,
  parts: FrameParts,
  kept: Uint8Array | undefined,
): Uint8Array | undefined {
  const { payload } = parts;
  const before = section(format, 'before', parts.before);
  const after = section(format, 'after', parts.after);
  if (before === undefined || after === undefined || payload.length > format.limit) {
    return undefined;
  }
  const declared = payload.length + format.counted;
  const prefix = kept ?? prefixOf(format, declared, { before, flags: parts.flags ?? 0 });
  if (prefix === undefined) {
    return undefined;
  }
  const body = join([before, prefix, after, payload]);
  const { trailer: given } = format.given;
  if (parts.trailer !== undefined && parts.trailer.length !== format.lengths.trailer) {
    return undefined;
  }
  if (typeof given === 'object' && !(given instanceof Uint8Array)) {
    return join([body, given.compute(body)]);
  }
  const trailer = section(format, 'trailer', parts.trailer);
  return trailer === undefined ? undefined : join([body, trailer]);
}

/** The bytes of a section: the fixed ones, the caller's, or zeros where payloads alone are written. */
function section(
  format: SlowFormat,
  name: PartName,
  own: Uint8Array | undefined,
): Uint8Array | undefined {
  const given = format.given[name];
  const length = format.lengths[name];
  const fixed = given instanceof Uint8Array ? given : undefined;
  if (own === undefined) {
    if (fixed === undefined && length > 0 && format.deliver !== 'payload') {
      return undefined;
    }
    return fixed ?? new Uint8Array(length);
  }
  if (own.length !== length) {
    return undefined;
  }
  return fixed === undefined || fixed.every((byte, i) => byte === own[i]) ? own : undefined;
}

/** The bytes of a length behind zeros; no bytes where the format cannot write it. */
export function slowNumber(format: SlowFormat, value: number): Uint8Array {
  const before = new Uint8Array(format.lengths.before);
  return prefixOf(format, value, { before, flags: 0 }) ?? new Uint8Array(0);
}

/** The bytes of a length; undefined where the format cannot write it. */
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
  // A given varint may be over-long: it is written anew where the format forbids that.
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
  const { trailer } = format.given;
  const summed = typeof trailer === 'object' && !(trailer instanceof Uint8Array);
  const declared = payloadEnd - payloadAt + format.counted;
  const largest = format.prefix === 'minimalVarint' ? declared : format.limit + format.counted;
  const fits = !isVarint(format.prefix) || found.width <= varintGroups(largest);
  const keep = found.declared === BigInt(declared) && fits;
  return writeParts(
    format,
    {
      before: frame.slice(0, lengths.before),
      after: frame.slice(prefixEnd, payloadAt),
      payload: frame.slice(payloadAt, payloadEnd),
      ...(found.flags === undefined ? {} : { flags: Number(found.flags) }),
      ...(summed ? {} : { trailer: frame.slice(payloadEnd) }),
    },
    keep ? frame.slice(lengths.before, prefixEnd) : undefined,
  );
}
