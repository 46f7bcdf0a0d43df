// Counts the bytes that a decoder copies: linear work without a clock.

import type { Codec } from '../../src/codec/codec.ts';

/**
 * Counts all bytes that are copied into arrays of this class with `set`, in one number for the class. Arrays
 * that a decoder makes of its chunks' class are counted too.
 */
class CountingArray extends Uint8Array {
  static copied = 0;

  static allocUnsafeSlow(length: number): CountingArray {
    return new CountingArray(length);
  }

  override set(from: ArrayLike<number>, at?: number): void {
    CountingArray.copied += from.length;
    super.set(from, at);
  }
}

/** How often each byte of the stream is copied on average while all values are taken, and the last value. */
export function copiesOf<Received>(
  codec: Codec<never, Received>,
  stream: Uint8Array,
  chunkLength: number,
): { readonly copies: number; readonly last: Received | undefined } {
  CountingArray.copied = 0;
  const decoder = codec.decoder();
  let last: Received | undefined;
  for (let at = 0; at < stream.length; at += chunkLength) {
    decoder.push(new CountingArray(stream.slice(at, at + chunkLength)));
    for (let value = decoder.take(); value !== undefined; value = decoder.take()) {
      last = value;
    }
  }
  return { copies: CountingArray.copied / stream.length, last };
}
