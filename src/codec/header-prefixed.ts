// headerPrefixed(): frames with a binary header of fixed length that holds more than a length. The header
// is declared with binary-parser, or anything else that parses bytes. It is parsed once for each frame,
// when all of it has come: with too few bytes a parser may return short fields without an error.

import type { Bytes } from './byte-types.ts';
import { isBytes } from './bytes.ts';
import type { DecoderOptions, MeasuringCodec } from './codec.ts';
import { MachineDecoder } from './frame-decoder.ts';
import { encodedLength, encodePieces, fromParts } from './frame-encoder.ts';
import type { EncodableFrame } from './frame-encoder.ts';
import { kindOf, unencodable } from './frame-errors.ts';
import { frameLayout } from './frame-layout.ts';
import type { FrameLayout } from './frame-layout.ts';
import { checkHeaderOptions, checkRoundTrip } from './header-options.ts';
import type { HeaderPrefixedOptions } from './header-options.ts';
import type { LengthField } from './length-field.ts';

export interface HeaderedFrame<H, B extends Uint8Array = Uint8Array> {
  readonly header: H;
  readonly payload: B;
}

/**
 * Makes a codec of frames `header | payload`, whose values are `{ header, payload }`. binary-parser
 * generates code, so declare the parser in your program, never from a file or from the network.
 */
export function headerPrefixed<H>(
  options: HeaderPrefixedOptions<H>,
): MeasuringCodec<HeaderedFrame<H>, HeaderedFrame<H, Bytes>> {
  checkHeaderOptions(options);
  const limit =
    options.maxPayloadLength === undefined ? {} : { maxPayloadLength: options.maxPayloadLength };
  const layoutFor = (field: LengthField): FrameLayout => frameLayout({ ...limit, prefix: field });
  const layout = layoutFor(new HeaderField(options));
  checkRoundTrip(options, layout.maxPayloadLength);
  const check = (value: HeaderedFrame<H>): EncodableFrame => encodable(layout, options, value);
  // To measure a value is to write its header, so this codec has no encodeInto.
  return Object.freeze({
    encode: (value: HeaderedFrame<H>) => encodePieces(layout, check(value)),
    encodedLength: (value: HeaderedFrame<H>) => encodedLength(layout, check(value)),
    decoder: (given?: DecoderOptions) => {
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
    if (bytes.length - at < width) {
      return undefined;
    }
    // The machine already shows a view of just the header, so it need not be cut again.
    const isAll = at === 0 && bytes.length === width;
    const header = this.#options.header.parse(isAll ? bytes : bytes.subarray(at, at + width));
    this.last = { header };
    return { length: this.#options.payloadLength(header), width };
  }

  /** Never called: `encodable` passes the header bytes as the prefix. */
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
    const payload = machine.view(machine.payloadStart, machine.payloadEnd);
    return { header: this.#field.last.header, payload };
  }
}

/** Takes a value apart; throws UsageError ERR_FRAME_UNENCODABLE before anything is written. */
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
  const { header, payload } = value;
  const { maxPayloadLength: most } = layout;
  // `fromParts` refuses a payload above the limit, so `write` need not handle such a length.
  const written = payload.length > most ? undefined : headerBytes(options, header, payload.length);
  return fromParts(layout, { payload }, written);
}

function headerBytes<H>(options: HeaderPrefixedOptions<H>, header: H, length: number): Uint8Array {
  const { write, headerLength, payloadLength } = options;
  if (write === undefined) {
    throw unencodable('This codec was made without write(header, payloadLength).', {
      hint: 'It only decodes. Give `write`, which returns the bytes of a header.',
    });
  }
  let bytes: unknown;
  let said: unknown;
  try {
    bytes = write(header, length);
    if (isBytes(bytes) && bytes.length === headerLength) {
      said = payloadLength(options.header.parse(bytes));
    }
  } catch (cause) {
    // An error of `write` or of the parser may quote the header, so it is the cause and is not quoted.
    throw unencodable('The header cannot be written.', { cause });
  }
  if (!isBytes(bytes) || bytes.length !== headerLength) {
    throw unencodable(`write did not return the ${headerLength} bytes of a header.`, {
      limit: headerLength,
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
