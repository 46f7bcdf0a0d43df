// Escape maps: how a payload is written so that no byte of it looks like a marker. A map is data. The
// tables that encoder and decoder use are made of it when the codec is made.

import { checkNames, refuse, refuseValue, whole } from '../../options.ts';
import type { OptionNames } from '../../options.ts';

/** Escape sequences of two bytes: the escape byte, and a code that stands for the plain byte. */
export interface EscapeMap {
  /** Byte that begins each escape sequence. */
  readonly escape: number;
  /** Code of each plain byte that encode escapes. The escape byte must be one of them. */
  readonly codes: Readonly<Record<number, number>>;
  /**
   * Number for which decode also takes any other code `c` as the byte `c ^ xor`. Default: decode refuses
   * other codes with ERR_FRAME_ESCAPE.
   */
  readonly xor?: number | undefined;
}

/** SLIP (RFC 1055): `c0` is written as `db dc`, `db` as `db dd`. */
export const slip: EscapeMap = freeze({ escape: 0xdb, codes: { 0xc0: 0xdc, 0xdb: 0xdd } });

/**
 * HDLC and PPP (RFC 1662): `7e` is written as `7d 5e`, `7d` as `7d 5d`. Decode takes every other byte behind
 * `7d` xor 20, since a PPP remote may escape control characters too.
 */
export const hdlc: EscapeMap = freeze({
  escape: 0x7d,
  codes: { 0x7e: 0x5e, 0x7d: 0x5d },
  xor: 0x20,
});

/** JT/T 808: `7e` is written as `7d 02`, `7d` as `7d 01`. */
export const jt808: EscapeMap = freeze({ escape: 0x7d, codes: { 0x7e: 0x02, 0x7d: 0x01 } });

/** DLE stuffing, for frames that end with `10 03`: `10` is written as `10 10`. */
export const dle: EscapeMap = freeze({ escape: 0x10, codes: { 0x10: 0x10 } });

function freeze(map: EscapeMap): EscapeMap {
  Object.freeze(map.codes);
  return Object.freeze(map);
}

export interface EscapeTables {
  readonly escape: number;
  /** Code of each plain byte, or -1 where it is written as it is. */
  readonly codeOf: Int16Array;
  /** Plain byte of each code, or -1 where there is none. */
  readonly plainOf: Int16Array;
}

const NAMES = { escape: true, codes: true, xor: true } satisfies OptionNames<EscapeMap>;
const BYTE = { max: 255 };
const HINT =
  'One of slip, hdlc, jt808, dle, or for example { escape: 0x7d, codes: { 0x7d: 0x01 } }.';

/** Checks a map and makes its tables. Throws UsageError ERR_OPTION. */
export function escapeTables(map: EscapeMap, end: Uint8Array): EscapeTables {
  const given: unknown = map;
  if (typeof given !== 'object' || given === null) {
    refuseValue('escape', { what: 'an escape map', hint: HINT }, given);
  }
  checkNames('escape', map, NAMES);
  const escape = whole('escape.escape', map.escape, BYTE);
  if (typeof map.codes !== 'object' || map.codes === null) {
    refuseValue('escape.codes', { what: 'an object of codes by byte', hint: HINT }, map.codes);
  }
  const tables = { escape, codeOf: none(), plainOf: plainBytes(map, end) };
  for (const [key, code] of Object.entries(map.codes)) {
    const plain = whole('A byte of escape.codes', Number(key), BYTE);
    whole(`The code of byte ${plain} in escape.codes`, code, BYTE);
    if (tables.codeOf.includes(code)) {
      refuse(`escape.codes has the code ${code} twice.`, 'Two bytes would read as one.');
    }
    tables.codeOf[plain] = code;
    tables.plainOf[code] = plain;
  }
  if (tables.codeOf[escape] === -1) {
    refuse(
      `escape.codes has no code for the escape byte ${escape} itself.`,
      'A payload with that byte could not be sent.',
    );
  }
  checkAgainstEnd(tables, end);
  return Object.freeze(tables);
}

function none(): Int16Array {
  return new Int16Array(256).fill(-1);
}

/** The plain bytes of codes that the map does not name. An end marker behind the escape byte is no code. */
function plainBytes({ xor }: EscapeMap, end: Uint8Array): Int16Array {
  const plainOf = none();
  if (xor === undefined) {
    return plainOf;
  }
  const mask = whole('escape.xor', xor, BYTE);
  for (let code = 0; code < 256; code++) {
    plainOf[code] = end.includes(code) ? -1 : code ^ mask;
  }
  return plainOf;
}

/**
 * Refuses maps with which an escape sequence could look like the end marker. So the decoder never has to
 * choose between the two.
 */
function checkAgainstEnd({ escape, plainOf }: EscapeTables, end: Uint8Array): void {
  const [first = 0, second] = end;
  const isCode = (byte: number): boolean => plainOf[byte] !== -1;
  if (first !== escape) {
    if (isCode(first)) {
      refuse(
        `The first byte of end, ${first}, is also a code of the escape map.`,
        'An escape sequence would look like the end.',
      );
    }
    if (end.includes(escape)) {
      refuse(`end holds the escape byte ${escape} behind its first byte.`);
    }
    return;
  }
  if (second === undefined || end.length !== 2 || isCode(second)) {
    refuse(
      `end begins with the escape byte ${escape}, so it must be that and one more byte which is no code.`,
      "For example end: '10 03' with escape: dle.",
    );
  }
}
