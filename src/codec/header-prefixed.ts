// headerPrefixed(): fixed binary headers with more in them than a length, declared with binary-parser
// (or anything that can parse bytes). The header is parsed once for each frame, when all of it is there.

import { UsageError } from '../errors.ts';
import type { Codec, DecoderOptions } from './codec.ts';
import { MachineDecoder } from './frame-decoder.ts';
import { encodeFrameInto, encodePieces, encodedLength, fromParts } from './frame-encoder.ts';
import type { EncodableFrame } from './frame-encoder.ts';
import { frameLayout } from './frame-layout.ts';
import type { FrameLayout } from './frame-layout.ts';
import type { LengthField } from './length-field.ts';

export interface HeaderPrefixedOptions<H> {
  /**
   * Parses a header: in practice a `Parser` of binary-parser. It is given exactly `headerLength` bytes.
   * Its types promise no result, so `H` is yours to give. What it throws becomes ERR_PREFIX_MALFORMED.
   */
  readonly header: { parse(bytes: Uint8Array): H };
  /** Bytes of every header. `parser.sizeOf()` tells it, except for bit fields, where it is NaN. */
  readonly headerLength: number;
  /** How many bytes follow this header. */
  readonly payloadLength: (header: H) => number;
  /**
   * The bytes of a header in front of a payload of that length. binary-parser only reads, so this half
   * is yours; every header that it writes is parsed again before it is sent. Without it the codec only decodes.
   */
  readonly write?: (header: H, payloadLength: number) => Uint8Array;
  /** The largest payload in bytes. Default 8 MiB. */
  readonly maxPayloadLength?: number;
}

export interface HeaderedFrame<H> {
  readonly header: H;
  readonly payload: Uint8Array;
}

/**
 * A codec of frames `header | payload`, whose values are `{ header, payload }`. A parser is generated
 * code: write it in your program, never make one from a file or from the network.
 */
export function headerPrefixed<H>(options: HeaderPrefixedOptions<H>): Codec<HeaderedFrame<H>> {
  const { header, headerLength, payloadLength, write } = options;
  if (!Number.isSafeInteger(headerLength) || headerLength <= 0) {
    throw new UsageError(
      'ERR_OPTION',
      `headerLength must be a positive number of bytes, not ${headerLength}.`,
      {
        hint: 'sizeOf() of a parser with bit fields is NaN: give the number.',
      },
    );
  }
  if (typeof header?.parse !== 'function' || typeof payloadLength !== 'function') {
    throw new UsageError(
      'ERR_OPTION',
      'headerPrefixed needs header.parse(bytes) and payloadLength(header).',
    );
  }
  const limit =
    options.maxPayloadLength === undefined ? {} : { maxPayloadLength: options.maxPayloadLength };
  const layoutFor = (field: LengthField): FrameLayout => frameLayout({ ...limit, prefix: field });
  const layout = layoutFor(new HeaderField(options));
  if (write !== undefined) checkRoundTrip(options, write);

  const check = ({ header: given, payload }: HeaderedFrame<H>): EncodableFrame =>
    fromParts(layout, { payload }, headerBytes(options, given, payload));
  return Object.freeze({
    encode: (value: HeaderedFrame<H>) => encodePieces(layout, check(value)),
    encodedLength: (value: HeaderedFrame<H>) => encodedLength(layout, check(value)),
    encodeInto: (value: HeaderedFrame<H>, target: Uint8Array, offset: number) =>
      encodeFrameInto(layout, check(value), { target, offset }),
    decoder: (given: DecoderOptions = {}) => {
      const field = new HeaderField(options);
      return new HeaderedDecoder(layoutFor(field), field, given);
    },
  });
}

/** The header as a length field of its frame. Keeps the header that it parsed last. */
class HeaderField<H> implements LengthField {
  readonly maxWidth: number;
  readonly fixed = true;
  readonly #options: HeaderPrefixedOptions<H>;
  last: { readonly header: H } | undefined;

  constructor(options: HeaderPrefixedOptions<H>) {
    this.#options = options;
    this.maxWidth = options.headerLength;
  }

  read(bytes: Uint8Array, at: number): { length: number; width: number } | undefined {
    const width = this.maxWidth;
    if (bytes.length - at < width) return undefined;
    const header = this.#options.header.parse(bytes.subarray(at, at + width));
    this.last = { header };
    return { length: this.#options.payloadLength(header), width };
  }

  write(): Uint8Array {
    throw new Error('a header is written from its value');
  }
}

class HeaderedDecoder<H> extends MachineDecoder<HeaderedFrame<H>> {
  readonly #field: HeaderField<H>;

  constructor(layout: FrameLayout, field: HeaderField<H>, options: DecoderOptions) {
    super(layout, options);
    this.#field = field;
  }

  take(): HeaderedFrame<H> | undefined {
    const { machine } = this;
    if (!machine.next() || this.#field.last === undefined) return undefined;
    const payload = machine.queue.view(machine.payloadStart, machine.payloadEnd);
    return { header: this.#field.last.header, payload };
  }
}

function headerBytes<H>(
  options: HeaderPrefixedOptions<H>,
  header: H,
  payload: unknown,
): Uint8Array {
  const { write, headerLength } = options;
  if (write === undefined) {
    throw unencodable(
      'This codec was made without write(header, payloadLength): it only decodes.',
      {},
    );
  }
  const { length } = payload instanceof Uint8Array ? payload : { length: 0 };
  let bytes: unknown;
  let said: number;
  try {
    bytes = write(header, length);
    if (!(bytes instanceof Uint8Array) || bytes.length !== headerLength) {
      throw new RangeError(`write did not return the ${headerLength} bytes of a header`);
    }
    said = options.payloadLength(options.header.parse(bytes));
  } catch (cause) {
    throw unencodable(
      `The header cannot be written: ${cause instanceof Error ? cause.message : 'write failed'}.`,
      { cause },
    );
  }
  if (said === length) return bytes;
  throw unencodable(
    `The header that was written says ${said} bytes, but the payload has ${length}.`,
    { length },
  );
}

/** A `write` that does not fit its parser is found when the codec is made, where an empty header parses. */
function checkRoundTrip<H>(
  options: HeaderPrefixedOptions<H>,
  write: (header: H, payloadLength: number) => Uint8Array,
): void {
  const { header: parser, headerLength, payloadLength } = options;
  let sample: H;
  try {
    sample = parser.parse(new Uint8Array(headerLength));
  } catch {
    return; // Zeros are no header of this format; each header is checked when it is sent.
  }
  for (const length of [0, 1]) {
    let said: number | undefined;
    let cause: unknown;
    try {
      const bytes = write(sample, length);
      if (bytes.length === headerLength) said = payloadLength(parser.parse(bytes));
    } catch (error) {
      cause = error;
    }
    if (said === length) continue;
    throw new UsageError(
      'ERR_OPTION',
      `write does not fit the parser: for a payload of ${length} bytes the header says ${said ?? 'nothing'}.`,
      {
        cause,
        hint: `write must return ${headerLength} bytes that parse to the same header, with the payload length in them.`,
      },
    );
  }
}

function unencodable(facts: string, init: { length?: number; cause?: unknown }): UsageError {
  return new UsageError('ERR_FRAME_UNENCODABLE', facts, init);
}
