// Custom length fields: how encode and decode call a field, what the field may return, and how the codec
// tries the field when it is made.

import { isUnstickError } from '../errors.ts';
import { refuse } from '../options.ts';
import { areSame, isBytes, joined, NO_BYTES } from './bytes.ts';
import { brokenCallback } from './callbacks.ts';

/**
 * A custom length format. `read` sees the bytes that have come so far, and must decide from these bytes
 * alone.
 */
export interface LengthField {
  /** Name of the field in the messages of errors. Default 'custom'. */
  readonly name?: string;
  /** Maximum number of bytes that a length takes. */
  readonly maxWidth: number;
  /**
   * Whether every length takes `maxWidth` bytes. Without it, 'prefix' in `counts` throws ERR_OPTION. Default
   * false.
   */
  readonly fixed?: boolean;
  /** Maximum length that the field can write. Default 2^53-1. */
  readonly maxLength?: number;
  /**
   * Minimum number of bytes in front of the length, for a field that reads bytes there. If `before` is
   * shorter, or if the last of these bytes belongs to a checksum, making the codec throws ERR_OPTION. Default
   * 0: the field reads no bytes in front of the length.
   */
  readonly headLength?: number;
  /**
   * Number with all bits that the number `flags` of `read` can have, up to 2^53-1. With `deliver: 'parts'` a
   * value has those flags as `flags`. If a value to encode has no `flags`, they are 0. Default 0: the field
   * has no flags.
   */
  readonly flagBits?: number;
  /**
   * Effect on decode of flags when values are payloads alone. 'ignore' drops the flags. Where values are not
   * payloads alone, the option has no effect. Default: decode refuses a prefix in which a flag is set, with
   * ERR_PREFIX_MALFORMED.
   */
  readonly flags?: 'ignore';
  /**
   * Reads the length at `at`. `bytes` starts with the first byte of the frame, so that the field can look at
   * the bytes in front of the length (`before`). Returns the length, the number of bytes that the length
   * takes, and the `flags` if there are any. Returns `undefined` when it needs more bytes. To refuse the
   * bytes, throw an Error, which becomes the cause of ERR_PREFIX_MALFORMED. A TypeError or ReferenceError
   * counts as a bug and becomes UsageError ERR_OPTION.
   */
  read(
    bytes: Uint8Array,
    at: number,
  ): { length: number; width: number; flags?: number } | undefined;
  /**
   * Returns the bytes of a length. `head` holds the bytes in front of the length (`before`), as they will be
   * sent, but with zeros for checksums. `flags` are the flags of the value, or `undefined` if it has none.
   * The codec checks that `read` reads the result: for some lengths when the codec is made, and then for each
   * frame.
   */
  write(length: number, head: Uint8Array, flags?: number): Uint8Array;
}

/** A length field with flags beside the length. `number({ mask })` makes one. */
export interface MaskedField extends LengthField {
  readonly flagBits: number;
}

/** The result of `read` of a custom field, after the check. */
export interface ReadLength {
  readonly length: number;
  readonly width: number;
  readonly flags: number;
}

/**
 * Returns whether `flags` is a whole number whose bits are all set in `bits`. Bit operators see only 32 bits,
 * so the upper and the lower half are compared separately.
 */
export function areFlags(flags: unknown, bits: number): flags is number {
  if (typeof flags !== 'number' || !Number.isSafeInteger(flags) || flags < 0) {
    return false;
  }
  const high = Math.floor(flags / 2 ** 32) & ~Math.floor(bits / 2 ** 32);
  return high === 0 && (flags & ~bits) === 0;
}

/**
 * Calls `read` of a custom field and checks its result. An error that `read` throws passes through. A result
 * that breaks the contract is a bug of the field and throws UsageError ERR_OPTION.
 */
export function readCustom(
  field: LengthField,
  bytes: Uint8Array,
  at: number,
): ReadLength | undefined {
  const read: unknown = field.read(bytes, at);
  if (read === undefined) {
    return undefined;
  }
  const { length, width, flags = 0 } = answerOf(read);
  if (typeof length !== 'number') {
    throw brokenCallback(`prefix.read gave a length that is a ${typeof length}, not a number.`);
  }
  const most = Math.min(bytes.length - at, field.maxWidth);
  const least = field.fixed === true ? field.maxWidth : 1;
  const isWidth = typeof width === 'number' && Number.isSafeInteger(width);
  if (!isWidth || width < least || width > most) {
    const shown = typeof width === 'number' ? String(width) : `a ${typeof width}`;
    throw brokenCallback(`prefix.read gave the width ${shown}, not one from ${least} to ${most}.`);
  }
  if (!areFlags(flags, field.flagBits ?? 0)) {
    throw brokenCallback('prefix.read gave flags that are not bits of its flagBits.');
  }
  return { length, width, flags };
}

