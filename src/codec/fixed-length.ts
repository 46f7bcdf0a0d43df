// fixedLength(): every frame has the same number of bytes.

import type { DecoderOptions, FrameCodec } from './codec.ts';
import type { ProtocolError, StreamPlace } from '../errors.ts';
import { whole } from '../options.ts';
import { checkBytes, checkRoom } from './part-checks.ts';
import { truncated, unencodable } from './frame-errors.ts';
import { SeekingDecoder } from './seeking-decoder.ts';
import { quantity } from '../text.ts';

/**
 * Makes a codec of frames that all have `length` bytes, 1 or more, with nothing around them. Encode refuses
 * a value of another length with ERR_FRAME_UNENCODABLE. Nothing in the bytes says where a frame begins, so a
 * lost byte shifts all frames behind it. Throws UsageError ERR_OPTION for any other `length`.
 */
export function fixedLength(length: number): FrameCodec {
  whole('length', length, { min: 1 });
  const checked = (value: Uint8Array): Uint8Array => {
    checkBytes('value', value);
    if (value.length === length) {
      return value;
    }
    const facts = `The value has ${quantity(value.length, 'byte')}, but each frame has ${length}.`;
    throw unencodable(facts, { length: value.length, limit: length });
  };
  return Object.freeze({
    encode: (value: Uint8Array) => [checked(value)],
    encodedLength: (value: Uint8Array) => checked(value).length,
    encodeInto: (value: Uint8Array, target: Uint8Array, offset: number) => {
      checkRoom(target, offset, checked(value).length);
      target.set(value, offset);
      return offset + length;
    },
    decoder: (given?: DecoderOptions) => new FixedLengthDecoder(length, given),
  });
}

class FixedLengthDecoder extends SeekingDecoder {
  readonly #length: number;

  constructor(length: number, options: DecoderOptions | undefined) {
    super(options);
    this.#length = length;
  }

  protected override seek(): boolean {
    const { queue } = this;
    const length = this.#length;
    if (queue.end - queue.at < length) {
      if (queue.length < length) {
        return false;
      }
      queue.gather(length);
    }
    this.valueStart = queue.at;
    queue.at += length;
    this.valueEnd = queue.at;
    this.frameIndex++;
    return true;
  }

  protected override get awaited(): number {
    return this.#length;
  }

  /** Never called: in a frame of fixed length any bytes are right, so no frame is skipped. */
  protected override drop(): boolean {
    return true;
  }

  protected override truncated(place: StreamPlace, received: number): ProtocolError {
    return truncated(place, received, this.#length - received);
  }

  protected override get isFill(): boolean {
    return false;
  }
}
