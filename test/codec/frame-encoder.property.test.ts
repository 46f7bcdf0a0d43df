// Encoding over the whole space of options: the oracle writes the same bytes and refuses the same values, and
// encode, encodedLength and encodeInto never disagree.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Codec } from '../../src/codec/codec.ts';
import { UsageError } from '../../src/errors.ts';
import { join, toHex } from '../support/bytes.ts';
import { codecOf, formats, values } from '../support/frame-arbitraries.ts';
import { runs } from '../support/seed.ts';
import { slowFormat } from '../support/slow-frames.ts';
import { slowWrite } from '../support/slow-write.ts';
import type { FrameValue } from '../support/slow-write.ts';

/** Values of the right kind, which may not fit: too long, sections missing or wrong, frames that are none. */
const cases = formats.chain((options) => {
  const any = fc.uint8Array({ maxLength: 60 });
  const few = fc.uint8Array({ maxLength: 4 });
  const parts = fc.record(
    { payload: any, before: few, after: few, trailer: few },
    { requiredKeys: ['payload'] },
  );
  const wild: fc.Arbitrary<FrameValue> = slowFormat(options).deliver === 'parts' ? parts : any;
  return fc.record({
    options: fc.constant(options),
    value: fc.oneof(values(options), wild),
    at: fc.nat(9),
  });
});

function refusal(call: () => unknown): UsageError | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) {
      return error;
    }
    throw error;
  }
}

function written(codec: Codec<FrameValue>, value: FrameValue): string | undefined {
  let bytes: string | undefined;
  const error = refusal(() => {
    bytes = toHex(join(codec.encode(value)));
  });
  expect(error?.code ?? 'ERR_FRAME_UNENCODABLE').toBe('ERR_FRAME_UNENCODABLE');
  return bytes;
}

describe('a lengthPrefixed encoder', () => {
  test('writes what the slow oracle writes, and refuses what it refuses', () => {
    fc.assert(
      fc.property(cases, ({ options, value }) => {
        const expected = slowWrite(options, value);
        expect(written(codecOf(options), value)).toBe(expected && toHex(expected));
      }),
      runs(4000),
    );
  });

  test('counts and packs exactly the bytes that it would give as pieces', () => {
    fc.assert(
      fc.property(cases, ({ options, value, at }) => {
        const codec = codecOf(options);
        const bytes = written(codec, value);
        fc.pre(bytes !== undefined);
        const length = codec.encodedLength(value);
        const slab = new Uint8Array(at + length + 5).fill(0xcc);
        expect(codec.encodeInto(value, slab, at)).toBe(at + length);
        expect(toHex(slab)).toBe('cc'.repeat(at) + bytes + 'cc'.repeat(5));
      }),
      runs(1500),
    );
  });

  test('writes nothing where it refuses, also for want of room', () => {
    fc.assert(
      fc.property(cases, fc.nat(20), ({ options, value, at }, room) => {
        const codec = codecOf(options);
        const slab = new Uint8Array(at + room).fill(0xcc);
        const error = refusal(() => codec.encodeInto(value, slab, at));
        fc.pre(error !== undefined);
        expect(error?.code).toBe('ERR_FRAME_UNENCODABLE');
        expect(toHex(slab)).toBe('cc'.repeat(at + room));
      }),
      runs(1500),
    );
  });

  test('is not changed by what becomes of the pieces that it gave', () => {
    fc.assert(
      fc.property(cases, ({ options, value }) => {
        const codec = codecOf(options);
        const first = written(codec, value);
        fc.pre(first !== undefined);
        const given = new Set(value instanceof Uint8Array ? [value] : Object.values(value));
        for (const piece of codec.encode(value)) {
          if (![...given].some((bytes) => bytes?.buffer === piece.buffer)) {
            piece.fill(0);
          }
        }
        expect(written(codec, value)).toBe(first);
      }),
      runs(1500),
    );
  });
});
