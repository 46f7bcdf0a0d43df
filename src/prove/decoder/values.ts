// Values of any decoder: compares them by what they hold, and shows them in one line. This file is pure.

import { joinBytes } from '../../schedule/pieces.ts';
import { printable } from '../../text.ts';

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Returns the kind of an object that does not hold its value in fields, such as `[object Date]`. */
function kindOf(value: object): string {
  return Object.prototype.toString.call(value);
}

/**
 * Returns what an object holds besides its fields, or `undefined` if there is nothing else, or nothing that
 * can be seen.
 */
function contentOf(value: object): unknown {
  if (value instanceof Map || value instanceof Set) {
    return [...value];
  }
  if (value instanceof ArrayBuffer) {
    return new Uint8Array(value);
  }
  if (value instanceof DataView) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  if (value instanceof Date) {
    return value.getTime();
  }
  if (value instanceof Error) {
    return [value.name, value.message];
  }
  if (value instanceof RegExp) {
    return String(value);
  }
  // Other classes with nothing to see, such as URL and `new Number(5)`, may give their value as JSON or as it is.
  for (const verb of Object.keys(value).length === 0 ? ['toJSON', 'valueOf'] : []) {
    const give: unknown = Reflect.get(value, verb);
    const plain: unknown = typeof give === 'function' ? give.call(value) : undefined;
    if (plain !== undefined && !isObject(plain)) {
      return plain;
    }
  }
  return undefined;
}

/**
 * Returns whether two values hold the same. Of objects it compares the kind (array, Map, Date), what they
 * hold, and the fields. Objects of two different classes of the caller count as one kind.
 */
export function sameValue(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) {
    return true;
  }
  if (!isObject(one) || !isObject(other)) {
    return false;
  }
  if (one instanceof Uint8Array || other instanceof Uint8Array) {
    return one instanceof Uint8Array && other instanceof Uint8Array && sameBytes(one, other);
  }
  if (kindOf(one) !== kindOf(other) || !sameValue(contentOf(one), contentOf(other))) {
    return false;
  }
  const fields = new Map(Object.entries(one));
  const others = Object.entries(other);
  return (
    fields.size === others.length &&
    others.every(([key, value]) => fields.has(key) && sameValue(fields.get(key), value))
  );
}

/**
 * Returns the values of a list joined to one text: strings as they are, bytes as numbers. Returns `undefined`
 * if the list holds other values, or both kinds. Two lists with the same text differ only in where they are
 * cut.
 */
export function joinedValues(values: readonly unknown[]): string | undefined {
  if (values.every((value) => typeof value === 'string')) {
    return values.join('');
  }
  const bytes = values.filter((value) => value instanceof Uint8Array);
  return bytes.length === values.length ? joinBytes(bytes).join(' ') : undefined;
}

/**
 * Options of `printable` for a value that is no string. Quotes would make such a value look like a string.
 */
const WHOLE_LINE = { quotes: false };

const hexByte = (byte: number): string => byte.toString(16).padStart(2, '0');

/**
 * Maximum number of bytes that are drawn whole. Of more bytes, so many are drawn at the start (`head`) and at
 * the end (`tail`).
 */
const DRAWN = { whole: 24, head: 12, tail: 6 };

/** Draws bytes as `00 00 05`. Of more than 24 bytes, draws only the first 12 and the last 6. */
function drawBytes(bytes: Uint8Array): string {
  if (bytes.length === 0) {
    return '(empty)';
  }
  const hex = Array.from(bytes.subarray(0, DRAWN.whole), hexByte);
  if (bytes.length <= DRAWN.whole) {
    return hex.join(' ');
  }
  const tail = Array.from(bytes.subarray(-DRAWN.tail), hexByte);
  const between = bytes.length - DRAWN.head - DRAWN.tail;
  return [...hex.slice(0, DRAWN.head), `… ${between} bytes …`, ...tail].join(' ');
}

/** Draws chunks as `00 00 | 00 05`. */
export function drawChunks(chunks: readonly Uint8Array[]): string {
  return chunks.length === 0 ? '(no chunk)' : chunks.map(drawBytes).join(' | ');
}

/** Draws a value in one line. */
export function drawValue(value: unknown): string {
  if (value instanceof Uint8Array) {
    return `<${drawBytes(value)}>`;
  }
  if (typeof value === 'string') {
    return printable(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(drawValue).join(', ')}]`;
  }
  if (value instanceof Error) {
    return printable(`${value.name}: ${value.message}`, WHOLE_LINE);
  }
  if (!isObject(value)) {
    return printable(String(value), WHOLE_LINE);
  }
  const content = contentOf(value);
  if (content !== undefined) {
    return `${kindOf(value).slice('[object '.length, -1)}(${drawValue(content)})`;
  }
  const fields = Object.entries(value).map(
    ([key, field]) => `${printable(key, WHOLE_LINE)}: ${drawValue(field)}`,
  );
  return `{ ${fields.join(', ')} }`;
}

/** Maximum number of values that are drawn of a list. */
const DRAWN_VALUES = 6;

/** Draws a list of values in one line. */
export function drawValues(values: readonly unknown[]): string {
  if (values.length === 0) {
    return 'no value';
  }
  const shown = values.slice(0, DRAWN_VALUES).map(drawValue).join(', ');
  const more = values.length - DRAWN_VALUES;
  return more > 0 ? `${shown}, and ${more} more` : shown;
}
