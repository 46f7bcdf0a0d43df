// The options of the message codecs, checked, and what their encoders share: a head, and pieces.
//
// ┌ 4 bytes ───────┬ that many bytes ─────────────────────┬ header.bodyLength bytes ┐
// │ header length  │ header: one JSON object, UTF-8       │ body: any bytes         │
// └────────────────┴──────────────────────────────────────┴─────────────────────────┘

import type { FrameCodec } from '../codec/codec.ts';
import { checkRoom, lengthOf } from '../codec/frame-encoder.ts';
import { unencodable } from '../codec/frame-errors.ts';
import { frameLayout } from '../codec/frame-layout.ts';
import type { FrameLayout } from '../codec/frame-layout.ts';
import type { LengthField, LengthPrefix } from '../codec/length-field.ts';
import { lengthPrefixed } from '../codec/length-prefixed.ts';
import { checkOptionNames, UsageError } from '../errors.ts';
import { encodeJsonHeader, isPlainObject } from './json-header.ts';
import type { JsonObject, ParseHeader } from './json-header.ts';

export interface MessageOptions<H = JsonObject> {
  /** How the header length is written. Default 'u32be'. */
  readonly prefix?: LengthPrefix | LengthField | undefined;
  /** The key of the header that holds the length of the body in bytes. Default 'bodyLength'. */
  readonly bodyLengthKey?: string | undefined;
  /** The longest header in bytes; longer is ERR_MESSAGE_HEADER_TOO_LARGE. Default 64 KiB. */
  readonly maxHeaderLength?: number | undefined;
  /**
   * The longest body in bytes; longer is ERR_BODY_TOO_LARGE. Default 16 MiB where whole bodies are
   * held in memory, 2^53-1 where they are streamed.
   */
  readonly maxBodyLength?: number | undefined;
  /** Checks the header and gives it its type: a function that throws, or any Standard Schema. */
  readonly parseHeader?: ParseHeader<H> | undefined;
}

/** Options whose parseHeader gives the header its type. */
export type TypedOptions<H> = MessageOptions<H> & { readonly parseHeader: ParseHeader<H> };

export interface MessageLayout<H> {
  readonly head: FrameLayout;
  readonly headCodec: FrameCodec;
  readonly bodyLengthKey: string;
  readonly maxBodyLength: number;
  readonly parseHeader: ParseHeader<H> | undefined;
}

/** 64 KiB: four times what Node's http allows all headers of a request together. */
const DEFAULT_MAX_HEADER_LENGTH = 64 * 1024;
export const DEFAULT_BODY_LENGTH_KEY = 'bodyLength';
export const messageOptionNames: readonly string[] = [
  'prefix',
  'bodyLengthKey',
  'maxHeaderLength',
  'maxBodyLength',
  'parseHeader',
];

/** Throws UsageError ERR_OPTION when options are misspelt, out of range, or contradict each other. */
export function messageLayout<H>(
  options: MessageOptions<H>,
  defaultMaxBodyLength: number,
): MessageLayout<H> {
  checkOptionNames('The message codec', options, messageOptionNames);
  const { prefix = 'u32be', bodyLengthKey = DEFAULT_BODY_LENGTH_KEY, parseHeader } = options;
  const { maxHeaderLength = DEFAULT_MAX_HEADER_LENGTH, maxBodyLength = defaultMaxBodyLength } =
    options;
  if (typeof bodyLengthKey !== 'string' || bodyLengthKey === '' || bodyLengthKey === '__proto__') {
    refuse('bodyLengthKey must be a key of the header.');
  }
  if (!Number.isSafeInteger(maxHeaderLength) || maxHeaderLength < 2) {
    refuse(
      `maxHeaderLength must be at least 2 bytes, not ${String(maxHeaderLength)}.`,
      'The shortest header is {}.',
    );
  }
  if (!Number.isSafeInteger(maxBodyLength) || maxBodyLength < 0) {
    refuse(
      `maxBodyLength must be a whole number of bytes from 0 to 2^53-1, not ${String(maxBodyLength)}.`,
    );
  }
  if (parseHeader !== undefined && !isParser(parseHeader)) {
    refuse('parseHeader must be a function or a Standard Schema.');
  }
  const frame = { prefix, maxPayloadLength: maxHeaderLength };
  const head = frameLayout(frame);
  const headCodec = lengthPrefixed(frame);
  return Object.freeze({ head, headCodec, bodyLengthKey, maxBodyLength, parseHeader });
}

function isParser(given: unknown): boolean {
  return typeof given === 'function' || (isPlainObject(given) && '~standard' in given);
}

function refuse(facts: string, hint?: string): never {
  throw new UsageError('ERR_OPTION', facts, { hint });
}

/** The header bytes of a message with a body of `bodyLength` bytes, which is written into the header. */
export function headerBytes<H>(
  layout: MessageLayout<H>,
  header: JsonObject,
  bodyLength: number,
): Uint8Array {
  const { bodyLengthKey, maxBodyLength } = layout;
  if (!isPlainObject(header)) throw unencodable('The header must be a JSON object.');
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
      `header.${bodyLengthKey} is ${String(declared)}, but the body has ${bodyLength} bytes.`,
      {
        length: bodyLength,
        hint: 'Leave the key out and it is filled in.',
      },
    );
  }
  if (typeof fields['toJSON'] === 'function')
    throw unencodable('The header has a toJSON function, which could leave its body length out.');
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

/** The fields of a header, read once: a getter of the caller's may throw. */
function fieldsOf(header: JsonObject): JsonObject {
  try {
    return { ...header };
  } catch (cause) {
    throw unencodable('The header cannot be read.', { cause });
  }
}

/** Writes pieces one behind the other; refuses before the first when they do not all fit. */
export function writePieces(pieces: Uint8Array[], target: Uint8Array, offset: number): number {
  checkRoom(target, offset, lengthOf(pieces));
  let at = offset;
  for (const piece of pieces) {
    target.set(piece, at);
    at += piece.length;
  }
  return at;
}
