// Decoders of frames without a length: their work, their memory, the order of their calls, and re-entry.

import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ChunkQueue } from '../../src/codec/chunk-queue.ts';
import type { FrameCodec, FrameDecoder } from '../../src/codec/codec.ts';
import { cobs } from '../../src/codec/delimited/cobs.ts';
import { delimited } from '../../src/codec/delimited/delimited.ts';
import { dle, jt808 } from '../../src/codec/delimited/escapes.ts';
import { lines } from '../../src/codec/delimited/lines.ts';
import { fixedLength } from '../../src/codec/fixed-length.ts';
import { hex, inPieces, join, toHex } from '../support/bytes.ts';
import { copiesOf } from '../support/counting-array.ts';
import { xor8 } from '../support/delimited-arbitraries.ts';
import { unstickErrorOf, valuesOf } from '../support/outcomes.ts';

const MIB = 1024 * 1024;
const maxLength = 4 * MIB;

/** Each kind, with two frames `61` in one chunk. */
const KINDS: readonly (readonly [name: string, codec: FrameCodec])[] = [
  ['lines', lines({ maxLength })],
  ['a marker of three bytes', delimited({ end: '0d 0a 0d', maxLength })],
  ['escapes', delimited({ start: '7e', end: '7e', escape: jt808, maxLength })],
  ['DLE', delimited({ start: '10 02', end: '10 03', escape: dle, maxLength })],
  ['a checksum', delimited({ end: '0a', checksum: xor8, maxLength })],
  ['cobs', cobs({ maxLength })],
  ['fixedLength', fixedLength(1)],
];
const markedKinds = KINDS.filter(([name]) => name !== 'fixedLength');

function framesOf(codec: FrameCodec): Uint8Array {
  return join([...codec.encode(hex('61')), ...codec.encode(hex('61'))]);
}

/** Counts the bytes that are looked at behind the start of a frame, until the test is over. */
function countLooks(): () => number {
  // oxlint-disable-next-line typescript/unbound-method -- called with the queue as its `this`
  const { look } = ChunkQueue.prototype;
  let looked = 0;
  ChunkQueue.prototype.look = function counted(index) {
    const run = look.call(this, index);
    looked += run === undefined ? 0 : run.end - run.at;
    return run;
  };
  onTestFinished(() => {
    ChunkQueue.prototype.look = look;
  });
  return () => looked;
}

describe.each(markedKinds)('a frame of %s', (_, codec) => {
  test.each([
    [1, 40_000],
    [1400, 300_000],
    [5000, 300_000],
    [65_536, 300_000],
  ])('in chunks of %d bytes is looked at once, and joined once', (chunkLength, length) => {
    const looked = countLooks();
    const frame = join(codec.encode(new Uint8Array(length).fill(0x61, 1)));
    const { copies, last } = copiesOf(codec, frame, chunkLength);
    expect(last).toHaveLength(length);
    expect(copies).toBeLessThan(3.2);
    expect(looked()).toBeLessThanOrEqual(frame.length);
  });
});

