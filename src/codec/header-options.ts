// The options of headerPrefixed(), checked when the codec is made. `write` and the parser are two
// programs for one format: where the parser accepts made-up headers, what `write` makes of them must
// parse to the same payload length, and be written again as the same bytes.

import { checkFunction, checkNames, refuse, refuseValue } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { UsageError } from '../errors.ts';
import { areSame, isBytes } from './bytes.ts';

export interface HeaderPrefixedOptions<H> {
  /**
   * Parses a header: in practice a `Parser` of binary-parser. It is given exactly `headerLength` bytes.
   * Its types promise no result, so `H` is yours to give. What it throws is the cause of
   * ERR_PREFIX_MALFORMED, except for a TypeError or ReferenceError: that is a bug, UsageError ERR_OPTION.
   */
  readonly header: { parse(bytes: Uint8Array): H };
  /** Bytes of every header. `parser.sizeOf()` tells it, except for bit fields, where it is NaN. */
  readonly headerLength: number;
  /** How many bytes follow this header: a number, not a bigint. */
  readonly payloadLength: (header: H) => number;
  /**
   * The bytes of a header in front of a payload of that length. binary-parser only reads, so this half
   * is yours. It is held against the parser when the codec is made, where the parser accepts made-up
   * headers, and every header that it writes is parsed before it is sent. Without it the codec only decodes.
   */
  readonly write?: ((header: H, payloadLength: number) => Uint8Array) | undefined;
  /** The largest payload in bytes. Default 8 MiB. */
  readonly maxPayloadLength?: number | undefined;
}

const NAMES = {
  header: true,
  headerLength: true,
  payloadLength: true,
  write: true,
  maxPayloadLength: true,
} satisfies OptionNames<HeaderPrefixedOptions<unknown>>;

/** Widely divisible: lengths may be counted in words of 2, 4 or 8 bytes. */
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

/** A `write` that does not fit its parser is found here, not by the remote. */
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
    // These bytes are no header of this format. Each header is checked when it is sent, too.
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
  // A `write` may refuse a header that nobody would send.
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
    misfit('a header that was written and parsed is written again with other bytes');
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
