// resync(): the rules of resync.ts over formats with short markers and streams that are full of them.

import { ok, strictEqual } from 'node:assert';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CRC_16_MODBUS } from '../../src/codec/crc-presets.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { resync } from '../../src/codec/resync.ts';
import type { ProtocolError } from '../../src/errors.ts';
import { join, toHex } from '../support/bytes.ts';
import { deliveriesOf, read } from '../support/deliveries.ts';
import { codecOf, noisyCases } from '../support/frame-arbitraries.ts';
import { runs } from '../support/seed.ts';
import { slowReadAny } from '../support/slow-resync-frames.ts';

describe('a decoder with resync', () => {
  test('agrees with the slow search, however the stream is cut, pushed, scanned and taken', () => {
    const cases = noisyCases.chain((one) =>
      fc.record({ one: fc.constant(one), delivery: deliveriesOf(one.stream), skips: fc.boolean() }),
    );
    fc.assert(
      fc.property(cases, ({ one: { options, stream }, delivery, skips }) => {
        const expected = slowReadAny(options, stream, { ended: delivery.ended, skips });
        expect(read(codecOf(options), delivery, skips)).toEqual(expected);
      }),
      runs(1500),
    );
  });

  const summed = lengthPrefixed({
    before: '68',
    prefix: 'u8',
    trailer: { checksum: CRC_16_MODBUS, order: 'le' },
    // Noise here holds more markers in a row than the 16 long false frames that are tried by default.
    resync: resync({ maxTries: 200 }),
  });
  const marked = lengthPrefixed({ before: '68 68', prefix: 'u8', resync: resync() });
  const payloads = fc.uint8Array({ maxLength: 30 });
  /** Noise of markers and lengths, so that false frames are everywhere. */
  const evil = fc
    .array(fc.constantFrom(0x68, 0x68, 1, 5, 40, 255), { maxLength: 15 })
    .map((bytes) => Uint8Array.from(bytes));
  const calm = evil.map((bytes) => bytes.filter((byte) => byte !== 0x68));

  test('loses no frame behind noise without the marker', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(calm, payloads), { maxLength: 6 }), (all) => {
        const stream = join(all.flatMap(([noise, payload]) => [noise, ...marked.encode(payload)]));
        const found = [...ended(marked.decoder(), stream)].map(toHex);
        expect(found).toEqual(all.map(([, payload]) => toHex(payload)));
      }),
      runs(500),
    );
  });

  test('loses no frame behind any noise if the frames have a checksum', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(evil, payloads), { maxLength: 6 }), evil, (all, last) => {
        const frames = all.flatMap(([noise, payload]) => [noise, ...summed.encode(payload)]);
        const decoder = ended(summed.decoder(), join([...frames, last]));
        const found: string[] = [];
        const error = takeAll(decoder, found);
        expect(found).toEqual(all.map(([, payload]) => toHex(payload)));
        ok(error === undefined || error.code === 'ERR_FRAME_TRUNCATED');
      }),
      runs(500),
    );
  });

  test('counts every byte once: as noise, in a frame, or as left', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(evil, payloads), { maxLength: 6 }), (all) => {
        const stream = join(all.flatMap(([noise, payload]) => [noise, ...summed.encode(payload)]));
        let counted = 0;
        const onSkip = ({ byteOffset, length = 0 }: ProtocolError): void => {
          strictEqual(byteOffset, counted, 'a gap begins where the frame before it ended');
          counted += length;
        };
        const decoder = summed.decoder({ onSkip });
        decoder.push(stream);
        for (const payload of decoder) {
          counted += payload.length + 4;
        }
        // What is left at first is a gap that is not over.
        const rest = decoder.takeRest().reduce((sum, { length }) => sum + length, 0);
        strictEqual(counted + rest, stream.length);
      }),
      runs(500),
    );
  });
});

interface Ending {
  push(chunk: Uint8Array): void;
  end(): void;
}

function ended<D extends Ending>(decoder: D, stream: Uint8Array): D {
  decoder.push(stream);
  decoder.end();
  return decoder;
}

function takeAll(decoder: Iterable<Uint8Array>, found: string[]): ProtocolError | undefined {
  try {
    for (const payload of decoder) {
      found.push(toHex(payload));
    }
    return undefined;
  } catch (error) {
    return error as ProtocolError;
  }
}
