// The input of decoders: equal frames, one after another, in chunks as a socket gives them.

import { Duplex } from 'node:stream';
import { seconds } from './harness.ts';
import type { Contender } from './harness.ts';

/** Maximum length of a chunk: one read of a socket returns no more. */
const CHUNK_LENGTH = 65_536;
const TOTAL_LENGTH = 48 * 1024 * 1024;

export interface Input {
  readonly frames: number;
  readonly chunks: readonly Buffer[];
}

/** Decodes the input. Returns the number of frames found. */
export type Count = (input: Input) => number | Promise<number>;

/** A frame of `lengthPrefixed()` with its default options. */
export function plainFrame(payloadLength: number): Buffer {
  const frame = Buffer.alloc(4 + payloadLength);
  frame.writeUInt32BE(payloadLength);
  return frame;
}

/** Repeats a frame up to `totalLength` bytes, in chunks that own their memory, as a socket gives them. */
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

/**
 * A contender that makes its input once. Its figure is millions of frames a second of a pass that finds all.
 */
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

/** A duplex that returns the chunks, one for each read, and then ends. Bytes written to it are dropped. */
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
