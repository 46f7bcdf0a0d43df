// crc(): every cyclic redundancy check of up to 32 bits, from the parameters of the reveng catalogue
// (https://reveng.sourceforge.io/crc-catalogue/), which specifications copy.
//
// The register is an integer of 32 bits. A reflected CRC keeps its bits at the low end of the register and
// shifts right. Any other CRC keeps its bits at the high end and shifts left. So one loop for each of these
// two kinds serves all widths, also widths below 8.
//
//   reflected      0000 0000 0000 0000 │ register ──▶ bytes come in here
//   not reflected  bytes come in here ◀── register │ 0000 0000 0000 0000

import { checkNames, flag, refuseValue, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';
import { RunningChecksum } from './running-checksum.ts';
import type { Checksum } from './sections.ts';

/** Parameters of a CRC, named as in the catalogue. All numbers are written as if nothing were reflected. */
export interface CrcOptions {
  /** Number of bits of the checksum, 1 to 32. The stored value takes as many bytes as these bits need. */
  readonly width: number;
  /** Generator polynomial without its highest bit. */
  readonly poly: number;
  /** Content of the register before the first byte. Default 0. */
  readonly init?: number | undefined;
  /** Whether the lowest bit of each byte goes first into the register. Default false, the highest bit. */
  readonly refin?: boolean | undefined;
  /** Whether the bits of the result are stored in reversed order. Default `refin`. */
  readonly refout?: boolean | undefined;
  /** Number that is combined with the result at the end, by exclusive or. Default 0. */
  readonly xorout?: number | undefined;
  /** Name of the algorithm, for people. Default 'CRC'. */
  readonly name?: string | undefined;
}

const NAMES = {
  width: true,
  poly: true,
  init: true,
  refin: true,
  refout: true,
  xorout: true,
  name: true,
} satisfies OptionNames<CrcOptions>;

const WORD = 32;

/**
 * Makes the checksum with these parameters, for use in a section: `trailer: crc({ width: 16, … })`. The stored
 * value is big-endian unless the section says `order: 'le'`. Throws UsageError ERR_OPTION for parameters out of
 * range.
 */
export function crc(options: CrcOptions): RunningChecksum {
  checkNames('crc', options, NAMES);
  const { name = 'CRC', refin, refout } = options;
  const width = whole('width', options.width, { min: 1, max: WORD });
  const max = 2 ** width - 1;
  const isReflected = flag('refin', refin, false);
  return new Crc({
    name: typeof name === 'string' ? name : refuseValue('name', 'a string', name),
    width,
    poly: whole('poly', options.poly, { max }),
    init: whole('init', options.init ?? 0, { max }),
    refin: isReflected,
    refout: flag('refout', refout, isReflected),
    xorout: whole('xorout', options.xorout ?? 0, { max }),
  });
}

/** Parameters of a CRC with their defaults. */
export type CrcParameters = {
  readonly [N in keyof CrcOptions]-?: Exclude<CrcOptions[N], undefined>;
};

/** Returns the parameters of a checksum that crc() made, or `undefined` for any other checksum. */
export function crcParameters(checksum: Checksum): CrcParameters | undefined {
  return checksum instanceof Crc ? checksum.parameters : undefined;
}

class Crc extends RunningChecksum {
  readonly #parameters: CrcParameters;
  /**
   * Effect of each byte on the register (see `tableOf`). The table is made at the first use, so that
   * importing a CRC costs nothing.
   */
  #table: Int32Array | undefined;

  constructor(parameters: CrcParameters) {
    const { name, width, init, refin } = parameters;
    super(name, Math.ceil(width / 8), aligned(init, width, refin));
    this.#parameters = parameters;
    Object.freeze(this);
  }

  get parameters(): CrcParameters {
    return this.#parameters;
  }

  add(state: number, bytes: Uint8Array): number {
    this.#table ??= tableOf(this.#parameters);
    const add = this.#parameters.refin ? addReflected : addForward;
    return add(this.#table, state, bytes);
  }

  finish(state: number): number {
    const { width, refin, refout, xorout } = this.#parameters;
    const register = refin ? state : state >>> (WORD - width);
    const result = refin === refout ? register : reversed(register, width);
    return (result ^ xorout) >>> 0;
  }
}

// Both loops take four bytes at a time: four lookups that do not wait for each other are faster than four in
// a row. `byteAt` reads the bytes and `entry` reads the table. They are two functions, because one function
// for both kinds of array is slow.

function addReflected(table: Int32Array, state: number, bytes: Uint8Array): number {
  const { length } = bytes;
  let register = state;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    register ^= byteAt(bytes, i) | (byteAt(bytes, i + 1) << 8);
    register ^= (byteAt(bytes, i + 2) << 16) | (byteAt(bytes, i + 3) << 24);
    register =
      entry(table, 768 + (register & 255)) ^
      entry(table, 512 + ((register >>> 8) & 255)) ^
      entry(table, 256 + ((register >>> 16) & 255)) ^
      entry(table, register >>> 24);
  }
  for (; i < length; i++) {
    register = (register >>> 8) ^ entry(table, (register ^ byteAt(bytes, i)) & 255);
  }
  return register;
}

function addForward(table: Int32Array, state: number, bytes: Uint8Array): number {
  const { length } = bytes;
  let register = state;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    register ^= (byteAt(bytes, i) << 24) | (byteAt(bytes, i + 1) << 16);
    register ^= (byteAt(bytes, i + 2) << 8) | byteAt(bytes, i + 3);
    register =
      entry(table, 768 + (register >>> 24)) ^
      entry(table, 512 + ((register >>> 16) & 255)) ^
      entry(table, 256 + ((register >>> 8) & 255)) ^
      entry(table, register & 255);
  }
  for (; i < length; i++) {
    register = (register << 8) ^ entry(table, (register >>> 24) ^ byteAt(bytes, i));
  }
  return register;
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

function entry(table: Int32Array, index: number): number {
  return table[index] ?? 0;
}

/**
 * Makes the table, which has four parts of 256 entries. The first part has the effect of each byte on the
 * register. The other parts have that effect after 1, 2 and 3 further bytes.
 */
function tableOf({ width, poly, refin }: CrcParameters): Int32Array {
  const taps = aligned(poly, width, refin);
  const table = new Int32Array(4 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let register = refin ? byte : byte << 24;
    for (let bit = 1; bit <= 4 * 8; bit++) {
      const isOut = (refin ? register & 1 : register >>> (WORD - 1)) === 1;
      register = (refin ? register >>> 1 : register << 1) ^ (isOut ? taps : 0);
      if (bit % 8 === 0) {
        table[(bit / 8 - 1) * 256 + byte] = register;
      }
    }
  }
  return table;
}

/** Moves a number of `width` bits to the place that such a number has in the register. */
function aligned(value: number, width: number, isReflected: boolean): number {
  return isReflected ? reversed(value, width) : value << (WORD - width);
}

/** Returns the lowest `width` bits in the opposite order. */
function reversed(value: number, width: number): number {
  let result = 0;
  for (let bit = 0; bit < width; bit++) {
    result = (result << 1) | ((value >>> bit) & 1);
  }
  return result;
}