describe.each(KINDS)('a decoder of %s', (_, codec) => {
  const two = framesOf(codec);

  test('says that memory is gone, whole or cut, and then the same again', () => {
    for (const length of [two.length, 1]) {
      const decoder = codec.decoder();
      const chunks = inPieces(two, length);
      for (const chunk of chunks) {
        decoder.push(chunk);
      }
      // Only the first chunk is looked at where it lies; small ones behind it are copied.
      const buffer = chunks[0]?.buffer as ArrayBuffer;
      structuredClone(buffer, { transfer: [buffer] });
      const error = unstickErrorOf(() => decoder.take());
      expect(error.code).toBe('ERR_CHUNK_DETACHED');
      expect(unstickErrorOf(() => decoder.take())).toBe(error);
    }
  });

  test('says that memory is gone to scan', () => {
    const decoder = codec.decoder();
    const chunk = two.slice();
    decoder.push(chunk);
    structuredClone(chunk.buffer, { transfer: [chunk.buffer] });
    const visit = vi.fn<() => void>();
    expect(unstickErrorOf(() => decoder.scan(new Uint8Array(0), visit)).code).toBe(
      'ERR_CHUNK_DETACHED',
    );
    expect(visit).not.toHaveBeenCalled();
  });

  test('goes on behind the frame whose visitor threw', () => {
    const decoder = codec.decoder();
    const error = new Error('mine');
    const visit = (): never => {
      throw error;
    };
    expect(() => decoder.scan(two, visit)).toThrow(error);
    expect([...decoder].map(toHex)).toEqual(['61']);
  });

  test('refuses to be used by its own visitor', () => {
    const decoder = codec.decoder();
    const uses: ((decoder: FrameDecoder) => unknown)[] = [
      (own) => own.take(),
      (own) => own.push(two),
      (own) => own.end(),
      (own) => own.takeRest(),
      (own) => own.scan(two, () => undefined),
    ];
    const codes = new Set<string>();
    decoder.scan(two, () => {
      for (const use of uses) {
        codes.add(unstickErrorOf(() => use(decoder)).code);
      }
    });
    expect([...codes]).toEqual(['ERR_DECODER_BUSY']);
  });

  test('keeps no values of scan apart from those of take', () => {
    const decoder = codec.decoder();
    decoder.push(two);
    const kept = decoder.take();
    decoder.scan(join(codec.encode(hex('62'))), () => undefined);
    decoder.scan(join(codec.encode(hex('63'))), () => undefined);
    expect(kept && toHex(kept)).toBe('61');
  });

  test('refuses chunks that are no bytes, and bytes behind the end', () => {
    const decoder = codec.decoder();
    expect(unstickErrorOf(() => decoder.push('a' as never)).code).toBe('ERR_OPTION');
    decoder.end();
    decoder.push(new Uint8Array(0));
    expect(unstickErrorOf(() => decoder.push(two)).code).toBe('ERR_DECODER_ENDED');
    expect(decoder.done).toBe(true);
  });

  test('gives back what it has not delivered, and is over', () => {
    const decoder = codec.decoder();
    decoder.push(two);
    decoder.take();
    const rest = decoder.takeRest();
    expect(valuesOf(codec, rest).map(toHex)).toEqual(['61']);
    expect(decoder).toMatchObject({ done: true, bufferedLength: 0 });
    expect(decoder.take()).toBeUndefined();
  });
});

test('a caller that transfers the memory of a value without escapes breaks no other value', () => {
  const codec = delimited({ end: '7e', escape: jt808 });
  const decoder = codec.decoder();
  decoder.push(join([codec.encode(hex('7d61')), codec.encode(hex('7d62'))].flat()));
  const first = decoder.take();
  const buffer = first?.buffer as ArrayBuffer;
  structuredClone(buffer, { transfer: [buffer] });
  expect([...decoder].map(toHex)).toEqual(['7d62']);
});

describe('onSkip', () => {
  const small = lines({ maxLength: 1 });

  test('that throws is called once, and the decoder goes on behind the frame', () => {
    const error = new Error('mine');
    const onSkip = vi.fn<() => void>(() => {
      throw error;
    });
    const decoder = small.decoder({ onSkip });
    decoder.push(hex('61 61 0a 62 0a'));
    expect(() => decoder.take()).toThrow(error);
    expect([...decoder].map(toHex)).toEqual(['62']);
    expect(onSkip).toHaveBeenCalledTimes(1);
  });

  test('must not use the decoder', () => {
    const codes: string[] = [];
    const decoder = small.decoder({
      onSkip: () => codes.push(unstickErrorOf(() => decoder.take()).code),
    });
    decoder.push(hex('61 61 0a 62 0a'));
    expect([...decoder].map(toHex)).toEqual(['62']);
    expect(codes).toEqual(['ERR_DECODER_BUSY']);
  });
});
