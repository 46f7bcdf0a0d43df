// A stream of a real program, read by a row of `formats` under many cuts.

import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { Codec } from '../../../src/codec/codec.ts';
import { inPieces, toHex } from '../../support/bytes.ts';
import { cutsOf, split } from '../../support/deliveries.ts';
import { codecOfRow } from '../../support/format-vectors.ts';
import type { FormatName } from '../../support/format-vectors.ts';
import { runs } from '../../support/seed.ts';

/** What encode writes for each value of a stream. The stream must end at a boundary. */
function framesIn<T>(codec: Codec<T>, chunks: readonly Uint8Array[]): string[] {
  const decoder = codec.decoder();
  const frames: string[] = [];
  const takeAll = (): void => {
    for (const value of decoder) {
      frames.push(codec.encode(value).map(toHex).join(''));
    }
  };
  for (const chunk of chunks) {
    decoder.push(chunk);
    takeAll();
  }
  decoder.end();
  takeAll();
  expect(decoder.done).toBe(true);
  return frames;
}

/** Decodes a stream whole, in small pieces and at random cuts, and returns its frames in hex. */
export function framesUnderCuts<T>(codec: Codec<T>, stream: Uint8Array): readonly string[] {
  const frames = framesIn(codec, [stream]);
  const small = stream.length > 10_000 ? 7 : 1;
  expect(framesIn(codec, inPieces(stream, small))).toEqual(frames);
  fc.assert(
    fc.property(cutsOf(stream.length), (cuts) => {
      expect(framesIn(codec, split(stream, cuts))).toEqual(frames);
    }),
    runs(20),
  );
  return frames;
}

/** The frames that a row finds in a stream, in hex as encode writes them. */
export function framesOfRow(
  name: FormatName,
  stream: Uint8Array,
  overrides: object = {},
): readonly string[] {
  return framesUnderCuts(codecOfRow(name, overrides), stream);
}
