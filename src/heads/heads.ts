// The heads of well-known formats. They are declared with binary-parser in test/heads/declarations.ts, and
// compiled into compiled.ts. So this file needs neither that package nor `eval`.

import { COMPILED } from './compiled.ts';
import { fieldsOf } from './fields.ts';
import type { HeadField } from './head-field.ts';

/** Names of the formats that have a declared head. */
export const HEAD_NAMES: readonly string[] = [
  ...new Set(Object.keys(COMPILED).map((name) => name.split(' ')[0] ?? name)),
];

/**
 * The escape byte of each format with a declared head that escapes its frames. A head with an escape byte in
 * it cannot be read, because its fields have moved.
 */
const ESCAPED: Readonly<Record<string, number>> = { jtt808: 0x7d };
/** Number of bytes at the front of a frame that must not contain the escape byte. */
const ESCAPED_HEAD = 17;

/** The first bytes of a frame, and the place of the frame in its stream. */
export interface FrameHead {
  readonly direction: 'a>b' | 'b>a';
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly payloadOffset: number;
}

/**
 * Returns the fields of the head of a frame. Returns `undefined` if the format has no declared head, or if
 * the head is unreadable.
 */
export function headOf(format: string, frame: FrameHead): readonly HeadField[] | undefined {
  const head = headFor(`${format} ${frame.direction}`) ?? headFor(format);
  if (head === undefined) {
    return undefined;
  }
  const escape = ESCAPED[format];
  if (escape === undefined) {
    return fieldsOf(head, frame.bytes, frame.offset);
  }
  // Read from the payload on, because the marker before the payload may belong to the frame before.
  const plain = frame.bytes.subarray(frame.payloadOffset - frame.offset);
  const isEscaped = plain.subarray(0, ESCAPED_HEAD).includes(escape);
  return isEscaped ? undefined : fieldsOf(head, plain, frame.payloadOffset);
}

function headFor(name: string): (typeof COMPILED)[string] | undefined {
  return Object.hasOwn(COMPILED, name) ? COMPILED[name] : undefined;
}
