// Escape maps describe how a payload is written so that no byte of it looks like a marker. A map is data.
// When the codec is made, the map becomes tables for encoder and decoder.

import { checkNames, refuse, refuseValue, whole } from '../../options.ts';
import type { OptionNames } from '../../options.ts';

/**
 * A map of bytes that are written as two bytes: an escape byte, and a code that stands for the plain byte.
 */
export interface EscapeMap {
  /** Byte that begins each escape sequence. */
  readonly escape: number;
  /**
   * Code for each plain byte that encode escapes. Every escape byte needs a code, in this map or in another
   * map of the list.
   */
  readonly codes: Readonly<Record<number, number>>;
  /**
   * Number with which decode also reads codes that are not in `codes`: a code `c` stands for the byte `c ^
   * xor`. The bytes of the end marker are never such codes. Default none: decode refuses codes that are not
   * in `codes` with ERR_FRAME_ESCAPE.
   */
  readonly xor?: number | undefined;
}

/** SLIP (RFC 1055): `c0` is written as `db dc`, `db` as `db dd`. */
export const slip: EscapeMap = freeze({ escape: 0xdb, codes: { 0xc0: 0xdc, 0xdb: 0xdd } });

/**
 * HDLC and PPP (RFC 1662): `7e` is written as `7d 5e`, `7d` as `7d 5d`. Decode reads any other byte behind
 * `7d`, except those of the end marker, as that byte xor 0x20, since a PPP remote may escape control
 * characters, too.
 */
export const hdlc: EscapeMap = freeze({
  escape: 0x7d,
  codes: { 0x7e: 0x5e, 0x7d: 0x5d },
  xor: 0x20,
});

/** JT/T 808: `7e` is written as `7d 02`, `7d` as `7d 01`. */
export const jt808: EscapeMap = freeze({ escape: 0x7d, codes: { 0x7e: 0x02, 0x7d: 0x01 } });

/**
 * JT/T 809, with two escape bytes: `5b` is written as `5a 01`, `5a` as `5a 02`, `5d` as `5e 01`, `5e` as
 * `5e 02`.
 */
export const jt809: readonly EscapeMap[] = Object.freeze([
  freeze({ escape: 0x5a, codes: { 0x5b: 0x01, 0x5a: 0x02 } }),
  freeze({ escape: 0x5e, codes: { 0x5d: 0x01, 0x5e: 0x02 } }),
]);

/** DLE stuffing, for frames that end with `10 03`: `10` is written as `10 10`. */
export const dle: EscapeMap = freeze({ escape: 0x10, codes: { 0x10: 0x10 } });

function freeze(map: EscapeMap): EscapeMap {
  Object.freeze(map.codes);
  return Object.freeze(map);
}

/** Escape maps as tables. The maps are numbered from 1, and that number is the kind of their escape bytes. */
export interface EscapeTables {
  /** For each byte: its kind if it is an escape byte, otherwise 0. */
  readonly kindOf: Uint8Array;
  /** The escape byte of each kind. */
  readonly escapes: readonly number[];
  /** The escape byte if there is only one map, otherwise -1. */
  readonly only: number;
  /** For each code of the first map: the plain byte, or -1 if it is no code. */
  readonly onlyPlainOf: Int16Array;
  /** At `kind * 256 + code`: the plain byte, or -1 where the map of that kind has no such code. */
  readonly plainOf: Int16Array;
  /** For each plain byte: its escape sequence as a number of 16 bits, or -1 if encode writes it as it is. */
  readonly sequenceOf: Int32Array;
}

const NAMES = { escape: true, codes: true, xor: true } satisfies OptionNames<EscapeMap>;
const BYTE = { max: 255 };
const MAX_MAPS = 8;
const HINT =
  'Use slip, hdlc, jt808, jt809, dle, or a map such as { escape: 0x7d, codes: { 0x7d: 0x01 } }.';

