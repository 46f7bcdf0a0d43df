// Checks the options of headerPrefixed() when the codec is made. `write` and the parser are two programs
// for one format, so they must agree. The check writes sample headers, if the parser accepts them: they
// must parse to the same payload length, and `write` must then give the same bytes again.

import { checkFunction, checkNames, refuse, refuseValue } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { UsageError } from '../errors.ts';
import { areSame, isBytes } from './bytes.ts';

export interface HeaderPrefixedOptions<H> {
  /**
   * Parser of a header, usually a `Parser` of binary-parser. It gets exactly `headerLength` bytes. The
   * types of binary-parser do not say what it returns, so state `H` yourself. An Error that it throws
   * becomes the cause of ERR_PREFIX_MALFORMED; a TypeError or ReferenceError is a bug, ERR_OPTION.
   */
  readonly header: { parse(bytes: Uint8Array): H };
  /** Length of every header in bytes. `parser.sizeOf()` knows it, except for bit fields (NaN). */
  readonly headerLength: number;
  /** Function that returns how many bytes follow a header, as a number and not as a bigint. */
  readonly payloadLength: (header: H) => number;
  /**
   * Function that returns the bytes of a header for a payload of that length, since binary-parser only
   * reads. It is checked against the parser when the codec is made, and every header that it returns is
   * parsed before it is sent. Without it the codec only decodes.
   */
  readonly write?: ((header: H, payloadLength: number) => Uint8Array) | undefined;
  /** Maximum length of a payload in bytes. Default 8 MiB. */
  readonly maxPayloadLength?: number | undefined;
}

const NAMES = {
  header: true,
  headerLength: true,
  payloadLength: true,
  write: true,
  maxPayloadLength: true,
} satisfies OptionNames<HeaderPrefixedOptions<unknown>>;

/** Divisible by many numbers, since a format may count its length in words of 2, 4 or 8 bytes. */
const SAMPLE_LENGTH = 64;

export function checkHeaderOptions<H>(options: HeaderPrefixedOptions<H>): void {
  checkNames('headerPrefixed', options, NAMES);
  const { header, headerLength, payloadLength, write } = options;
  if (typeof header?.parse !== 'function') {
    refuse('headerPrefixed needs a header with parse(bytes).', 'A Parser of binary-parser has it.');
  }
  if (!Number.isSafeInteger(headerLength) || headerLength <= 0) {
    const hint = 'sizeOf() of a parser with bit fields is NaN: give the number.';
    refuseValue('headerLength', { what: 'a whole number of bytes, 1 or more', hint }, headerLength);
  }
  checkFunction('payloadLength', payloadLength, 'It gets a header and returns a number of bytes.');
  if (write !== undefined) {
    checkFunction('write', write, 'Leave it out to decode only.');
  }
}

/** Throws when `write` does not fit the parser, so that it is not the remote that finds out. */
export function checkRoundTrip<H>(
  options: HeaderPrefixedOptions<H>,
  maxPayloadLength: number,
): void {
  const { headerLength } = options;
  const samples = [
    new Uint8Array(headerLength),
    Uint8Array.from({ length: headerLength }, (_, i) => i + 1),
  ];
  for (const sample of samples) {
    const header = attempt(() => options.header.parse(sample.slice()));
    // The sample is no header of this format. Every real header is checked when it is sent.
    if ('error' in header) {
      continue;
    }
    for (const length of [0, Math.min(SAMPLE_LENGTH, maxPayloadLength)]) {
      checkOne(options, header.value, length);
    }
  }
}

function checkOne<H>(options: HeaderPrefixedOptions<H>, sample: H, length: number): void {
  const { header: parser, headerLength, payloadLength, write } = options;
  if (write === undefined) {
    return;
  }
  const first = attempt(() => write(sample, length));
  // `write` may refuse the sample.
  if ('error' in first) {
    return;
  }
  if (!isBytes(first.value) || first.value.length !== headerLength) {
    misfit(`it did not return the ${headerLength} bytes of a header`);
  }
  const bytes = first.value.slice();
  const parsed = attempt(() => parser.parse(bytes.slice()));
  if ('error' in parsed) {
    misfit('the parser refuses what it wrote', parsed.error);
  }
  const said = attempt(() => payloadLength(parsed.value));
  if ('error' in said || said.value !== length) {
    const what = 'error' in said ? 'nothing' : String(said.value);
    misfit(`for a payload of ${length} bytes the header says ${what}`);
  }
  const again = attempt(() => write(parsed.value, length));
  if ('error' in again || !isBytes(again.value) || !areSame(again.value, bytes)) {
    misfit('after parsing what it wrote, it writes other bytes');
  }
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
