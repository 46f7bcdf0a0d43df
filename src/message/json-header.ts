// The header of a message: one JSON object in UTF-8, strictly. Nothing here repairs anything: a header
// that is not exactly that is refused with the reason, on both sides.

import { UsageError } from '../errors.ts';

/** A JSON object as it comes off the wire, before `parseHeader` has given it a better type. */
export type JsonObject = Record<string, unknown>;

/** The part of https://standardschema.dev that is used: Zod, Valibot, ArkType and others have it. */
export interface StandardSchema<H> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    validate(value: unknown): SchemaResult<H> | Promise<SchemaResult<H>>;
    readonly types?: { readonly input: unknown; readonly output: H } | undefined;
  };
}

type SchemaResult<H> =
  | { readonly value: H; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] };

/** Gives the header its type, or throws. */
export type ParseHeader<H> = StandardSchema<H> | ((header: JsonObject) => H);

/** Why a header was refused: `reason` of ERR_MESSAGE_HEADER_INVALID. */
export type HeaderReason = 'utf8' | 'json' | 'not-an-object' | 'proto' | 'schema';

export type HeaderResult =
  | { readonly header: JsonObject }
  | { readonly reason: HeaderReason; readonly detail: string; readonly cause?: unknown };

// ignoreBOM keeps a byte order mark in the text, where JSON.parse then refuses it.
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf8 = new TextEncoder();

export function parseJsonHeader(bytes: Uint8Array): HeaderResult {
  let text: string;
  try {
    text = strictUtf8.decode(bytes);
  } catch (cause) {
    return { reason: 'utf8', detail: 'is not UTF-8', cause };
  }
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    // The cause is left out: V8 quotes the text in it.
    return { reason: 'json', detail: 'is not JSON' };
  }
  if (!isPlainObject(header))
    return { reason: 'not-an-object', detail: 'is JSON but not an object' };
  if (mayNameProto(text) && hasProtoKey(header)) {
    return { reason: 'proto', detail: "has a key '__proto__'" };
  }
  return { header };
}

/** The bytes of a header. UsageError ERR_FRAME_UNENCODABLE when it is not a JSON object. */
export function encodeJsonHeader(header: JsonObject): Uint8Array {
  let text: string | undefined;
  try {
    text = JSON.stringify(header);
  } catch (cause) {
    throw new UsageError('ERR_FRAME_UNENCODABLE', 'The header cannot be written as JSON.', {
      cause,
    });
  }
  if (text === undefined || !text.startsWith('{')) {
    throw new UsageError('ERR_FRAME_UNENCODABLE', 'The header must be a JSON object.');
  }
  if (mayNameProto(text) && hasProtoKey(JSON.parse(text))) {
    throw new UsageError('ERR_FRAME_UNENCODABLE', "The header has a key '__proto__'.", {
      hint: 'Every reader of this package would refuse it.',
    });
  }
  return utf8.encode(text);
}

/** Applies `parseHeader`. What it throws or reports comes back as the reason `schema`. */
export function applyParseHeader<H>(
  parseHeader: ParseHeader<H>,
  header: JsonObject,
): { readonly value: H } | { readonly detail: string; readonly cause?: unknown } {
  try {
    const result: SchemaResult<H> | Promise<SchemaResult<H>> =
      '~standard' in parseHeader
        ? parseHeader['~standard'].validate(header)
        : { value: parseHeader(header) };
    if (result instanceof Promise) return asynchronous(result);
    // The issues are the cause: they may quote the header, and the message may not.
    if (result.issues !== undefined)
      return { detail: 'was refused by its schema', cause: result.issues };
    return result.value instanceof Promise ? asynchronous(result.value) : { value: result.value };
  } catch (cause) {
    return { detail: 'was refused by parseHeader', cause };
  }
}

/** A verdict that comes later comes too late. It is not awaited, so its failure must not be unhandled. */
function asynchronous(result: Promise<unknown>): { readonly detail: string } {
  result.catch(() => undefined);
  return { detail: 'has an asynchronous parseHeader, which cannot be used here' };
}

export function isPlainObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A cheap first look: the key can only be there in plain letters or with an escape in it. */
function mayNameProto(text: string): boolean {
  return text.includes('__proto__') || text.includes('\\u');
}

/** Walks with a stack of its own: JSON.parse accepts deeper nesting than recursion does. */
function hasProtoKey(root: unknown): boolean {
  const open: unknown[] = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    if (Object.hasOwn(value, '__proto__')) return true;
    // One by one: as arguments of a single call, many elements would overflow the stack.
    for (const one of Object.values(value))
      if (typeof one === 'object' && one !== null) open.push(one);
  }
  return false;
}
