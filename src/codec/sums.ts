// Checksums that are no CRC: exclusive or, sums of bytes, and pairs of sums. Each is an export of its own, so
// that a bundle holds only the checksums that the program imports.

import { RunningChecksum } from './running-checksum.ts';

/**
 * Number of bytes that are added to a pair of sums before a modulo reduces both sums. With so many bytes the
 * sums stay below 2^31.
 */
const BLOCK_LENGTH = 3800;

class Xor extends RunningChecksum {
  add(state: number, bytes: Uint8Array): number {
    let sum = state;
    for (let i = 0; i < bytes.length; i++) {
      sum ^= bytes[i] ?? 0;
    }
    return sum;
  }

  finish(state: number): number {
    return state;
  }
}

/**
 * The sum of all bytes. At the end the function `of` changes the sum, and the lowest `length` bytes of the
 * result are stored.
 */
class ByteSum extends RunningChecksum {
  readonly #of: (sum: number) => number;

  constructor(name: string, length: number, of: (sum: number) => number) {
    super(name, length, 0);
    this.#of = of;
  }

  add(state: number, bytes: Uint8Array): number {
    let sum = state;
    for (let i = 0; i < bytes.length; i++) {
      sum = (sum + (bytes[i] ?? 0)) | 0;
    }
    return sum;
  }

  finish(state: number): number {
    const sum = this.#of(state) >>> 0;
    return this.length === 1 ? sum & 0xff : this.length === 2 ? sum & 0xffff : sum;
  }
}

interface PairOptions {
  readonly length: number;
  /** Modulus of both sums. */
  readonly modulus: number;
  /** State and result are `high * shift + low`, where `low` is the sum of the bytes. */
  readonly shift: number;
  /** State before the first byte. */
  readonly start: number;
  /** Whether the sum of the bytes is stored in front of the sum of the sums. Default false. */
  readonly swapped?: boolean;
}

/**
 * Two sums: the sum of the bytes, and the sum of the values that the first sum has after each byte. Fletcher
 * and Adler checksums are such pairs.
 */
class PairSum extends RunningChecksum {
  readonly #options: PairOptions;

  constructor(name: string, options: PairOptions) {
    super(name, options.length, options.start);
    this.#options = options;
  }

  add(state: number, bytes: Uint8Array): number {
    const { modulus, shift } = this.#options;
    let low = state % shift;
    let high = Math.floor(state / shift);
    for (let at = 0; at < bytes.length; at += BLOCK_LENGTH) {
      const end = Math.min(bytes.length, at + BLOCK_LENGTH);
      for (let i = at; i < end; i++) {
        low += bytes[i] ?? 0;
        high += low;
      }
      low %= modulus;
      high %= modulus;
    }
    return high * shift + low;
  }

  finish(state: number): number {
    const { shift, swapped = false } = this.#options;
    return swapped ? (state % shift) * shift + Math.floor(state / shift) : state;
  }
}

/**
 * The sum of 16-bit words, with all bits inverted at the end. Each carry is added to the sum again (RFC
 * 1071).
 */
class InternetSum extends RunningChecksum {
  // The state is the sum so far, plus 2^16 if the number of bytes so far is odd.
  add(state: number, bytes: Uint8Array): number {
    let isOdd = state >= 0x1_0000;
    let sum = state & 0xffff;
    for (let i = 0; i < bytes.length; i++) {
      sum += isOdd ? (bytes[i] ?? 0) : (bytes[i] ?? 0) << 8;
      sum = (sum & 0xffff) + (sum >>> 16);
      isOdd = !isOdd;
    }
    return sum + (isOdd ? 0x1_0000 : 0);
  }

  finish(state: number): number {
    return ~state & 0xffff;
  }
}

/** Exclusive or of all bytes, as in NMEA, JT/T 808 and GB/T 32960. Some specifications call it BCC or LRC. */
export const xor8: RunningChecksum = /* @__PURE__ */ new Xor('xor8', 1, 0);

/** Lowest byte of the sum of all bytes, as in DL/T 645, CJ/T 188 and M-Bus. */
export const sum8: RunningChecksum = /* @__PURE__ */ new ByteSum('sum8', 1, (sum) => sum);

/** Lowest two bytes of the sum of all bytes. */
export const sum16: RunningChecksum = /* @__PURE__ */ new ByteSum('sum16', 2, (sum) => sum);

/** Lowest four bytes of the sum of all bytes, as in adb. */
export const sum32: RunningChecksum = /* @__PURE__ */ new ByteSum('sum32', 4, (sum) => sum);

/**
 * Two's complement of `sum8`, so that all bytes add up to 0. It is the LRC of Modbus ASCII and of Intel HEX.
 */
export const negatedSum8: RunningChecksum = /* @__PURE__ */ new ByteSum(
  'negatedSum8',
  1,
  (sum) => -sum,
);

/** Two's complement of `sum16`. */
export const negatedSum16: RunningChecksum = /* @__PURE__ */ new ByteSum(
  'negatedSum16',
  2,
  (sum) => -sum,
);

/** One's complement of `sum8`: every bit is inverted. Dynamixel uses it. */
export const invertedSum8: RunningChecksum = /* @__PURE__ */ new ByteSum(
  'invertedSum8',
  1,
  (sum) => ~sum,
);

/** The Internet checksum of RFC 1071: the sum of 16-bit words, each carry added again, all bits inverted. */
export const internetSum: RunningChecksum = /* @__PURE__ */ new InternetSum('internetSum', 2, 0);

/** Fletcher-16: two sums modulo 255, the sum of sums first. */
export const fletcher16: RunningChecksum = /* @__PURE__ */ new PairSum('fletcher16', {
  length: 2,
  modulus: 255,
  shift: 256,
  start: 0,
});

/** The 8-bit Fletcher checksum of RFC 1145 and u-blox: two sums modulo 256, the sum of bytes first. */
export const fletcher8: RunningChecksum = /* @__PURE__ */ new PairSum('fletcher8', {
  length: 2,
  modulus: 256,
  shift: 256,
  start: 0,
  swapped: true,
});

/** Adler-32 of zlib. */
export const adler32: RunningChecksum = /* @__PURE__ */ new PairSum('adler32', {
  length: 4,
  modulus: 65_521,
  shift: 65_536,
  start: 1,
});
