// Checks the options of headerPrefixed() when the codec is made. `write` and the parser are two programs for
// one format, so they must agree. To check that, the parser reads sample bytes. If it accepts a sample,
// `write` writes that header for two payload lengths. The parser must then read the same lengths, and `write`
// must write the same bytes again for the header that the parser read.

import { checkFunction, checkNames, refuse, refuseValue, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { UsageError } from '../errors.ts';
import { areSame, isBytes } from './bytes.ts';
import type { SectionOption } from './sections.ts';
import { quantity } from '../text.ts';

/** Options of `headerPrefixed`. */
export interface HeaderPrefixedOptions<H> {
  /**
   * Parser of a header, usually a `Parser` of binary-parser. It gets exactly the bytes of a header. The types
   * of binary-parser do not say what `parse` returns, so state `H` yourself. An Error that `parse` throws
   * becomes the cause of ERR_PREFIX_MALFORMED. A TypeError or ReferenceError counts as a bug: ERR_OPTION.
   */
  readonly header: { parse(bytes: Uint8Array): H };
  /**
   * Length of every header in bytes. `parser.sizeOf()` returns this length, but NaN if the header has bit
   * fields. If the length varies, give a function. The function gets the first bytes of a frame, as far as
   * they have come. It returns the length of the header, or `undefined` when it needs more bytes. More bytes
   * must not change that length.
   */
  readonly headerLength: number | ((bytes: Uint8Array) => number | undefined);
  /**
   * Maximum length of a header in bytes, if `headerLength` is a function. If `headerLength` is a number, this
   * option throws ERR_OPTION. Decode refuses a longer header with ERR_PREFIX_MALFORMED. Default 4 KiB.
   */
  readonly maxHeaderLength?: number | undefined;
  /** Function that returns the length of the payload in bytes, as a number and not as a bigint. */
  readonly payloadLength: (header: H) => number;
  /**
   * Function that returns the bytes of a header for a payload of that length, because binary-parser can only
   * read. The codec checks `write` against the parser when the codec is made. It also parses every header
   * that `write` returns before the header is sent. Default none: the codec only decodes, and encode throws
   * ERR_FRAME_UNENCODABLE.
   */
  readonly write?: ((header: H, payloadLength: number) => Uint8Array) | undefined;
  /**
   * Bytes behind the payload, which `payloadLength` does not count. They are given in the same way as
   * `trailer` of `lengthPrefixed`: fixed bytes, checksums, and bytes of the caller, which are the `trailer`
   * of a value. Default none.
   */
  readonly trailer?: SectionOption | undefined;
  /**
   * Maximum length of a payload in bytes. Decode refuses a longer payload with ERR_FRAME_TOO_LARGE, and
   * encode refuses it with ERR_FRAME_UNENCODABLE. Default 8 MiB.
   */
  readonly maxPayloadLength?: number | undefined;
}

const NAMES = {
  header: true,
  headerLength: true,
  maxHeaderLength: true,
  payloadLength: true,
  write: true,
  trailer: true,
  maxPayloadLength: true,
} satisfies OptionNames<HeaderPrefixedOptions<unknown>>;

/** Default of `maxHeaderLength`. The header blocks of contentLength() have the same default. */
const DEFAULT_MAX_HEADER_LENGTH = 4096;
/** Maximum length of sample bytes, if the length of a header varies. */
const SAMPLE_HEADER_LENGTH = 256;
/**
 * Payload length to try. It is a multiple of 2, 4 and 8, because a format may count words of 2, 4 or 8 bytes.
 */
const SAMPLE_LENGTH = 64;

export function checkHeaderOptions<H>(options: HeaderPrefixedOptions<H>): void {
  checkNames('headerPrefixed', options, NAMES);
  const { header, headerLength, maxHeaderLength, payloadLength, write } = options;
  if (typeof header?.parse !== 'function') {
    refuse('headerPrefixed needs a header with parse(bytes).', 'A Parser of binary-parser has it.');
  }
  if (typeof headerLength === 'function') {
    whole('maxHeaderLength', maxHeaderLength ?? DEFAULT_MAX_HEADER_LENGTH, { min: 1 });
  } else if (maxHeaderLength !== undefined) {
    refuse(
      'maxHeaderLength needs a headerLength that is a function.',
      'Leave maxHeaderLength out if every header has the same length.',
    );
  } else if (!Number.isSafeInteger(headerLength) || headerLength <= 0) {
    const hint = 'sizeOf() of a parser with bit fields is NaN: give the number.';
    refuseValue('headerLength', { what: 'a whole number of bytes, 1 or more', hint }, headerLength);
  }
  checkFunction('payloadLength', payloadLength, 'It gets a header and returns a number of bytes.');
  if (write !== undefined) {
    checkFunction('write', write, 'Leave it out to decode only.');
  }
}

/** Returns the maximum length of a header in bytes. */
export function longestHeader<H>({
  headerLength,
  maxHeaderLength,
}: HeaderPrefixedOptions<H>): number {
  return typeof headerLength === 'number'
    ? headerLength
    : (maxHeaderLength ?? DEFAULT_MAX_HEADER_LENGTH);
}

/**
 * Returns whether the bytes are one whole header, which means that they are as many as `headerLength` says.
 */
export function isWholeHeader<H>(options: HeaderPrefixedOptions<H>, bytes: Uint8Array): boolean {
  const { headerLength } = options;
  if (typeof headerLength === 'number') {
    return bytes.length === headerLength;
  }
  return bytes.length <= longestHeader(options) && headerLength(bytes) === bytes.length;
}

/**
 * Throws UsageError ERR_OPTION when `write` does not fit the parser, so that no remote ever gets such a
 * frame.
 */
export function checkRoundTrip<H>(
  options: HeaderPrefixedOptions<H>,
  maxPayloadLength: number,
): void {
  for (const sample of sampleHeaders(options)) {
    const header = attempt(() => options.header.parse(sample.slice()));
    // The parser refuses the sample, so the sample is no header of this format. Encode checks every header
    // anyway.
    if ('error' in header) {
      continue;
    }
    for (const length of [0, Math.min(SAMPLE_LENGTH, maxPayloadLength)]) {
      checkOne(options, header.value, length);
    }
  }
}

/** Returns bytes that may be headers of this format: zeros, and 1, 2, 3 and so on. */
function sampleHeaders<H>(options: HeaderPrefixedOptions<H>): Uint8Array[] {
  const { headerLength } = options;
  const isFixed = typeof headerLength === 'number';
  const most = isFixed ? headerLength : Math.min(longestHeader(options), SAMPLE_HEADER_LENGTH);
  const samples = [new Uint8Array(most), Uint8Array.from({ length: most }, (_, i) => i + 1)];
  if (isFixed) {
    return samples;
  }
  return samples.flatMap((sample) => {
    const length = attempt(() => headerLength(sample.slice()));
    const count = 'value' in length ? Number(length.value) : 0;
    return count > 0 && count <= most ? [sample.subarray(0, count)] : [];
  });
}

/** Writes a sample header, parses it, writes it again, and throws where the results differ. */
function checkOne<H>(options: HeaderPrefixedOptions<H>, sample: H, length: number): void {
  const { header: parser, payloadLength, write } = options;
  if (write === undefined) {
    return;
  }
  const first = attempt(() => write(sample, length));
  // `write` may refuse the sample, and then nothing can be compared.
  if ('error' in first) {
    return;
  }
  if (!isBytes(first.value)) {
    misfit(`it did not return ${wholeHeader(options)}`);
  }
  const bytes = first.value.slice();
  const isWhole = attempt(() => isWholeHeader(options, bytes.slice()));
  if ('error' in isWhole || !isWhole.value) {
    misfit(`it did not return ${wholeHeader(options)}`);
  }
  const parsed = attempt(() => parser.parse(bytes.slice()));
  if ('error' in parsed) {
    misfit('the parser refuses what it wrote', parsed.error);
  }
  const said = attempt(() => payloadLength(parsed.value));
  if ('error' in said || said.value !== length) {
    const what = 'error' in said ? 'throws' : `gives ${String(said.value)}`;
    misfit(
      `for a payload of ${quantity(length, 'byte')} it writes a header for which payloadLength ${what}`,
    );
  }
  const again = attempt(() => write(parsed.value, length));
  if ('error' in again || !isBytes(again.value) || !areSame(again.value, bytes)) {
    misfit('after parsing what it wrote, it writes other bytes');
  }
}

/** Returns words for what `write` must return, for errors. */
export function wholeHeader<H>({ headerLength }: HeaderPrefixedOptions<H>): string {
  return typeof headerLength === 'number'
    ? `the ${quantity(headerLength, 'byte')} of a header`
    : 'the bytes of a header that is as long as headerLength says';
}

function attempt<T>(call: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: call() };
  } catch (error) {
    return { error };
  }
}

function misfit(how: string, cause?: unknown): never {
  throw new UsageError('ERR_OPTION', `write does not fit the parser: ${how}.`, {
    cause,
    hint: 'write must return bytes that parse to the same header, with the payload length in them.',
  });
}
