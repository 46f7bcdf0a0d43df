// headerPrefixed() makes a codec of frames with a binary header that holds more than a length. The user
// declares the header with binary-parser, or with any other parser of bytes. The decoder parses the header
// once for each frame, when the whole header has come: with too few bytes a parser may return short fields
// without an error.

import type { Bytes } from './byte-types.ts';
import { isBytes } from './bytes.ts';
import { brokenCallback } from './callbacks.ts';
import type { DecoderOptions, MeasuringCodec } from './codec.ts';
import { MachineDecoder } from './frame-decoder.ts';
import { encodedLength, encodePieces, fromParts } from './frame-encoder.ts';
import type { EncodableFrame } from './frame-encoder.ts';
import { kindOf, unencodable } from './frame-errors.ts';
import { frameLayout } from './frame-layout.ts';
import type { FrameLayout } from './frame-layout.ts';
import { checkHeaderOptions, checkRoundTrip, isWholeHeader } from './header-options.ts';
import { longestHeader, wholeHeader } from './header-options.ts';
import type { HeaderPrefixedOptions } from './header-options.ts';
import type { LengthField } from './length-field.ts';
import { malformed } from './malformed.ts';

/** A value of headerPrefixed(). */
export interface HeaderedFrame<H, B extends Uint8Array = Uint8Array> {
  readonly header: H;
  readonly payload: B;
  /** Bytes of the caller behind the payload, if the format has any. */
  readonly trailer?: B;
}

/**
 * Makes a codec of frames `header | payload | trailer`. Its values are `{ header, payload }`, with a
 * `trailer` if bytes of the trailer belong to the caller. binary-parser generates code, so declare the parser
 * in your program, never from a file or from the network. Throws UsageError ERR_OPTION for a wrong option,
 * and for a `write` that does not fit the parser.
 */
export function headerPrefixed<H>(
  options: HeaderPrefixedOptions<H>,
): MeasuringCodec<HeaderedFrame<H>, HeaderedFrame<H, Bytes>> {
  checkHeaderOptions(options);
  const { maxPayloadLength, trailer } = options;
  const layoutFor = (field: LengthField): FrameLayout =>
    frameLayout({ maxPayloadLength, trailer, prefix: field, deliver: 'parts' });
  const layout = layoutFor(new HeaderField(options));
  checkRoundTrip(options, layout.maxPayloadLength);
  const check = (value: HeaderedFrame<H>): EncodableFrame => encodable(layout, options, value);
  // To measure a value, this codec must write its header. So it leaves encodeInto out, as codec.ts explains.
  return Object.freeze({
    encode: (value: HeaderedFrame<H>) => encodePieces(layout, check(value)),
    encodedLength: (value: HeaderedFrame<H>) => encodedLength(layout, check(value)),
    decoder: (given?: DecoderOptions) => {
      const field = new HeaderField(options);
      return new HeaderedDecoder(layoutFor(field), field, given);
    },
  });
}

/**
 * The header as a length field of its frame. Each decoder has its own field, because the field keeps the last
 * header.
 */
class HeaderField<H> implements LengthField {
  readonly maxWidth: number;
  readonly fixed: boolean;
  readonly #options: HeaderPrefixedOptions<H>;
  last: { readonly header: H } | undefined;

  constructor(options: HeaderPrefixedOptions<H>) {
    this.#options = options;
    this.maxWidth = longestHeader(options);
    this.fixed = typeof options.headerLength === 'number';
  }

  read(bytes: Uint8Array, at: number): { length: number; width: number } | undefined {
    const seen = at === 0 ? bytes : bytes.subarray(at);
    const width = this.#widthOf(seen);
    if (width === undefined || seen.length < width) {
      return undefined;
    }
    // Often the machine shows exactly the bytes of the header. Then pass that view on, without making another
    // view.
    const header = this.#options.header.parse(
      seen.length === width ? seen : seen.subarray(0, width),
    );
    this.last = { header };
    return { length: this.#options.payloadLength(header), width };
  }

