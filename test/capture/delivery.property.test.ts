// However a network delivers packets (cut anywhere, sent again, reordered), the stream is the same.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { join } from '../support/bytes.ts';
import { capture, ethernet, ip, pcap } from '../support/packets.ts';
import type { TcpFields } from '../support/packets.ts';
import { runs } from '../support/seed.ts';
import { eventsOf } from './follow.ts';

interface Piece {
  readonly from: number;
  readonly to: number;
}

const LENGTH = 400;

/** Pieces that cover the stream, each maybe several times, and others across them, in any order. */
const pieces: fc.Arbitrary<readonly Piece[]> = fc
  .record({
    cuts: fc.array(fc.nat(LENGTH), { maxLength: 30 }),
    more: fc.array(fc.tuple(fc.nat(LENGTH - 1), fc.integer({ min: 1, max: 60 })), {
      maxLength: 15,
    }),
  })
  .chain(({ cuts, more }) => {
    const places = [...new Set([0, ...cuts, LENGTH])].toSorted((one, other) => one - other);
    const covering = places.slice(1).map((to, i) => ({ from: places[i] ?? 0, to }));
    const across = more.map(([from, length]) => ({ from, to: Math.min(LENGTH, from + length) }));
    return fc.shuffledSubarray([...covering, ...across], {
      minLength: covering.length + across.length,
    });
  });

const content = fc.uint8Array({ minLength: LENGTH, maxLength: LENGTH });

function packetsOf(bytes: Uint8Array, given: readonly Piece[], start: number): TcpFields[] {
  return given.map(({ from, to }) => ({
    sequence: (start + from) >>> 0,
    payload: bytes.subarray(from, to),
  }));
}

interface Read {
  readonly bytes: Uint8Array;
  /** Each segment and gap, as an offset and what is behind it. */
  readonly places: readonly (readonly [number, number])[];
  readonly kinds: ReadonlySet<string>;
}

function read(file: Uint8Array, chunkLength?: number): Read {
  const events = eventsOf(file, chunkLength);
  const parts: Uint8Array[] = [];
  const places: [number, number][] = [];
  for (const event of events) {
    if (event.kind === 'segment') {
      parts.push(event.bytes);
      places.push([event.offset, event.offset + event.bytes.length]);
    } else if (event.kind === 'gap') {
      parts.push(new Uint8Array(event.length));
      places.push([event.offset, event.offset + event.length]);
    }
  }
  return { bytes: join(parts), places, kinds: new Set(events.map(({ kind }) => kind)) };
}

/** Whether each place begins where the one before ends. */
function areContiguous(places: Read['places']): boolean {
  return places.every(([from], i) => from === (places[i - 1]?.[1] ?? 0));
}

/** The code of the error that reading gives; undefined when it gives none. */
function codeOf(file: Uint8Array): unknown {
  try {
    eventsOf(file);
    return undefined;
  } catch (error) {
    return Reflect.get(Object(error), 'code');
  }
}

describe('a stream', () => {
  test('is the same for all ways of its packets', () => {
    fc.assert(
      fc.property(
        content,
        pieces,
        fc.integer({ min: 2 ** 32 - LENGTH, max: 2 ** 32 + LENGTH }),
        fc.integer({ min: 1, max: 300 }),
        (bytes, given, start, chunkLength) => {
          const syn = { sequence: (start - 1) >>> 0, flags: 'S' };
          const file = capture(syn, ...packetsOf(bytes, given, start));
          const found = read(file, chunkLength);
          expect(found.bytes).toEqual(bytes);
          expect(areContiguous(found.places)).toBe(true);
          expect([...found.kinds].toSorted()).toEqual(['end', 'open', 'segment']);
        },
      ),
      runs(300),
    );
  });

  test('has every byte once, or a gap in its place, when packets are lost or cut', () => {
    fc.assert(
      fc.property(content, pieces, fc.infiniteStream(fc.nat(9)), (bytes, given, dice) => {
        const syn = { bytes: ethernet(ip({ sequence: 99, flags: 'S' })) };
        const captured = packetsOf(bytes, given, 100).flatMap((fields) => {
          const packet = ethernet(ip(fields));
          const { value: fate } = dice.next();
          const kept = fate === 1 ? packet.subarray(0, packet.length - 1) : packet;
          return fate === 0 ? [] : [{ bytes: kept, length: packet.length }];
        });
        const found = read(pcap([syn, ...captured]));
        expect(areContiguous(found.places)).toBe(true);
        expect(found.bytes.length).toBeLessThanOrEqual(LENGTH);
        // Where the capture has bytes, they are those of the stream; a gap reads as zeros here.
        const isRight = found.bytes.every((byte, i) => byte === bytes[i] || byte === 0);
        expect(isRight).toBe(true);
      }),
      runs(300),
    );
  });

  test('never breaks the reader, whatever the bytes of the file are', () => {
    fc.assert(
      fc.property(
        content,
        pieces,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 20 }),
        (bytes, given, changes) => {
          const file = capture(...packetsOf(bytes, given, 100));
          for (const [at, value] of changes) {
            file[at % file.length] = value;
          }
          expect([undefined, 'ERR_CAPTURE']).toContain(codeOf(file));
        },
      ),
      runs(500),
    );
  });
});
