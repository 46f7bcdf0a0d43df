// What a fuzz target is, and what targets share: reading options out of the first bytes of a case.

import { join } from '../../test/support/bytes.ts';
import type { Random } from '../../src/schedule/random.ts';
import type { Schedule } from '../../src/schedule/schedule.ts';

/** libFuzzer's shape, so that a coverage-guided fuzzer can run it elsewhere. Throws when the invariant breaks. */
export type FuzzFunction = (bytes: Uint8Array) => void | Promise<void>;

export interface Target {
  readonly name: string;
  readonly fuzz: FuzzFunction;
  /** A case that is right, or nearly; mutation does the rest. */
  readonly sample: (source: Random) => Uint8Array;
  /** How the case cuts its stream, where it does. */
  readonly schedule?: (bytes: Uint8Array) => Schedule;
  /** A file in fuzz/dict, without its ending. */
  readonly dictionary: string;
}

/** Reads choices off the front of a case. Past the end every choice is the first one. */
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

  /** The next bytes, fewer at the end. */
  take(length: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }

  /** What no choice has used. */
  rest(): Uint8Array {
    return this.#bytes.subarray(Math.min(this.#at, this.#bytes.length));
  }
}

/** What a byte of flags says besides its lowest bit: one case of 128 is made long. */
const long = 127;
/** Past the length up to which small chunks are packed together, several times. */
const longLength = 10 * 1024;

/** The stream of a case: as it stands, or repeated until it is long. */
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

/** Never a Buffer, whose `slice` shares memory. */
export function concat(...pieces: readonly Uint8Array[]): Uint8Array {
  return join(pieces);
}
