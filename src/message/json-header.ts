// The header of a message is one JSON object in strict UTF-8. The encoder and the decoder refuse every other
// header and say why. Neither repairs a header.

import { brokenCallback, bugOf } from '../codec/callbacks.ts';
import { UsageError } from '../errors.ts';
import { encodeUtf8, strictUtf8 } from '../utf8.ts';

/**
 * A header as JSON gave it: an object whose values may have any type. `parseHeader` can return a more exact
 * type.
 */
export type JsonObject = Record<string, unknown>;

/** The part of https://standardschema.dev that this package uses. Schemas of Zod, Valibot and ArkType fit. */
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

/** Function or schema that returns the header with its type, or refuses the header. */
export type ParseHeader<H> = StandardSchema<H> | ((header: JsonObject) => H);

/** The reason why a header was refused. The error ERR_MESSAGE_HEADER_INVALID has this word as `reason`. */
export type HeaderReason =
  'utf8' | 'json' | 'not-an-object' | 'nesting' | 'proto' | 'duplicate' | 'schema';

export type HeaderResult =
  | { readonly header: JsonObject }
  | { readonly reason: HeaderReason; readonly detail: string; readonly cause?: unknown };

/**
 * Maximum depth of objects and arrays inside one another; the header itself is depth 1. The decoder and the
 * encoder refuse a deeper header. `JSON.parse` reads any depth, but `JSON.stringify` and most programs that
 * walk a value recurse. Without a limit a remote could send a header that its receiver cannot send back.
 */
const MAX_NESTING = 100;

export function parseJsonHeader(bytes: Uint8Array): HeaderResult {
  const utf8 = strictUtf8();
  let text: string;
  try {
    // The decoder leaves a byte order mark in the text, and JSON.parse then refuses the text.
    text = utf8.decode(bytes);
  } catch (cause) {
    return { reason: 'utf8', detail: 'is not UTF-8', cause };
  }
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    // Leave the cause out, because V8 quotes the text of the header in the message of the cause.
    return { reason: 'json', detail: 'is not JSON' };
  }
  if (!isPlainObject(header)) {
    return { reason: 'not-an-object', detail: 'is JSON but not an object' };
  }
  if (isNestedTooDeeply(text)) {
    return { reason: 'nesting', detail: `is nested more than ${MAX_NESTING} deep` };
  }
  const keys = countKeys(text, header);
  if (keys === undefined) {
    return { reason: 'proto', detail: "has a key '__proto__'" };
  }
  if (countColons(text) !== keys && shapeOf(text).colons !== keys) {
    return { reason: 'duplicate', detail: 'has a key twice in one object' };
  }
  return { header };
}

/**
 * Encodes a header as JSON. Throws UsageError ERR_FRAME_UNENCODABLE for a header that the decoder would
 * refuse.
 */
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
  if (isNestedTooDeeply(text)) {
    throw new UsageError(
      'ERR_FRAME_UNENCODABLE',
      `The header is nested more than ${MAX_NESTING} deep.`,
      {
        hint: 'Every reader of this package would refuse the header. Put the value into the body.',
      },
    );
  }
  if (mayNameProto(text) && countNested(JSON.parse(text)) === undefined) {
    throw new UsageError('ERR_FRAME_UNENCODABLE', "The header has a key '__proto__'.", {
      hint: 'Every reader of this package would refuse the header.',
    });
  }
  return encodeUtf8(text);
}

/**
 * Applies `parseHeader`. Returns the typed header, or words that say how `parseHeader` refused the header.
 * Throws UsageError when `parseHeader` has a bug, because a bug is not the fault of the remote, whatever
 * header triggers the bug.
 */
