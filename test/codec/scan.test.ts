// scan() by example: what the visitor is shown, and what happens when it throws or meddles.

import { describe, expect, test } from 'vitest';
import type { FrameDecoder } from '../../src/codec/codec.ts';
import type { LengthPrefixedOptions } from '../../src/codec/frame-layout.ts';
import { hex, toHex } from '../support/bytes.ts';
import { bytesCodec } from '../support/frame-arbitraries.ts';

function decoderOf(options: LengthPrefixedOptions, ...chunks: string[]): FrameDecoder {
  const decoder = bytesCodec(options).decoder();
  for (const chunk of chunks) {
    decoder.push(hex(chunk));
  }
  return decoder;
}

/** A visitor that writes down what it is shown. */
function shown(): { frames: string[]; visit: (b: Uint8Array, s: number, e: number) => void } {
  const frames: string[] = [];
  return { frames, visit: (bytes, start, end) => frames.push(toHex(bytes.subarray(start, end))) };
}

describe('scan', () => {
  test('shows what was pushed before, then what the chunk completes', () => {
    const { frames, visit } = shown();
    decoderOf({}, '00000001 61 000000').scan(hex('02 6263 00000000 00'), visit);
    expect(frames).toEqual(['61', '6263', '']);
  });

  test('shows whole frames with deliver frame', () => {
    const { frames, visit } = shown();
    const options = { before: 1, after: 1, trailer: 1, deliver: 'frame' } as const;
    decoderOf(options, '01 00000001 02 61').scan(hex('03 04 00000000 05 06'), visit);
    expect(frames).toEqual(['0100000001026103', '04000000000506']);
  });

  test('throws after the last good frame', () => {
    const { frames, visit } = shown();
    const decoder = decoderOf({ prefix: 'i32be' });
    const call = (): void => decoder.scan(hex('00000001 61 ffffffff'), visit);
    expect(call).toThrow(
      expect.objectContaining({ code: 'ERR_FRAME_LENGTH_INVALID', byteOffset: 5 }),
    );
    expect(frames).toEqual(['61']);
    expect(() => decoder.take()).toThrow('Frame length -1');
  });

  test.each([
    ['in one chunk', ['00000001 61 00000001 62 00000001 63']],
    ['across chunks', ['000000', '01 61 000000', '01 62 00', '000001 63']],
  ])('leaves the decoder behind the frame whose visitor threw, %s', (_, chunks) => {
    const { frames, visit } = shown();
    const decoder = decoderOf({});
    const thrown: unknown[] = [];
    const attempt = (call: () => void): void => {
      try {
        call();
      } catch (error) {
        thrown.push(error);
      }
    };
    for (const chunk of chunks) {
      const bytes = hex(chunk);
      const throwing = (...args: Parameters<typeof visit>): void => {
        visit(...args);
        if (frames.length === 1) {
          throw new Error('mine');
        }
      };
      attempt(() => decoder.scan(bytes, throwing));
      bytes.fill(0xff);
    }
    decoder.scan(hex(''), visit);
    expect(thrown).toEqual([new Error('mine')]);
    expect(frames).toEqual(['61', '62', '63']);
  });

  test.each([
    ['take', (decoder: FrameDecoder) => decoder.take()],
    ['push', (decoder: FrameDecoder) => decoder.push(hex('00'))],
    ['scan', (decoder: FrameDecoder) => decoder.scan(hex('00'), () => undefined)],
    ['takeRest', (decoder: FrameDecoder) => decoder.takeRest()],
  ])('refuses %s from inside its visitor, and goes on', (_, use) => {
    const decoder = decoderOf({});
    let codes = 0;
    const visit = (): void => {
      expect(() => use(decoder)).toThrow(expect.objectContaining({ code: 'ERR_DECODER_BUSY' }));
      codes++;
    };
    for (const chunk of ['00000001 61 00000001', '62']) {
      decoder.scan(hex(chunk), visit);
    }
    expect(codes).toBe(2);
    expect(decoder.bufferedLength).toBe(0);
  });
});
