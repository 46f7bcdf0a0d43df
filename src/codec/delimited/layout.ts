// Checks the options of delimited() and turns them into the layout that encoder and decoder use.

import { checkNames, flag, oneOf, refuse, refuseValue, whole } from '../../options.ts';
import type { OptionNames } from '../../options.ts';
import { areSame, NO_BYTES } from '../bytes.ts';
import { checksumOf } from '../checksum.ts';
import { checkResync } from '../resync-option.ts';
import type { Resync } from '../resync.ts';
import { isChecksum } from '../sections.ts';
import type { Checksum } from '../sections.ts';
import type { Stuffing } from './content.ts';
import { escapedStuffing } from './escaped-content.ts';
import { escapeTables } from './escapes.ts';
import type { EscapeMap } from './escapes.ts';
import { markerBytes } from './markers.ts';
import { plainStuffing } from './plain-content.ts';

/** Options of `delimited`. A frame is `start | payload and checksum, escaped | end`. */
export interface DelimitedOptions {
  /**
   * Marker that begins each frame, 1 to 256 bytes as hex (`'7e'`, `'0d 0a'`) or as a Uint8Array. If `start` and
   * `end` are equal, one marker may end a frame and begin the next, and decode drops markers with nothing
   * between them. Default none.
   */
  readonly start?: string | Uint8Array | undefined;
  /** Marker that ends each frame, 1 to 256 bytes as hex (`'7e'`, `'0d 0a'`) or as a Uint8Array. */
  readonly end: string | Uint8Array;
  /**
   * Map of the bytes that are written as two bytes: one of the exports slip, hdlc, jt808, jt809 and dle of this
   * package (not their names as text), or a custom map. A format with several escape bytes has a list of maps.
   * Default none: no byte is escaped.
   */
  readonly escape?: EscapeMap | readonly EscapeMap[] | undefined;
  /**
   * Checksum behind the payload, computed from the payload before payload and checksum are escaped. The
   * highest byte of the checksum comes first. With `{ checksum, order: 'le' }` the lowest byte comes first.
   * Default none.
   */
  readonly checksum?: Checksum | DelimitedChecksum | undefined;
  /**
   * Maximum length of a payload in bytes. Decode refuses a longer payload with ERR_FRAME_TOO_LARGE, and
   * encode refuses it with ERR_FRAME_UNENCODABLE. An escape sequence counts as the one byte that it stands
   * for. Default 64 KiB.
   */
  readonly maxLength?: number | undefined;
  /**
   * Whether a value is the payload alone. With false a value is the whole frame as it is on the wire, with
   * markers, escape sequences and checksum. Default true.
   */
  readonly strip?: boolean | undefined;
  /**
   * Whether decode drops frames with nothing between their markers, as SLIP does. Encode then refuses an
   * empty payload. Default false. If `start` and `end` are the same, the default is true, and false throws
   * ERR_OPTION.
   */
  readonly skipEmpty?: boolean | undefined;
  /**
   * Value of resync(). With it the decoder drops bytes that are no frame, and goes on with the next frame. It
   * needs `start`, and throws ERR_OPTION without it. With `resync` the only errors about bytes are ERR_NOISE
   * and ERR_FRAME_TRUNCATED. Default none.
   */
  readonly resync?: Resync | undefined;
}

/** A checksum and the order of its bytes on the wire. */
export interface DelimitedChecksum {
  /** Algorithm: an export such as CRC_16_IBM_SDLC or xor8, or a custom one. */
  readonly checksum: Checksum;
  /** Order of the bytes of the stored value. 'le' puts the lowest byte first. Default 'be'. */
  readonly order?: 'be' | 'le' | undefined;
}