/**
 * Returns the smallest number of bytes that the field refuses. The field may have refused a longer run, but
 * the error must not depend on how many bytes had come. More bytes never undo a refusal, so a bisection finds
 * the number.
 */
export function refusedAt(field: LengthField, bytes: Uint8Array, at: number): number {
  const refuses = (count: number): boolean => {
    try {
      field.read(bytes.subarray(0, at + count), at);
      return false;
    } catch {
      return true;
    }
  };
  let low = 0;
  let high = bytes.length - at;
  while (high - low > 1) {
    const middle = low + ((high - low) >> 1);
    if (refuses(middle)) {
      high = middle;
    } else {
      low = middle;
    }
  }
  return high;
}

function answerOf(read: unknown): { length?: unknown; width?: unknown; flags?: unknown } {
  if (typeof read === 'object' && read !== null) {
    return read;
  }
  throw brokenCallback(`prefix.read gave a ${typeof read}, not { length, width } or undefined.`);
}

/**
 * Returns whether a field reads back the prefix that it wrote. `frame` holds `before` and, from `at` on, the
 * prefix for `length`. If `read` asks for more bytes, it gets zeros behind the prefix, up to its `maxWidth`.
 * If it asks for more even then, it has read nothing wrong, and the result is true.
 */
export function readsBack(field: LengthField, frame: Uint8Array, written: WrittenPrefix): boolean {
  const { at, length, flags = 0 } = written;
  try {
    const padded = (): Uint8Array =>
      joined([frame, new Uint8Array(Math.max(0, field.maxWidth - (frame.length - at)))]);
    const read = readCustom(field, frame, at) ?? readCustom(field, padded(), at);
    if (read === undefined) {
      return true;
    }
    return read.length === length && read.width === frame.length - at && read.flags === flags;
  } catch {
    return false;
  }
}

interface WrittenPrefix {
  readonly at: number;
  readonly length: number;
  readonly flags?: number | undefined;
}

/**
 * Lengths that every field can write. 0 is not among these lengths: a field that counts from 1 cannot write 0.
 */
const SMALL_SAMPLES: readonly number[] = [1, 2, 3, 64, 127];
/** Lengths at the edges of the usual widths, for a field that has a `maxLength`. */
const LARGE_SAMPLES: readonly number[] = [128, 255, 256, 1000, 65_535, 65_536, 2 ** 24];

/**
 * Tries a custom field when the codec is made: `read` must read the lengths that `write` wrote. Lengths that
 * `write` refuses are left out. A field that writes the same bytes for all lengths passes, because all its
 * frames may have one size. Encode checks each frame, so it finds a fault that this trial misses.
 */
export function checkLengthField(
  field: LengthField,
  head: Uint8Array,
  range: { readonly from: number; readonly to: number },
): void {
  const large = field.maxLength === undefined ? [] : [...LARGE_SAMPLES, range.to - range.from];
  const written = [...SMALL_SAMPLES, ...large]
    .map((sample) => ({ length: sample + range.from, at: head.length }))
    .filter(({ length }) => length <= range.to)
    .map((one) => ({ ...one, prefix: attempt(() => field.write(one.length, head.slice())) }))
    .filter(({ prefix }) => prefix.length > 0 && prefix.length <= field.maxWidth);
  const [first] = written;
  const varies = written.some(
    ({ prefix }) => first !== undefined && !areSame(prefix, first.prefix),
  );
  const wrong = written.find((one) => !readsBack(field, joined([head, one.prefix]), one));
  if (wrong === undefined || (!varies && written.length > 1)) {
    return;
  }
  refuse(
    `prefix.read does not read what prefix.write wrote for the length ${wrong.length}.`,
    'Both must agree on the bytes. For a codec that only decodes, let write throw.',
  );
}

/**
 * Returns what `write` returned, or no bytes if it threw. Throws ERR_OPTION for a result that is not bytes.
 * An error of this package passes through.
 */
function attempt(write: () => unknown): Uint8Array {
  let written: unknown;
  try {
    written = write();
  } catch (thrown) {
    if (isUnstickError(thrown)) {
      throw thrown;
    }
    return NO_BYTES;
  }
  return isBytes(written) ? written : refuse('prefix.write did not return a Uint8Array.');
}
