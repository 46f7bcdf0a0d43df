// Contents without escapes: bytes up to the end marker. The search is that of Knuth, Morris and Pratt. So a
// marker that overlaps itself (`0d 0a 0d`) is found at its first place, in linear time.

import { indexInRun } from '../chunk-queue.ts';
import type { Run } from '../chunk-queue.ts';
import type { Content, Stuffing } from './content.ts';

/**
 * Makes the stuffing that writes bytes as they are. `optional` is a byte that belongs to the end if it stands
 * in front of the marker, such as the carriage return of a line. With it the marker must have one byte.
 */
export function plainStuffing(marker: Uint8Array, optional = -1): Stuffing {
  const overlaps = overlapsOf(marker);
  return {
    reader: () => new PlainContent({ marker, overlaps, optional }),
    encodedLength: (plain) => plain.length,
    encodeInto: (plain, target, offset) => {
      target.set(plain, offset);
      return offset + plain.length;
    },
    isSafe: false,
  };
}

interface Markers {
  readonly marker: Uint8Array;
  readonly overlaps: readonly number[];
  readonly optional: number;
}

/**
 * Returns the table of Knuth, Morris and Pratt. At `n` it has the length of the longest run of bytes, shorter
 * than `n`, with which the first `n` bytes of the marker both begin and end.
 */
export function overlapsOf(marker: Uint8Array): number[] {
  const overlaps = [0, 0];
  for (let length = 2; length <= marker.length; length++) {
    let overlap = overlaps[length - 1] ?? 0;
    while (overlap > 0 && marker[overlap] !== marker[length - 1]) {
      overlap = overlaps[overlap] ?? 0;
    }
    overlaps.push(marker[overlap] === marker[length - 1] ? overlap + 1 : 0);
  }
  return overlaps;
}

class PlainContent implements Content {
  readonly wrong: undefined;
  readonly isEscaped = false;
  found = false;
  readonly #markers: Markers;
  #read = 0;
  /** Number of bytes, up to the last byte read, that match the beginning of the marker. */
  #matched = 0;
  /** 1 if the byte in front of the `#matched` bytes is the optional byte, otherwise 0. */
  #optional = 0;

  constructor(markers: Markers) {
    this.#markers = markers;
  }

  get length(): number {
    return this.#read - this.#matched - this.#optional;
  }

  reset(): void {
    this.found = false;
    this.#read = 0;
    this.#matched = 0;
    this.#optional = 0;
  }

  read(run: Run): number {
    const { bytes, at, end } = run;
    const { marker, overlaps, optional } = this.#markers;
    const [first = 0] = marker;
    let matched = this.#matched;
    let i = at;
    while (i < end && matched < marker.length) {
      if (matched === 0) {
        const next = indexInRun(run, first, i);
        if (next === -1) {
          i = end;
          break;
        }
        i = next;
      }
      const byte = bytes[i];
      while (matched > 0 && byte !== marker[matched]) {
        matched = overlaps[matched] ?? 0;
      }
      if (byte === marker[matched]) {
        matched++;
      }
      i++;
    }
    this.#matched = matched;
    this.#read += i - at;
    this.found = matched === marker.length;
    // With an optional byte the marker has one byte, so no part of a marker can be matched at the end of a
    // run.
    const last = i - matched - 1;
    if (last >= at) {
      this.#optional = bytes[last] === optional ? 1 : 0;
    }
    return i - at;
  }

  unescape({ bytes, at, end }: Run, target: Uint8Array, offset: number): void {
    target.set(bytes.subarray(at, end), offset);
  }
}
