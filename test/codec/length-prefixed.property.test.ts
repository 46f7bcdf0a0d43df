// lengthPrefixed() agrees with the slow oracle over the whole space of its options. The oracle knows nothing
// of chunks, so all properties of cuts follow from this; the later tests state them one by one.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { join, toHex } from '../support/bytes.ts';
import { atOnce, deliveriesOf, read } from '../support/deliveries.ts';
import { anyCases, codecOf, goodCases } from '../support/frame-arbitraries.ts';
import { runs } from '../support/seed.ts';
import { slowRead } from '../support/slow-frames.ts';
import { slowWrite } from '../support/slow-write.ts';
import type { FrameValue } from '../support/slow-write.ts';

describe('a lengthPrefixed decoder', () => {
  test('agrees with the slow oracle, however the stream is cut, pushed, scanned and taken', () => {
    const cases = anyCases.chain((one) =>
      fc.record({ one: fc.constant(one), delivery: deliveriesOf(one.stream), skips: fc.boolean() }),
    );
    fc.assert(
      fc.property(cases, ({ one: { options, stream }, delivery, skips }) => {
        const expected = slowRead(options, stream, { ended: delivery.ended, skips });
        expect(read(codecOf(options), delivery, skips)).toEqual(expected);
      }),
      runs(4000),
    );
  });

  test('gives back what was encoded, in order, and is done at the end', () => {
    fc.assert(
      fc.property(goodCases, ({ options, sent }) => {
        const codec = codecOf(options);
        const stream = join(sent.flatMap((value) => codec.encode(value)));
        const { events, error } = read(codec, atOnce(stream));
        expect(error).toBeUndefined();
        const masked = typeof options.prefix === 'object' && options.prefix.flagBits !== undefined;
        const preset = masked && options.deliver === 'parts' ? { flags: 0 } : {};
        const values = sent.map((value) =>
          value instanceof Uint8Array ? value : { ...preset, ...value },
        );
        expect(events).toEqual(values.map((value) => ({ kind: 'value', value: show(value) })));
      }),
      runs(1500),
    );
  });

  test('reports truncation at every cut that is not a boundary, and only there', () => {
    fc.assert(
      fc.property(goodCases, fc.boolean(), ({ options, sent }, skips) => {
        const frames = sent.map((value) => slowWrite(options, value) ?? new Uint8Array(0));
        const stream = join(frames);
        const starts = frames.reduce<number[]>(
          (at, one) => [...at, (at.at(-1) ?? 0) + one.length],
          [0],
        );
        for (let cut = 0; cut <= Math.min(stream.length, 200); cut++) {
          const { error, events } = read(codecOf(options), atOnce(stream.slice(0, cut)), skips);
          const whole = starts.filter((start) => start <= cut).length - 1;
          expect(events).toHaveLength(whole);
          expect(error).toEqual(
            starts.includes(cut)
              ? undefined
              : { code: 'ERR_FRAME_TRUNCATED', byteOffset: starts[whole], frameIndex: whole },
          );
        }
      }),
      runs(150),
    );
  });
});

function show(value: FrameValue): unknown {
  if (value instanceof Uint8Array) {
    return toHex(value);
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      part instanceof Uint8Array ? toHex(part) : part,
    ]),
  );
}
