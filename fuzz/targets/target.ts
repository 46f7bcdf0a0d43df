// What a fuzz target is, and what targets share: reading options out of the first bytes of a case.

import { join } from '../../test/support/bytes.ts';
import type { Random } from '../../src/schedule/random.ts';
import type { Schedule } from '../../src/schedule/schedule.ts';

/**
 * Throws if the case breaks the invariant. It has libFuzzer's form, so that other fuzzers can run it, too.
 */
export type FuzzFunction = (bytes: Uint8Array) => void | Promise<void>;

export interface Target {
  readonly name: string;
  readonly fuzz: FuzzFunction;
  /** Makes a case that is valid or nearly valid. The fuzzer then mutates it. */
  readonly sample: (source: Random) => Uint8Array;
  /** How a case cuts its stream, if the target cuts a stream. */
  readonly schedule?: (bytes: Uint8Array) => Schedule;
  /** A file in fuzz/dict, without its ending. */
  readonly dictionary: string;
}

/** Reads choices from the start of a case. After the end of the case every choice is the first one. */
export class Choices {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const byte = this.#bytes[this.#at] ?? 0;
    this.#at += 1;
    return byte;
  }

  below(limit: number): number {
    return this.byte() % limit;
  }

  flag(): boolean {
    return this.byte() % 2 === 1;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }

  u16(): number {
    return this.byte() * 256 + this.byte();
  }

  seed(): number {
    return this.u16() * 65_536 + this.u16();
  }

  /** The next `length` bytes, or fewer at the end of the case. */
  take(length: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }

  /** The bytes that no choice has used. */
  rest(): Uint8Array {
    return this.#bytes.subarray(Math.min(this.#at, this.#bytes.length));
  }
}

/** The stream is made long if the upper 7 bits of the flags are this: in one case of 128. */
const long = 127;
/** Length of a long stream: several times the length up to which a decoder packs small chunks together. */
const longLength = 10 * 1024;

/** The stream of a case: its bytes, or its bytes repeated until they are long. */
export function streamOf(flags: number, bytes: Uint8Array): Uint8Array {
  if (flags >> 1 !== long || bytes.length === 0) {
    return bytes;
  }
  const times = Math.ceil(longLength / bytes.length);
  return concat(...Array.from({ length: times }, () => bytes));
}

export function randomBytes(source: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => source.below(256));
}

/** Joins pieces in a Uint8Array. It is not a Buffer, because the `slice` of a Buffer shares memory. */
export function concat(...pieces: readonly Uint8Array[]): Uint8Array {
  return join(pieces);
}
