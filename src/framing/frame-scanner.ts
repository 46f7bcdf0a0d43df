// Finds where frames lie in a stream while its chunks arrive, for any codec. After each value the decoder
// says how many bytes it still holds. From this number the scanner computes where the frame ended, without a
// parser of its own.

import type { Decoder } from '../codec/codec.ts';
import { UsageError } from '../errors.ts';
import type { ProtocolError } from '../errors.ts';
import type { Spots } from './codecs.ts';

/**
 * Maximum number of values in a row that take no bytes. Without this limit a faulty decoder could return
 * values for ever.
 */
const MAX_IDLE = 1000;

/** Offsets of a frame and of its payload in the stream. An end is the offset of the first byte behind. */
export interface FramePlace {
  readonly start: number;
  readonly payloadStart: number;
  readonly payloadEnd: number;
  readonly end: number;
}

export class FrameScanner {
  readonly #spots: Spots;
  readonly #decoder: Decoder<unknown>;
  /** Number of bytes that were pushed so far. */
  #pushed = 0;
  /** Offset at which the next frame begins. */
  #start = 0;
  /** Number of values in a row that took no bytes, such as the end of a message. */
  #idle = 0;

  constructor(spots: Spots) {
    this.#spots = spots;
    // The decoder first reports a gap of noise, then returns the frame that follows the gap in the stream. So
    // move the start of that frame.
    const onNoise = ({ length = 0 }: ProtocolError): void => {
      this.#start += length;
    };
    this.#decoder = spots.codec.decoder({ onNoise });
  }

  /**
   * Takes a chunk, which must not change until all its frames have been found. Calls `found` for each frame
   * that ends in the chunk. Throws ProtocolError for a wrong frame, after the calls for all good frames that
   * stand in front of it.
   */
  push(chunk: Uint8Array, found: (place: FramePlace) => void): void {
    this.#decoder.push(chunk);
    this.#pushed += chunk.length;
    this.#takeAll(found);
  }

  /**
   * Tells the scanner that the stream is over. Calls `found` for each frame that the end completes. Throws
   * ProtocolError if the stream ends inside a frame.
   */
  end(found: (place: FramePlace) => void): void {
    this.#decoder.end();
    this.#takeAll(found);
  }

  #checkProgress(): void {
    this.#idle++;
    if (this.#idle > MAX_IDLE) {
      const facts = `The decoder returned ${this.#idle} values in a row without taking a byte.`;
      throw new UsageError('ERR_OPTION', facts);
    }
  }

  #takeAll(found: (place: FramePlace) => void): void {
    for (let value = this.#decoder.take(); value !== undefined; value = this.#decoder.take()) {
      const start = this.#start;
      const end = this.#pushed - this.#decoder.bufferedLength;
      if (end === start) {
        this.#checkProgress();
        continue;
      }
      this.#idle = 0;
      const head = this.#spots.headLength(value, end - start);
      const payloadStart = Math.min(end, start + Math.max(0, head));
      const tail = this.#spots.tailLength?.(value, end - start) ?? 0;
      const payloadEnd = Math.max(payloadStart, end - Math.max(0, tail));
      this.#start = end;
      found({ start, payloadStart, payloadEnd, end });
    }
  }
}
