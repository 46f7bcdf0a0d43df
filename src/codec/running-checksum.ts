// A checksum that takes its bytes in several pieces, so that a checksum over several parts of a frame is
// computed without joining the parts. The state between two pieces is one number.

import type { Checksum } from './sections.ts';

/** A checksum that is computed piece by piece, so that the covered parts of a frame need not be joined. */
export abstract class RunningChecksum implements Checksum {
  /** Name of the algorithm, for people. */
  readonly name: string;
  readonly length: number;
  /** State before the first byte. */
  readonly start: number;

  constructor(name: string, length: number, start: number) {
    this.name = name;
    this.length = length;
    this.start = start;
  }

  /** Returns the state after these bytes. */
  abstract add(state: number, bytes: Uint8Array): number;

  /** Returns the checksum for this state, as a number below 2^(8 · length). */
  abstract finish(state: number): number;

  compute(bytes: Uint8Array): Uint8Array {
    return this.store(this.add(this.start, bytes));
  }

  /** Returns the checksum for this state as bytes, the highest first. */
  store(state: number): Uint8Array {
    const bytes = new Uint8Array(this.length);
    let rest = this.finish(state);
    for (let i = this.length - 1; i >= 0; i--) {
      bytes[i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    return bytes;
  }
}
