// rawBytes(): the bytes as they come, for the phases of a protocol that have no frames.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rawBytes } from '../../src/codec/raw-bytes.ts';
import { hex, join, toHex } from '../support/bytes.ts';
import { deliveriesOf, read } from '../support/deliveries.ts';
import { runs } from '../support/seed.ts';

describe('rawBytes', () => {
  test('gives every byte once and in order, however the stream is cut', () => {
    const cases = fc
      .uint8Array({ maxLength: 60 })
      .chain((stream) =>
        fc.record({ stream: fc.constant(stream), delivery: deliveriesOf(stream) }),
      );
    fc.assert(
      fc.property(cases, ({ stream, delivery }) => {
        const { events, error, rest } = read(rawBytes(), delivery);
        expect(error).toBeUndefined();
        const given = events.map((event) => (event.kind === 'value' ? String(event.value) : ''));
        expect(given.every((bytes) => bytes !== '')).toBe(true);
        expect(given.join('') + rest).toBe(toHex(stream));
      }),
      runs(500),
    );
  });

  test('passes bytes through by reference, and packs them', () => {
    const bytes = hex('6869');
    expect(rawBytes().encode(bytes)[0]).toBe(bytes);
    expect(rawBytes().encodedLength(bytes)).toBe(2);
    const target = new Uint8Array(4);
    expect(rawBytes().encodeInto(bytes, target, 1)).toBe(3);
    expect(toHex(target)).toBe('00686900');
  });

  test('has an end, after which no bytes are taken', () => {
    const decoder = rawBytes().decoder();
    decoder.push(hex('61'));
    decoder.end();
    expect(decoder.done).toBe(false);
    expect(join([...decoder])).toEqual(hex('61'));
    expect(decoder.done).toBe(true);
    const refusal = expect.objectContaining({ code: 'ERR_DECODER_ENDED' });
    expect(() => decoder.push(hex('61'))).toThrow(refusal);
  });

  test.each(['text', undefined, null])('refuses the chunk %j', (chunk) => {
    const call = (): void =>
      rawBytes()
        .decoder()
        .push(chunk as never);
    expect(call).toThrow(expect.objectContaining({ name: 'UsageError', code: 'ERR_OPTION' }));
  });
});
