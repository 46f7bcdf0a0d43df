// rawBytes(): chunks as they come, with no boundaries: the unframed half of a protocol.

import { ByteQueue } from './byte-queue.ts';
import type { Bytes } from './byte-types.ts';
import type { Codec, Decoder } from './codec.ts';
import { checkRoom } from './frame-encoder.ts';
import { afterEnd, nameOf, notBytes, unencodable } from './frame-errors.ts';

/**
 * A codec that adds nothing: encode passes bytes through, decode gives them as they come, cut
 * anywhere. For protocols of which one direction or one phase has no frames: `framed(socket,
 * { read: rawBytes(), write: lengthPrefixed() })`.
 */
export function rawBytes(): Codec<Uint8Array, Bytes> {
  return RAW_BYTES;
}

const RAW_BYTES: Codec<Uint8Array, Bytes> = Object.freeze({
  encode: (bytes: Uint8Array) => [checked(bytes)],
  encodedLength: (bytes: Uint8Array) => checked(bytes).length,
  encodeInto: (bytes: Uint8Array, target: Uint8Array, offset: number) => {
    checkRoom(target, offset, checked(bytes).length);
    target.set(bytes, offset);
    return offset + bytes.length;
  },
  decoder: () => new RawDecoder(),
});

function checked(bytes: unknown): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  throw unencodable(`Raw bytes must be a Uint8Array, not ${nameOf(bytes)}.`);
}

class RawDecoder implements Decoder<Bytes> {
  readonly #queue = new ByteQueue();
  #ended = false;

  push(chunk: Uint8Array): void {
    if (!(chunk instanceof Uint8Array)) throw notBytes(chunk);
    if (this.#ended && chunk.length > 0) throw afterEnd();
    this.#queue.push(chunk);
  }

  end(): void {
    this.#ended = true;
  }

  take(): Bytes | undefined {
    if (this.#queue.length === 0) {
      this.#queue.settle();
      return undefined;
    }
    return this.#queue.shift(Infinity);
  }

  get done(): boolean {
    return this.#ended && this.#queue.length === 0;
  }

  get bufferedLength(): number {
    return this.#queue.length;
  }

  get atBoundary(): boolean {
    return true;
  }

  takeRest(): Uint8Array[] {
    this.#ended = true;
    return this.#queue.takeAll();
  }

  *[Symbol.iterator](): Generator<Bytes, void, undefined> {
    for (let bytes = this.take(); bytes !== undefined; bytes = this.take()) yield bytes;
  }
}
