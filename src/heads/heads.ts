// The heads of well-known formats. They are declared with binary-parser in test/heads/declarations.ts, and
// compiled into compiled.ts, so that nothing here needs that package or `eval`.

import { COMPILED } from './compiled.ts';
import { fieldsOf } from './fields.ts';
import type { HeadField } from './head-field.ts';

/** Names of the formats that have a head. */
export const HEAD_NAMES: readonly string[] = [
  ...new Set(Object.keys(COMPILED).map((name) => name.split(' ')[0] ?? name)),
];

/** The escape byte of each format whose frames are escaped. A head that holds it cannot be read in place. */
const ESCAPED: Readonly<Record<string, number>> = { jtt808: 0x7d };
/** Number of first bytes that must hold no escape byte. */
const ESCAPED_HEAD = 17;

/** The first bytes of a frame, and where the frame lies in its stream. */
export interface FrameHead {
  readonly direction: 'a>b' | 'b>a';
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly payloadOffset: number;
}

/**
 * The fields of the head of a frame. `undefined` if the format has no declared head, or the head is
 * unreadable.
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
  // Read from the payload on, because the marker before it may belong to the frame before.
  const plain = frame.bytes.subarray(frame.payloadOffset - frame.offset);
  const isEscaped = plain.subarray(0, ESCAPED_HEAD).includes(escape);
  return isEscaped ? undefined : fieldsOf(head, plain, frame.payloadOffset);
}

function headFor(name: string): (typeof COMPILED)[string] | undefined {
  return Object.hasOwn(COMPILED, name) ? COMPILED[name] : undefined;
}
