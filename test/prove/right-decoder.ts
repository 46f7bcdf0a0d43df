// A right decoder of u32be frames. It is small, and its steps are apart, so that each mutant in mutants.ts
// can do one step wrongly. It shares no code with src/codec, only the contract.

import type { Decoder } from '../../src/codec/codec.ts';
import { ProtocolError, UsageError } from '../../src/errors.ts';
import type { ErrorCode } from '../../src/errors.ts';

export const PREFIX = 4;
export const LIMIT = 8 * 1024 * 1024;

/** The bytes of one frame. */
export function frameOf(payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(PREFIX + payload.length);
  new DataView(frame.buffer).setUint32(0, payload.length);
  frame.set(payload, PREFIX);
  return frame;
}

export class RightDecoder implements Decoder<Uint8Array> {
  protected held: Uint8Array = new Uint8Array(16);
  /** Bounds of the bytes of `held` that have come and were not delivered. */
  protected start = 0;
  protected stop = 0;
  protected ended = false;
  protected error: Error | undefined;
  protected delivered = 0;
  protected frames = 0;

  get bufferedLength(): number {
    return this.stop - this.start;
  }

  get done(): boolean {
    return this.ended && this.bufferedLength === 0;
  }

  push(chunk: Uint8Array): void {
    if (this.ended) {
      throw new UsageError('ERR_DECODER_ENDED', 'The decoder has ended.');
    }
    this.append(chunk);
  }

  end(): void {
    this.ended = true;
  }

  take(): Uint8Array | undefined {
    if (this.error !== undefined) {
      throw this.error;
    }
    if (this.bufferedLength < PREFIX) {
      return this.short();
    }
    const length = this.lengthAt(this.start);
    this.check(length);
    if (!this.isWhole(length)) {
      return this.short();
    }
    return this.deliver(length);
  }

  *[Symbol.iterator](): Generator<Uint8Array, void, undefined> {
    for (let frame = this.take(); frame !== undefined; frame = this.take()) {
      yield frame;
    }
  }

  /** Makes room by doubling the memory, and copies the chunk behind the held bytes. */
  protected append(chunk: Uint8Array): void {
    if (this.stop + chunk.length > this.held.length) {
      this.makeRoom(chunk.length);
    }
    this.held.set(chunk, this.stop);
    this.stop += chunk.length;
  }

  protected makeRoom(length: number): void {
    const needed = this.bufferedLength + length;
    const moved = new Uint8Array(Math.max(needed * 2, 16));
    moved.set(this.held.subarray(this.start, this.stop));
    this.stop -= this.start;
    this.start = 0;
    this.held = moved;
  }

  protected byteAt(offset: number): number {
    return this.held[offset] ?? 0;
  }

  protected lengthAt(offset: number): number {
    const high = this.byteAt(offset) * 2 ** 24;
    return (
      high +
      this.byteAt(offset + 1) * 65536 +
      this.byteAt(offset + 2) * 256 +
      this.byteAt(offset + 3)
    );
  }

  protected check(length: number): void {
    if (length > LIMIT) {
      throw this.fail('ERR_FRAME_TOO_LARGE');
    }
  }

  protected isWhole(length: number): boolean {
    return this.bufferedLength >= PREFIX + length;
  }

  protected deliver(length: number): Uint8Array {
    const from = this.start + PREFIX;
    const payload = this.payload(from, from + length);
    this.start = from + length;
    this.delivered += PREFIX + length;
    this.frames += 1;
    return payload;
  }

  protected payload(from: number, to: number): Uint8Array {
    return this.held.slice(from, to);
  }

  /** Called when there is no whole frame: more bytes must come or, after the end, bytes are missing. */
  protected short(): undefined {
    if (this.ended && this.bufferedLength > 0) {
      throw this.fail('ERR_FRAME_TRUNCATED');
    }
    return undefined;
  }

  protected fail(code: ErrorCode): Error {
    const place = { byteOffset: this.delivered, frameIndex: this.frames };
    this.error = new ProtocolError(code, 'The frame is bad', place);
    return this.error;
  }
}