  /**
   * Returns the length of the header that begins with these bytes, or `undefined` if more bytes are needed.
   */
  #widthOf(seen: Uint8Array): number | undefined {
    const { headerLength } = this.#options;
    if (typeof headerLength === 'number') {
      return headerLength;
    }
    const width: unknown = headerLength(seen);
    if (width === undefined) {
      return undefined;
    }
    if (typeof width !== 'number' || !Number.isSafeInteger(width) || width < 1) {
      throw brokenCallback(
        `headerLength gave ${kindOf(width)}, not a number of bytes or undefined.`,
      );
    }
    if (width > this.maxWidth) {
      throw malformed(
        `a header of ${width} bytes exceeds maxHeaderLength ${this.maxWidth}`,
        'If such a header is right, raise the limit on both sides.',
      );
    }
    return width;
  }

  /** Never called, because `encodable` passes the header bytes as the prefix. */
  write(): Uint8Array {
    throw new RangeError('a header is written from its value');
  }
}

class HeaderedDecoder<H> extends MachineDecoder<HeaderedFrame<H, Bytes>> {
  readonly #field: HeaderField<H>;

  constructor(layout: FrameLayout, field: HeaderField<H>, options?: DecoderOptions) {
    super(layout, options);
    this.#field = field;
  }

  take(): HeaderedFrame<H, Bytes> | undefined {
    const { machine } = this;
    if (!machine.next() || this.#field.last === undefined) {
      return undefined;
    }
    const { layout, payloadStart, payloadEnd } = machine;
    const { header } = this.#field.last;
    const payload = machine.view(payloadStart, payloadEnd);
    if (layout.trailer.ownLength === 0) {
      return { header, payload };
    }
    return { header, payload, trailer: machine.ownView(layout.trailer, payloadEnd) };
  }
}

/** Checks a value and takes it apart. Throws UsageError ERR_FRAME_UNENCODABLE before anything is written. */
function encodable<H>(
  layout: FrameLayout,
  options: HeaderPrefixedOptions<H>,
  value: HeaderedFrame<H>,
): EncodableFrame {
  if (typeof value !== 'object' || value === null || !isBytes(value.payload)) {
    throw unencodable('The value must be { header, payload } with bytes as its payload.', {
      hint: 'A frame without a payload has an empty one: new Uint8Array(0).',
    });
  }
  const { header, payload, trailer } = value;
  const { maxPayloadLength: most } = layout;
  // Do not call `write` for a payload above the limit: `fromParts` refuses that payload.
  const written = payload.length > most ? undefined : headerBytes(options, header, payload.length);
  return fromParts(layout, trailer === undefined ? { payload } : { payload, trailer }, written);
}

/** Calls `write`, and checks that the parser reads this payload length from the result. */
function headerBytes<H>(options: HeaderPrefixedOptions<H>, header: H, length: number): Uint8Array {
  const { write, payloadLength } = options;
  if (write === undefined) {
    throw unencodable('This codec was made without write(header, payloadLength).', {
      hint: 'It only decodes. Give `write`, which returns the bytes of a header.',
    });
  }
  let bytes: unknown;
  let said: unknown;
  let isWhole = false;
  try {
    bytes = write(header, length);
    isWhole = isBytes(bytes) && isWholeHeader(options, bytes);
    if (isBytes(bytes) && isWhole) {
      said = payloadLength(options.header.parse(bytes));
    }
  } catch (cause) {
    // An error of `write` or of the parser may quote the header, so it becomes the cause and is not quoted.
    throw unencodable('The header cannot be written.', { cause });
  }
  if (!isBytes(bytes) || !isWhole) {
    throw unencodable(`write did not return ${wholeHeader(options)}.`, {
      limit: longestHeader(options),
    });
  }
  if (said === length) {
    return bytes;
  }
  throw unencodable(
    `The header that was written says ${kindOf(said)} bytes, but the payload has ${length}.`,
    { length },
  );
}
