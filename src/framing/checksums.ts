// Turns the sections, checksums and escape maps of a description, which are names and hex, into the values
// that codecs take as options.

import { CHECKSUMS } from '../codec/checksum-names.ts';
import { dle, hdlc, jt808, jt809, slip } from '../codec/delimited/escapes.ts';
import type { EscapeMap } from '../codec/delimited/escapes.ts';
import type { DelimitedOptions } from '../codec/delimited/layout.ts';
import type {
  EscapeDescription,
  EscapeMapDescription,
  SectionDescription,
} from '../codec/formats/framing-types.ts';
import { fromHex } from '../codec/hex.ts';
import type { Checksum, SectionOption, SectionPiece } from '../codec/sections.ts';
import { checkNames, refuseValue } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { suggestion } from './nearest.ts';

type Given = Readonly<Record<string, unknown>>;

const ESCAPES: Readonly<Record<Extract<EscapeDescription, string>, DelimitedOptions['escape']>> = {
  slip,
  hdlc,
  jt808,
  jt809,
  dle,
};

function isObject(given: unknown): given is Given {
  return typeof given === 'object' && given !== null && !Array.isArray(given);
}

/**
 * Returns the checksum with this name. If no checksum has the name, throws UsageError, and the message names
 * `option`.
 */
function resolveChecksum(option: string, name: unknown): Checksum {
  const found =
    typeof name === 'string' && Object.hasOwn(CHECKSUMS, name) ? CHECKSUMS[name] : undefined;
  const hint = `${suggestion(name, Object.keys(CHECKSUMS))}Names are those of the reveng catalogue, such as CRC-16/MODBUS, and xor8, sum8, sum16, sum32, lrc, fletcher16, adler32.`;
  return found ?? refuseValue(option, { what: 'the name of a checksum', hint }, name);
}

/**
 * Resolves the option `checksum` of a delimited frame: the name of a checksum, or an object with the name and
 * the byte order.
 */
export function resolveDelimitedChecksum(given: unknown): DelimitedOptions['checksum'] {
  if (given === undefined) {
    return undefined;
  }
  return isObject(given)
    ? { ...given, checksum: resolveChecksum('checksum.checksum', given['checksum']) }
    : resolveChecksum('checksum', given);
}

/**
 * Returns a section with checksums in place of their names. Throws UsageError for a piece of another type.
 */
export function resolveSectionDescription(
  option: string,
  given: SectionDescription | undefined,
): SectionOption | undefined {
  if (given === undefined) {
    return undefined;
  }
  return isList(given)
    ? given.map((piece, index) => resolvePiece(`${option}[${index}]`, piece))
    : resolvePiece(option, given);
}

function isList(
  given: SectionDescription,
): given is Extract<SectionDescription, readonly unknown[]> {
  return Array.isArray(given);
}

function resolvePiece(option: string, piece: unknown): SectionPiece {
  if (typeof piece === 'number' || typeof piece === 'string') {
    return piece;
  }
  if (!isObject(piece) || !Object.hasOwn(piece, 'checksum')) {
    const hint = "Such as 4, '23 23', or { checksum: 'xor8' }.";
    const what = 'a number of bytes, hex, or a checksum by its name';
    return refuseValue(option, { what, hint }, piece);
  }
  return { ...piece, checksum: resolveChecksum(`${option}.checksum`, piece['checksum']) };
}

/** Returns the escape map for a name, or the maps for descriptions with their bytes in hex. */
export function resolveEscape(given: EscapeDescription | undefined): DelimitedOptions['escape'] {
  if (given === undefined) {
    return undefined;
  }
  if (typeof given === 'string' && Object.hasOwn(ESCAPES, given)) {
    return ESCAPES[given];
  }
  return Array.isArray(given) ? given.map(resolveMap) : resolveMap(given);
}

const MAP_NAMES: OptionNames<EscapeMapDescription> = { escape: true, codes: true, xor: true };

function resolveMap(given: unknown): EscapeMap {
  if (!isObject(given)) {
    const names = Object.keys(ESCAPES);
    const hint = `${suggestion(given, names)}Such as jt808, or { escape: '7d', codes: { '7d': '01' } }.`;
    const what = `one of ${names.join(', ')}, or an escape map, or a list of maps`;
    return refuseValue('escape', { what, hint }, given);
  }
  checkNames('escape', given, MAP_NAMES);
  const { escape, codes, xor }: Given = given;
  if (!isObject(codes)) {
    const hint = "Such as { '7d': '01' }, in hex.";
    return refuseValue(
      'escape.codes',
      { what: 'an object with a code for each byte', hint },
      codes,
    );
  }
  const pairs = Object.entries(codes).map(([plain, code]): [number, number] => [
    byteOf('Each key of escape.codes', plain),
    byteOf(`escape.codes[${JSON.stringify(plain)}]`, code),
  ]);
  return {
    escape: byteOf('escape.escape', escape),
    codes: Object.fromEntries(pairs),
    ...(xor === undefined ? {} : { xor: byteOf('escape.xor', xor) }),
  };
}

function byteOf(option: string, given: unknown): number {
  const bytes = typeof given === 'string' ? fromHex(option, given) : undefined;
  const [byte] = bytes ?? [];
  return byte === undefined || bytes?.length !== 1
    ? refuseValue(option, { what: 'one byte in hex', hint: "Such as '7d'." }, given)
    : byte;
}
