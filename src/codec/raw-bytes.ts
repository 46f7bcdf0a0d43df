// rawBytes() passes bytes on as they come, without boundaries. It is for a direction of a protocol that has
// no frames.

import { ChunkQueue } from './chunk-queue.ts';
import type { Bytes } from './byte-types.ts';
import { isBytes } from './bytes.ts';
import type { Decoder, DecoderOptions, PackingCodec } from './codec.ts';
import { resolveDecoderOptions } from './decoder-options.ts';
import { checkBytes, checkRoom } from './part-checks.ts';
import { afterEnd, notBytes } from './frame-errors.ts';

/**
 * Makes a codec that adds nothing. Encode passes bytes through, and decode returns bytes as they come, cut
 * anywhere. Use this codec when one direction or one phase of a protocol has no frames:
 * `framed(socket, { read: rawBytes(), write: lengthPrefixed() })`.
 */
export function rawBytes(): PackingCodec<Uint8Array, Bytes> {
  return RAW_BYTES;
}

const RAW_BYTES: PackingCodec<Uint8Array, Bytes> = Object.freeze({
  encode: (bytes: Uint8Array) => [checked(bytes)],
  encodedLength: (bytes: Uint8Array) => checked(bytes).length,
  encodeInto: (bytes: Uint8Array, target: Uint8Array, offset: number) => {
    checkRoom(target, offset, checked(bytes).length);
    target.set(bytes, offset);
    return offset + bytes.length;
  },
  decoder: (given?: DecoderOptions) => {
    resolveDecoderOptions(given);
    return new RawDecoder();
  },
});

function checked(bytes: Uint8Array): Uint8Array {
  checkBytes('value', bytes);
  return bytes;
}

class RawDecoder implements Decoder<Bytes> {
  readonly #queue = new ChunkQueue();
  #ended = false;

  push(chunk: Uint8Array): void {
    if (!isBytes(chunk)) {
      throw notBytes(chunk);
    }
    if (this.#ended && chunk.length > 0) {
      throw afterEnd();
    }
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
    for (let bytes = this.take(); bytes !== undefined; bytes = this.take()) {
      yield bytes;
    }
  }
}
