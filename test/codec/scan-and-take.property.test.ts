// scan reuses its own memory, and take returns views that may be kept. If both are used in any order on one
// decoder, no view ever changes.

import { strictEqual } from 'node:assert';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { join, toHex } from '../support/bytes.ts';
import { chunkKinds, chunkOf, cutsOf, split } from '../support/deliveries.ts';
import { runs } from '../support/seed.ts';

const codec = lengthPrefixed({ prefix: 'u16be' });
const payloads = fc.array(
  fc.oneof(fc.nat(12), fc.integer({ min: 60, max: 140 }), fc.constant(5000)),
  { minLength: 2, maxLength: 12 },
);

describe('scan and take on one decoder', () => {
  test('give the frames in order, and what take gave stays as it was', () => {
    const cases = payloads.chain((lengths) => {
      const wanted = lengths.map((length, i) => new Uint8Array(length).fill(i + 1));
      const stream = join(wanted.flatMap((payload) => codec.encode(payload)));
      return fc.record({
        wanted: fc.constant(wanted.map(toHex)),
        chunks: cutsOf(Math.min(stream.length, 600)).map((cuts) => split(stream, cuts)),
        hows: fc.array(fc.constantFrom('scan', 'scan', 'push'), { minLength: 1, maxLength: 5 }),
        kind: chunkKinds,
        takes: fc.array(fc.constantFrom(0, 1, 2, Infinity), { minLength: 1, maxLength: 5 }),
        throwsAt: fc.option(fc.nat(12), { nil: -1 }),
      });
    });
    fc.assert(
      fc.property(cases, ({ wanted, chunks, hows, kind, takes, throwsAt }) => {
        const decoder = codec.decoder();
        const seen: string[] = [];
        const kept: { view: Uint8Array; was: string }[] = [];
        chunks.forEach((bytes, i) => {
          const chunk = chunkOf(bytes, kind);
          try {
            if (hows[i % hows.length] === 'push') {
              decoder.push(chunk);
            } else {
              decoder.scan(chunk, (memory, start, end) => {
                seen.push(toHex(memory.subarray(start, end)));
                if (seen.length === throwsAt) {
                  throw new RangeError('mine');
                }
              });
            }
          } catch (error) {
            if (!(error instanceof RangeError)) {
              throw error;
            }
          }
          if (hows[i % hows.length] === 'scan') {
            chunk.fill(0xee);
          }
          for (let left = takes[i % takes.length] ?? 0; left > 0; left--) {
            const view = decoder.take();
            if (view === undefined) {
              break;
            }
            const was = toHex(view);
            seen.push(was);
            kept.push({ view, was });
          }
        });
        decoder.scan(new Uint8Array(0), (memory, start, end) => {
          seen.push(toHex(memory.subarray(start, end)));
        });
        expect(seen).toEqual(wanted);
        for (const { view, was } of kept) {
          strictEqual(toHex(view), was);
        }
      }),
      runs(1500),
    );
  });
});
