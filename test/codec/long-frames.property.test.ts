// A frame above 1 MiB is joined while it comes. Its bytes and its errors are those of the same stream in one
// chunk, for every cut and every way of reading, and what has come of it can be given back at any time.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Codec } from '../../src/codec/codec.ts';
import { CRC_32 } from '../../src/codec/crc-presets.ts';
import { contentLength } from '../../src/codec/content-length.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { netstrings } from '../../src/codec/netstrings.ts';
import { resync } from '../../src/codec/resync.ts';
import { messages } from '../../src/message/messages.ts';
import { hex, join } from '../support/bytes.ts';
import { atOnce, chunkKinds, read } from '../support/deliveries.ts';
import type { Delivery } from '../support/deliveries.ts';
import { runs } from '../support/seed.ts';

const MIB = 1024 * 1024;
const limit = { maxPayloadLength: 2 * MIB } as const;

/** Bytes that differ from place to place, so that a byte in a wrong place shows. */
function payloadOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i ^ (i >> 8) ^ (i >> 16));
}

const PAYLOADS = [0, 300, 70_000, MIB - 30, MIB + 1, 2 * MIB].map(payloadOf);

interface Format {
  readonly codec: Codec<never, unknown>;
  readonly frame: (payload: Uint8Array) => Uint8Array[];
}

function plain(codec: Codec<Uint8Array, Uint8Array>): Format {
  return { codec, frame: (payload) => codec.encode(payload) };
}

const before = hex('cafe');
const parts = lengthPrefixed({ ...limit, before: 2, trailer: 3, deliver: 'parts' });
const whole = messages({ maxBodyLength: 2 * MIB });
const formats: Record<string, Format> = {
  lengthPrefixed: plain(lengthPrefixed(limit)),
  'fixed bytes and a checksum': plain(lengthPrefixed({ ...limit, before, trailer: CRC_32 })),
  resync: plain(lengthPrefixed({ ...limit, before, trailer: CRC_32, resync: resync() })),
  parts: {
    codec: parts,
    frame: (payload) => parts.encode({ before, payload, trailer: hex('030405') }),
  },
  netstrings: plain(netstrings(limit)),
  contentLength: plain(contentLength(limit)),
  messages: { codec: whole, frame: (body) => whole.encode({ header: { name: 'x' }, body }) },
};

/** The stream in chunks whose lengths repeat. It may stop in the middle of a frame. */
function deliveriesOf(stream: Uint8Array): fc.Arbitrary<Delivery> {
  const chunkLength = fc.oneof(
    fc.integer({ min: 1000, max: 5000 }),
    fc.integer({ min: 60_000, max: 140_000 }),
    fc.integer({ min: 1, max: 2 * MIB }),
  );
  return fc
    .record({
      lengths: fc.array(chunkLength, { minLength: 1, maxLength: 6 }),
      hows: fc.array(fc.constantFrom('push', 'scan'), { minLength: 1, maxLength: 4 }),
      takes: fc.array(fc.constantFrom(0, 1, Infinity), { minLength: 1, maxLength: 4 }),
      kind: chunkKinds,
      stop: fc.option(fc.nat(stream.length), { nil: stream.length }),
      ended: fc.boolean(),
    })
    .map(({ lengths, hows, takes, kind, stop, ended }) => {
      const steps: Delivery['steps'][number][] = [];
      for (let at = 0, i = 0; at < stop; i++) {
        const to = Math.min(stop, at + (lengths[i % lengths.length] ?? MIB));
        steps.push({
          bytes: stream.subarray(at, to),
          how: hows[i % hows.length] ?? 'push',
          takes: takes[i % takes.length] ?? Infinity,
        });
        at = to;
      }
      return { steps, kind, ended };
    });
}

describe.each(Object.entries(formats))('long frames of %s', (_, { codec, frame }) => {
  test('are the same for every cut, and so is the rest', () => {
    const streams = fc
      .array(fc.constantFrom(...PAYLOADS), { minLength: 1, maxLength: 3 })
      .map((payloads) => join(payloads.flatMap(frame)));
    // One byte may be wrong: then a checksum fails, or a fixed byte, or a length.
    const damaged = fc.tuple(streams, fc.option(fc.nat(), { freq: 2 })).map(([stream, at]) => {
      if (at !== null) {
        const spot = at % stream.length;
        stream[spot] = (stream[spot] ?? 0) ^ 0x55;
      }
      return stream;
    });
    const cases = damaged.chain((stream) => fc.tuple(deliveriesOf(stream), fc.boolean()));
    fc.assert(
      fc.property(cases, ([delivery, skips]) => {
        const { kind, ended, steps } = delivery;
        const stream = join(steps.map(({ bytes }) => bytes));
        expect(read(codec, delivery, skips)).toEqual(
          read(codec, { ...atOnce(stream), kind, ended }, skips),
        );
      }),
      runs(40),
    );
  });
});
