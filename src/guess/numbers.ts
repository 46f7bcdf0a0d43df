// The numbers in a stream: for each type of number, what it reads at each place. Thousands of layouts read
// the same numbers, so each number is read once. This file is pure.

/** The types of binary numbers that may say how long a frame is. */
export const NUMBER_TYPES = [
  'u8',
  'u16be',
  'u16le',
  'u24be',
  'u24le',
  'u32be',
  'u32le',
  'u64be',
  'u64le',
] as const;

export type NumberType = (typeof NUMBER_TYPES)[number];

/** Number of bytes of each type. */
export const WIDTHS: Readonly<Record<NumberType, number>> = {
  u8: 1,
  u16be: 2,
  u16le: 2,
  u24be: 3,
  u24le: 3,
  u32be: 4,
  u32le: 4,
  u64be: 8,
  u64le: 8,
};

/** A way to read a number: some of its bits, times a unit. */
export interface Reading {
  readonly type: NumberType;
  /** Bits of the number that are its value, or 0 for all bits. */
  readonly mask: number;
  readonly unit: number;
}

/**
 * Maximum number of places of a stream that are looked at to learn how often a layout would fit by chance.
 */
const PLACES = 256;
/**
 * Distance between two of these places as a part of the stream. It is the golden ratio, because no period of
 * a stream keeps step with that ratio.
 */
const STEP = (Math.sqrt(5) - 1) / 2;
const MOST = 0xffffffff;

/** Returns at most `most` places of a stream, spread over it. */
export function placesOf(length: number, most: number): number[] {
  return Array.from({ length: Math.min(most, length) }, (_, i) =>
    length <= most ? i : Math.floor(((i * STEP) % 1) * length),
  );
}

export class Numbers {
  readonly #bytes: Uint8Array;
  readonly #read = new Map<NumberType, Uint32Array>();
  readonly #chances = new Map<number, number>();
  readonly #places: readonly number[];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#places = placesOf(bytes.length, PLACES);
  }

  /** Number of bytes of the stream. */
  get length(): number {
    return this.#bytes.length;
  }

  /**
   * Returns the number at each place. Bytes behind the stream count as 0, and a number of 2^32 or more as
   * 2^32 - 1.
   */
  of(type: NumberType): Uint32Array {
    const known = this.#read.get(type);
    if (known !== undefined) {
      return known;
    }
    const numbers = readAll(this.#bytes, type);
    this.#read.set(type, numbers);
    return numbers;
  }

  /**
   * Returns about the share of the places of the stream at which a number of this reading could be the length
   * of a frame: the frame includes the number and ends inside the stream. The sum of `behind` and the number
   * says how many bytes behind the place of the number the frame ends. The share is never 0, because one more
   * place counts as one that fits.
   */
  chanceOf({ type, mask, unit }: Reading, behind: number): number {
    const key = mask * 2 ** 16 + (unit * 16 + NUMBER_TYPES.indexOf(type)) * 256 + (behind + 128);
    const known = this.#chances.get(key);
    if (known !== undefined) {
      return known;
    }
    const numbers = this.of(type);
    const width = WIDTHS[type];
    let fits = 1;
    for (const place of this.#places) {
      const number = numbers[place] ?? 0;
      const length = (mask === 0 ? number : (number & mask) >>> 0) * unit + behind;
      fits += length >= width && place + length <= this.length ? 1 : 0;
    }
    const chance = fits / (this.#places.length + 1);
    this.#chances.set(key, chance);
    return chance;
  }
}

function readAll(bytes: Uint8Array, type: NumberType): Uint32Array {
  const width = WIDTHS[type];
  const isLittle = type.endsWith('le');
  const numbers = new Uint32Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) {
    let value = 0;
    for (let i = 0; i < width; i++) {
      value = value * 256 + (bytes[isLittle ? at + width - 1 - i : at + i] ?? 0);
    }
    numbers[at] = Math.min(value, MOST);
  }
  return numbers;
}