/** The checked options of delimited(). lines() and cobs() make their own layouts. */
export interface DelimitedLayout {
  readonly start: Uint8Array;
  readonly end: Uint8Array;
  /** Whether start and end are the same marker, so that one marker can end a frame and begin the next. */
  readonly isShared: boolean;
  readonly stuffing: Stuffing;
  /** The checksum, whose `compute` throws only UsageError, for a bug in a custom algorithm. */
  readonly checksum: Checksum | undefined;
  readonly maxLength: number;
  readonly strip: boolean;
  readonly skipEmpty: boolean;
  /** The end marker that encode writes. It differs from `end` only for lines. */
  readonly written: Uint8Array;
  /**
   * Byte that belongs to the end if it stands directly in front of the end marker. For lines it is CR. -1
   * means that there is no such byte.
   */
  readonly optional: number;
  /** Whether a frame is a payload and an end marker of one byte, so that `indexOf` finds its end. */
  readonly isDirect: boolean;
  readonly resync: Resync | undefined;
}

/**
 * Default of `maxLength`, also for lines() and cobs(). A decoder holds about so many bytes, with escapes up
 * to twice as many, if a remote never sends the end marker.
 */
export const DEFAULT_MAX_LENGTH: number = 64 * 1024;

const NAMES = {
  start: true,
  end: true,
  escape: true,
  checksum: true,
  maxLength: true,
  strip: true,
  skipEmpty: true,
  resync: true,
} satisfies OptionNames<DelimitedOptions>;

const CHECKSUM_NAMES = { checksum: true, order: true } satisfies OptionNames<DelimitedChecksum>;

/**
 * Checks the options and makes a layout. Throws UsageError ERR_OPTION for wrong names, values out of range
 * and options that contradict each other.
 */
export function delimitedLayout(options: DelimitedOptions): DelimitedLayout {
  checkNames('delimited', options, NAMES);
  const { escape } = options;
  const end = markerBytes('end', options.end);
  const start = options.start === undefined ? NO_BYTES : markerBytes('start', options.start);
  const isShared = areSame(start, end);
  return Object.freeze({
    start,
    end,
    isShared,
    stuffing:
      escape === undefined ? plainStuffing(end) : escapedStuffing(escapeTables(escape, end), end),
    checksum: resolveChecksum(options.checksum),
    maxLength: whole('maxLength', options.maxLength ?? DEFAULT_MAX_LENGTH),
    strip: flag('strip', options.strip, true),
    skipEmpty: resolveSkipEmpty(options.skipEmpty, isShared),
    written: end,
    optional: -1,
    isDirect: isDirect(options, end),
    resync: checkResync(options.resync, {
      hasMarker: start.length > 0,
      hint: "Give them in start, such as '02'.",
    }),
  });
}

function isDirect({ start, escape, checksum }: DelimitedOptions, end: Uint8Array): boolean {
  return end.length === 1 && [start, escape, checksum].every((given) => given === undefined);
}

/**
 * Returns the checksum with its bytes in the order of the wire. Its `compute` checks what a custom algorithm
 * returns, so that encoder and decoder need not: codecs without a checksum then load no code for checksums.
 */
function resolveChecksum(given: unknown): Checksum | undefined {
  if (given === undefined) {
    return undefined;
  }
  const { name, checksum, order } = isOrdered(given)
    ? { name: 'checksum.checksum', ...given }
    : { name: 'checksum', checksum: given, order: undefined };
  if (!isChecksum(checksum)) {
    return refuseValue(name, 'a checksum { length, compute(bytes) }', checksum);
  }
  const length = whole(`${name}.length`, checksum.length, { min: 1 });
  const compute = (bytes: Uint8Array): Uint8Array => checksumOf(checksum, [bytes]);
  return oneOf('checksum.order', order ?? 'be', ['be', 'le']) === 'be'
    ? { length, compute }
    : { length, compute: (bytes) => compute(bytes).toReversed() };
}

/** Whether a value is a checksum with an order. Refuses one with other properties. */
function isOrdered(given: unknown): given is { checksum: unknown; order?: unknown } {
  if (typeof given !== 'object' || given === null || isChecksum(given) || !('checksum' in given)) {
    return false;
  }
  checkNames('checksum', given, CHECKSUM_NAMES);
  return true;
}

function resolveSkipEmpty(given: boolean | undefined, isShared: boolean): boolean {
  const skips = flag('skipEmpty', given, isShared);
  if (isShared && !skips) {
    refuse(
      'skipEmpty must be true when start and end are the same.',
      'Two markers side by side are then the end of a frame and the start of the next.',
    );
  }
  return skips;
}