export function applyParseHeader<H>(
  parseHeader: ParseHeader<H>,
  header: JsonObject,
): { readonly value: H } | { readonly detail: string; readonly cause?: unknown } {
  try {
    const result: SchemaResult<H> | Promise<SchemaResult<H>> =
      '~standard' in parseHeader
        ? parseHeader['~standard'].validate(header)
        : { value: parseHeader(header) };
    if (result instanceof Promise) {
      throw asynchronous(result);
    }
    // The issues may quote the header, and the message of an error must not. So the issues become the cause.
    if (result.issues !== undefined) {
      return { detail: 'was refused by its schema', cause: result.issues };
    }
    if (result.value instanceof Promise) {
      throw asynchronous(result.value);
    }
    return { value: result.value };
  } catch (cause) {
    const bug = bugOf('parseHeader', cause);
    if (bug !== undefined) {
      throw bug;
    }
    return { detail: 'was refused by parseHeader', cause };
  }
}

/**
 * Makes the error for a `parseHeader` that returns a promise. Nothing awaits the promise, so this function
 * catches its rejection: an unhandled rejection would end the process.
 */
function asynchronous(result: Promise<unknown>): UsageError {
  result.catch(() => undefined);
  return brokenCallback('parseHeader returned a promise, but must return the header at once.');
}

export function isPlainObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Returns whether a JSON text may have the key `__proto__`: the text has the key in plain letters, or has a
 * `\u` escape. This check is cheap and comes first.
 */
function mayNameProto(text: string): boolean {
  return text.includes('__proto__') || text.includes('\\u');
}

// How duplicate keys are found. Outside of strings a colon stands only after a key. JSON.parse keeps the last
// of several equal keys, even if they are escaped differently. So if the text has more colons outside of
// strings than the parsed value has keys, the text has a key twice. Counting needs no recursion and no
// copies. Nearly all headers have no colon in a string, and then counting all colons is enough (a tenth of
// the time of JSON.parse).

function countColons(text: string): number {
  return countUpTo(text, ':', Infinity);
}

/**
 * Returns whether braces and brackets are nested deeper than MAX_NESTING. A text with few opening braces and
 * brackets cannot be deep, so for nearly every header it is enough to count these.
 */
function isNestedTooDeeply(text: string): boolean {
  const opening = countUpTo(text, '{', MAX_NESTING + 1) + countUpTo(text, '[', MAX_NESTING + 1);
  return opening > MAX_NESTING && shapeOf(text).depth > MAX_NESTING;
}

/** Returns how often a character occurs in a text. The count stops at `limit`. */
function countUpTo(text: string, character: string, limit: number): number {
  let count = 0;
  let at = text.indexOf(character);
  while (at >= 0 && count < limit) {
    count++;
    at = text.indexOf(character, at + 1);
  }
  return count;
}

const QUOTE = 34;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/**
 * Returns the number of colons in a JSON text outside of its strings, and the depth of its braces and
 * brackets.
 */
function shapeOf(text: string): { readonly colons: number; readonly depth: number } {
  let colons = 0;
  let open = 0;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      inString = !inString;
    } else if (inString) {
      i += code === BACKSLASH ? 1 : 0;
    } else if (code === COLON) {
      colons++;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth = Math.max(depth, ++open);
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      open--;
    }
  }
  return { colons, depth };
}

/**
 * Returns the number of keys in all objects of a header, at any depth, or `undefined` if a key is
 * `__proto__`.
 */
function countKeys(text: string, header: JsonObject): number | undefined {
  if (Object.hasOwn(header, '__proto__')) {
    return undefined;
  }
  const count = Object.keys(header).length;
  // A header without a second opening brace has no other object inside.
  return text.includes('{', text.indexOf('{') + 1) ? countNested(header) : count;
}

/**
 * The slow path of `countKeys`, for a header with objects inside. The function keeps a list of open objects
 * and does not recurse.
 */
function countNested(root: object): number | undefined {
  let count = 0;
  const open: object[] = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (!Array.isArray(value)) {
      if (Object.hasOwn(value, '__proto__')) {
        return undefined;
      }
      count += Object.keys(value).length;
    }
    // Push the values one by one. A single call with many arguments would overflow the stack.
    for (const one of Array.isArray(value) ? value : Object.values(value)) {
      if (typeof one === 'object' && one !== null) {
        open.push(one);
      }
    }
  }
  return count;
}
