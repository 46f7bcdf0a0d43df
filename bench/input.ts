// What decoders are given: equal frames, one after another, in chunks as a socket gives them.

import { Duplex } from 'node:stream';
import { seconds } from './harness.ts';
import type { Contender } from './harness.ts';

/** What one read of a socket gives at most. */
const CHUNK_LENGTH = 65_536;
const TOTAL_LENGTH = 48 * 1024 * 1024;

export interface Input {
  readonly frames: number;
  readonly chunks: readonly Buffer[];
}

/** Counts what it finds. */
export type Count = (input: Input) => number | Promise<number>;

/** A frame as `lengthPrefixed()` has it. */
export function plainFrame(payloadLength: number): Buffer {
  const frame = Buffer.alloc(4 + payloadLength);
  frame.writeUInt32BE(payloadLength);
  return frame;
}

/** Chunks that own their memory, as a socket gives them. */
export function inputOf(frame: Uint8Array, totalLength: number = TOTAL_LENGTH): Input {
  const frames = Math.ceil(totalLength / frame.length);
  const bytes = Buffer.alloc(frames * frame.length, frame);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_LENGTH) {
    const part = bytes.subarray(at, at + CHUNK_LENGTH);
    const chunk = Buffer.allocUnsafeSlow(part.length);
    part.copy(chunk);
    chunks.push(chunk);
  }
  return { frames, chunks };
}

/** Makes the input once, then gives the millions of frames a second of one pass, which must find them all. */
export function passes(make: () => Input, count: Count): Contender {
  let input: Input | undefined;
  return async () => {
    const given = (input ??= make());
    let found = 0;
    const time = await seconds(async () => {
      found = await count(given);
    });
    if (found !== given.frames) {
      throw new Error(`found ${found} of ${given.frames} frames`);
    }
    return given.frames / time / 1e6;
  };
}

/** A duplex that gives the chunks, one for each read, and ends. What is written to it is dropped. */
export function memoryDuplex(chunks: readonly Buffer[]): Duplex {
  let next = 0;
  return new Duplex({
    read() {
      this.push(chunks[next++] ?? null);
    },
    write(_chunk, _encoding, done) {
      done();
    },
  });
}
