// Whatever a network does to packets, the stream is the same: cut anywhere, sent again, in another order.

import '../support/seed.ts';
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

/** The stream, and whether its segments and gaps lie one behind the other. */
function streamOf(file: Uint8Array, chunkLength?: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let next = 0;
  for (const event of eventsOf(file, chunkLength)) {
    if (event.kind === 'segment') {
      expect(event.offset).toBe(next);
      next += event.bytes.length;
      parts.push(event.bytes);
    }
    expect(event.kind).not.toBe('gap');
    expect(event.kind).not.toBe('conflict');
  }
  return join(parts);
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
          expect(streamOf(file, chunkLength)).toEqual(bytes);
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
        let next = 0;
        for (const event of eventsOf(pcap([syn, ...captured]))) {
          if (event.kind === 'segment') {
            expect(event.offset).toBe(next);
            const same = bytes.subarray(next, next + event.bytes.length);
            expect(event.bytes).toEqual(same);
            next += event.bytes.length;
          } else if (event.kind === 'gap') {
            expect(event.offset).toBe(next);
            next += event.length;
          }
        }
        expect(next).toBeLessThanOrEqual(LENGTH);
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
          try {
            eventsOf(file);
          } catch (error) {
            expect(error).toMatchObject({ code: 'ERR_CAPTURE' });
          }
        },
      ),
      runs(500),
    );
  });
});