/** Checks escape maps and makes their tables. Throws UsageError ERR_OPTION for a wrong map. */
export function escapeTables(
  given: EscapeMap | readonly EscapeMap[],
  end: Uint8Array,
): EscapeTables {
  const maps: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (maps.length === 0 || maps.length > MAX_MAPS) {
    refuse(`escape must be one map, or a list of 1 to ${MAX_MAPS} maps.`);
  }
  const tables = {
    kindOf: new Uint8Array(256),
    escapes: [-1],
    plainOf: new Int16Array((maps.length + 1) * 256).fill(-1),
    sequenceOf: new Int32Array(256).fill(-1),
  };
  for (const map of maps) {
    addMap(tables, checkedMap(map), end);
  }
  for (const escape of tables.escapes.slice(1)) {
    if (tables.sequenceOf[escape] === -1) {
      refuse(
        `escape.codes has no code for the escape byte ${escape} itself.`,
        'A payload with that byte could not be sent.',
      );
    }
  }
  checkAgainstEnd(tables, end);
  const [, only = -1] = tables.escapes;
  return Object.freeze({
    ...tables,
    only: maps.length === 1 ? only : -1,
    onlyPlainOf: tables.plainOf.slice(256, 512),
  });
}

function checkedMap(given: unknown): EscapeMap {
  if (!isEscapeMap(given)) {
    return refuseValue('escape', { what: 'an escape map', hint: HINT }, given);
  }
  checkNames('escape', given, NAMES);
  const codes: unknown = given.codes;
  if (typeof codes !== 'object' || codes === null) {
    refuseValue('escape.codes', { what: 'an object with a code for each byte', hint: HINT }, codes);
  }
  return given;
}

/** Whether a value may be an escape map: an object. The caller checks its properties one by one. */
function isEscapeMap(value: unknown): value is EscapeMap {
  return typeof value === 'object' && value !== null;
}

function addMap(
  tables: Omit<EscapeTables, 'only' | 'onlyPlainOf'> & { readonly escapes: number[] },
  map: EscapeMap,
  end: Uint8Array,
): void {
  const { kindOf, escapes, plainOf, sequenceOf } = tables;
  const { codes } = map;
  const escape = whole('escape.escape', map.escape, BYTE);
  const xor = map.xor === undefined ? undefined : whole('escape.xor', map.xor, BYTE);
  if (kindOf[escape] !== 0) {
    refuse(`Two escape maps have the escape byte ${escape}.`);
  }
  const kind = escapes.push(escape) - 1;
  kindOf[escape] = kind;
  if (xor !== undefined) {
    for (let code = 0; code < 256; code++) {
      // Leave out the bytes of the end marker: with them an escape sequence could look like the end.
      plainOf[kind * 256 + code] = end.includes(code) ? -1 : code ^ xor;
    }
  }
  const named = new Set<number>();
  for (const [key, code] of Object.entries(codes)) {
    const plain = whole('Each key of escape.codes', Number(key), BYTE);
    whole(`The code of byte ${plain} in escape.codes`, code, BYTE);
    if (named.has(code)) {
      refuse(
        `escape.codes has the code ${code} twice.`,
        'Decode could not tell the two bytes apart.',
      );
    }
    if (sequenceOf[plain] !== -1) {
      refuse(`Two escape maps have a code for the byte ${plain}.`);
    }
    named.add(code);
    sequenceOf[plain] = escape * 256 + code;
    plainOf[kind * 256 + code] = plain;
  }
}

/**
 * Refuses maps with which an escape sequence could look like the end marker, so that every byte sequence has
 * one meaning for the decoder.
 */
function checkAgainstEnd(
  { escapes, plainOf }: Pick<EscapeTables, 'escapes' | 'plainOf'>,
  end: Uint8Array,
): void {
  const [first = 0, second] = end;
  for (const [kind, escape] of escapes.entries()) {
    const isCode = (byte: number): boolean => plainOf[kind * 256 + byte] !== -1;
    if (first === escape) {
      if (second === undefined || end.length !== 2 || isCode(second)) {
        refuse(
          `end begins with the escape byte ${escape}, so end must have two bytes, and the second must be no code.`,
          "For example end: '10 03' with escape: dle.",
        );
      }
    } else if (isCode(first)) {
      refuse(
        `The first byte of end, ${first}, is also a code of the escape map.`,
        'An escape sequence would look like the end.',
      );
    } else if (end.includes(escape)) {
      refuse(
        `end holds the escape byte ${escape} behind its first byte.`,
        'The end would look like an escape sequence.',
      );
    }
  }
}
