// Checks the options of the message codecs, and makes the header of a message for their encoders. With the
// default options a message is:
//
// ┌ 4 bytes ───────┬ that many bytes ─────────────────────┬ header.bodyLength bytes ┐
// │ header length  │ header: one JSON object, UTF-8       │ body: any bytes         │
// └────────────────┴──────────────────────────────────────┴─────────────────────────┘

import type { FrameCodec } from '../codec/codec.ts';
import { kindOf, unencodable } from '../codec/frame-errors.ts';
import { frameLayout } from '../codec/frame-layout.ts';
import type { FrameLayout } from '../codec/frame-layout.ts';
import type { LengthField } from '../codec/length-field.ts';
import type { LengthPrefix } from '../codec/prefixes.ts';
import { lengthPrefixed } from '../codec/length-prefixed.ts';
import { checkNames, refuse, refuseValue, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { encodeJsonHeader, isPlainObject } from './json-header.ts';
import type { JsonObject, ParseHeader } from './json-header.ts';
import { quantity } from '../text.ts';

/** Options of `messages` and `messageParts`. */
export interface MessageOptions<H = JsonObject> {
  /** Format of the length prefix, which counts the bytes of the header. Default 'u32be'. */
  readonly prefix?: LengthPrefix | LengthField | undefined;
  /** Key of the header that holds the length of the body in bytes. Default 'bodyLength'. */
  readonly bodyLengthKey?: string | undefined;
  /**
   * Maximum length of a header in bytes. Reading a longer header fails with ERR_MESSAGE_HEADER_TOO_LARGE,
   * writing a longer header with ERR_FRAME_UNENCODABLE. Default 64 KiB.
   */
  readonly maxHeaderLength?: number | undefined;
  /**
   * Maximum length of a body in bytes. Reading a longer body fails with ERR_BODY_TOO_LARGE; a decoder with
   * `onSkip` skips that message instead. Writing a longer body fails with ERR_FRAME_UNENCODABLE. Default 16
   * MiB for `messages`, and 2^53-1 for `messageParts`.
   */
  readonly maxBodyLength?: number | undefined;
  /**
   * Function or Standard Schema that checks the header and returns it with its type. A function refuses a
   * header by throwing an Error, a schema by reporting issues. Then reading fails with
   * ERR_MESSAGE_HEADER_INVALID, reason 'schema'. A TypeError or ReferenceError counts as a bug of the
   * function, so then reading fails with UsageError ERR_OPTION. Default: none, and the header stays a
   * JsonObject.
   */
  readonly parseHeader?: ParseHeader<H> | undefined;
}

/** Options with a `parseHeader`, whose result decides the type of the header. */
export type TypedOptions<H> = MessageOptions<H> & { readonly parseHeader: ParseHeader<H> };

export interface MessageLayout<H> {
  readonly head: FrameLayout;
  readonly headCodec: FrameCodec;
  readonly bodyLengthKey: string;
  readonly maxBodyLength: number;
  readonly parseHeader: ParseHeader<H> | undefined;
}

/**
 * Default of `maxHeaderLength`: 64 KiB, which is four times the length that Node's http allows for all
 * headers of a request together.
 */
const DEFAULT_MAX_HEADER_LENGTH = 64 * 1024;
export const DEFAULT_BODY_LENGTH_KEY = 'bodyLength';
const MESSAGE_NAMES: OptionNames<MessageOptions> = {
  prefix: true,
  bodyLengthKey: true,
  maxHeaderLength: true,
  maxBodyLength: true,
  parseHeader: true,
};

/** Returns the options with their defaults, and the codec of heads. Throws UsageError ERR_OPTION. */
export function messageLayout<H>(
  options: MessageOptions<H>,
  defaultMaxBodyLength: number,
): MessageLayout<H> {
  checkNames('The message codec', options, MESSAGE_NAMES);
  const { prefix = 'u32be', bodyLengthKey = DEFAULT_BODY_LENGTH_KEY, parseHeader } = options;
  if (typeof bodyLengthKey !== 'string' || bodyLengthKey === '' || bodyLengthKey === '__proto__') {
    refuseValue('bodyLengthKey', 'a key of the header', bodyLengthKey);
  }
  const { maxHeaderLength = DEFAULT_MAX_HEADER_LENGTH } = options;
  if (maxHeaderLength === 0 || maxHeaderLength === 1) {
    refuse(
      `maxHeaderLength must be at least 2 bytes, not ${maxHeaderLength}.`,
      'The shortest header is {}.',
    );
  }
  const maxBodyLength = whole('maxBodyLength', options.maxBodyLength ?? defaultMaxBodyLength);
  if (parseHeader !== undefined && !isParser(parseHeader)) {
    refuseValue('parseHeader', 'a function or a Standard Schema', parseHeader);
  }
  const frame = { prefix, maxPayloadLength: whole('maxHeaderLength', maxHeaderLength) };
  const head = frameLayout(frame);
  const headCodec = lengthPrefixed(frame);
  return Object.freeze({ head, headCodec, bodyLengthKey, maxBodyLength, parseHeader });
}

function isParser(given: unknown): boolean {
  return typeof given === 'function' || (isPlainObject(given) && '~standard' in given);
}

/**
 * Encodes the header of a message, with the length of the body in it. Throws UsageError ERR_FRAME_UNENCODABLE
 * for a header or a length that a decoder would refuse.
 */
export function headerBytes<H>(
  layout: MessageLayout<H>,
  header: JsonObject,
  bodyLength: number,
): Uint8Array {
  const { bodyLengthKey, maxBodyLength } = layout;
  if (!isPlainObject(header)) {
    throw unencodable('The header must be a JSON object.');
  }
  if (!Number.isSafeInteger(bodyLength) || bodyLength < 0) {
    throw unencodable(`A body length must be a whole number from 0 to 2^53-1, not ${bodyLength}.`);
  }
  if (bodyLength > maxBodyLength) {
    const limits = { length: bodyLength, limit: maxBodyLength };
    throw unencodable(
      `A body of ${bodyLength} bytes exceeds maxBodyLength ${maxBodyLength}.`,
      limits,
    );
  }
  const fields = fieldsOf(header);
  const declared = Object.hasOwn(fields, bodyLengthKey) ? fields[bodyLengthKey] : bodyLength;
  if (declared !== bodyLength) {
    throw unencodable(
      `header.${bodyLengthKey} is ${kindOf(declared)}, but the body has ${quantity(bodyLength, 'byte')}.`,
      {
        length: bodyLength,
        hint: 'Leave the key out, because the codec fills it in.',
      },
    );
  }
  if (typeof fields['toJSON'] === 'function') {
    throw unencodable('The header has a toJSON function, which could leave its body length out.');
  }
  fields[bodyLengthKey] = bodyLength;
  const bytes = encodeJsonHeader(fields);
  const limit = layout.head.maxPayloadLength;
  if (bytes.length > limit) {
    throw unencodable(`A header of ${bytes.length} bytes exceeds maxHeaderLength ${limit}.`, {
      length: bytes.length,
      limit,
    });
  }
  return bytes;
}

/**
 * Copies the fields of a header, so that each field is read once. If a getter throws, throws the error of
 * this package.
 */
function fieldsOf(header: JsonObject): JsonObject {
  try {
    return { ...header };
  } catch (cause) {
    throw unencodable('The header cannot be read.', { cause });
  }
}
