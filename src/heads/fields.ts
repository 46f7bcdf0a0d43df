// Reads the fields of a head with a parser that also saves the offsets of its fields.

import type { FieldPlan, HeadField, PlannedHead } from './head-field.ts';

/**
 * Number of bytes from the front of a frame that are kept at least for the parser of a head. A shorter frame
 * is kept whole.
 */
export const HEAD_BYTES = 256;
/** Maximum length in characters of a value that is text. */
const MAX_TEXT = 400;

/**
 * Reads the head of a frame. `offset` is the offset of `bytes` in the stream. Returns `undefined` if the
 * parser refuses the bytes, or needs more bytes than there are: a frame whose head is unreadable is no error.
 */
export function fieldsOf(
  { plan, read }: PlannedHead,
  bytes: Uint8Array,
  offset: number,
): readonly HeadField[] | undefined {
  try {
    return fieldsIn(read(bytes), plan, { offset, end: offset + bytes.length });
  } catch {
    return undefined;
  }
}

/** The offsets in the stream at which the bytes of the head begin and end. */
interface Bounds {
  readonly offset: number;
  readonly end: number;
}

function fieldsIn(head: object, plan: readonly FieldPlan[], bounds: Bounds): readonly HeadField[] {
  return plan.flatMap((one) => {
    const from = placeIn(head, one.from, bounds.offset);
    const to = placeIn(head, one.to, bounds.offset);
    const given: unknown = Reflect.get(head, one.name);
    if (from === undefined || to === undefined || given === undefined || to > bounds.end) {
      return [];
    }
    const value =
      one.inside !== undefined && typeof given === 'object' && given !== null
        ? fieldsIn(given, one.inside, bounds)
        : plainValue(given);
    return [{ name: one.name, offset: from, length: to - from, value }];
  });
}

function placeIn(head: object, name: string, offset: number): number | undefined {
  const at: unknown = Reflect.get(head, name);
  return typeof at === 'number' ? offset + at : undefined;
}

/** Returns the value as a number, a boolean or a text, as HeadField describes. */
function plainValue(given: unknown): number | string | boolean {
  if (typeof given === 'number' || typeof given === 'boolean') {
    return given;
  }
  const text = given instanceof Uint8Array ? toHex(given) : asText(given);
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

function toHex(bytes: Uint8Array): string {
  const shown = bytes.subarray(0, MAX_TEXT);
  return Array.from(shown, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function asText(given: unknown): string {
  if (typeof given === 'string' || typeof given === 'bigint') {
    return String(given);
  }
  return (
    JSON.stringify(given, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    ) ?? ''
  );
}
