// Cuts that a person moves, and what the reads between them hold.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addCut,
  deliveryOf,
  HABITS,
  moveCut,
  piecesOf,
  readsOf,
  removeCut,
  toggleCut,
} from '../../src/page/delivery.ts';
import type { Delivery, Habit } from '../../src/page/delivery.ts';
import { hex } from '../support/bytes.ts';

const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 9 }), { minLength: 1 });

/** Whether cuts are rising and inside of the stream. */
function isSound({ bytes, cuts }: Delivery): boolean {
  return cuts.every((cut, i) => cut > (cuts[i - 1] ?? 0) && cut < bytes.length);
}

describe('a delivery', () => {
  test('gives back the pieces that it was made of', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        expect(piecesOf(deliveryOf(parts))).toEqual(parts);
      }),
    );
  });

  test('keeps its cuts in order and its bytes, whatever a person does', () => {
    const changes = fc.array(fc.tuple(fc.nat(3), fc.nat(50), fc.integer({ min: -9, max: 99 })));
    fc.assert(
      fc.property(pieces, changes, (parts, steps) => {
        let delivery = deliveryOf(parts);
        const { bytes } = delivery;
        for (const [kind, index, to] of steps) {
          const at = index % Math.max(1, delivery.cuts.length);
          if (kind === 0 && delivery.cuts.length > 0) {
            delivery = moveCut(delivery, at, to);
          } else if (kind === 1) {
            delivery = toggleCut(delivery, to);
          } else if (kind === 2) {
            delivery = removeCut(delivery, at);
          } else {
            delivery = addCut(delivery);
          }
          expect(isSound(delivery)).toBe(true);
          expect(delivery.bytes).toBe(bytes);
        }
      }),
    );
  });

  test('does not move a cut past its neighbours', () => {
    const delivery = { bytes: hex('000102030405'), cuts: [2, 4] };
    expect(moveCut(delivery, 0, 5).cuts).toEqual([3, 4]);
    expect(moveCut(delivery, 1, 0).cuts).toEqual([2, 3]);
    expect(moveCut(delivery, 1, 99).cuts).toEqual([2, 5]);
  });

  test('cuts and joins at a byte', () => {
    const delivery = { bytes: hex('00010203'), cuts: [2] };
    expect(toggleCut(delivery, 1).cuts).toEqual([1, 2]);
    expect(toggleCut(delivery, 2).cuts).toEqual([]);
    expect(toggleCut(delivery, 0)).toBe(delivery);
    expect(toggleCut(delivery, 4)).toBe(delivery);
  });

  test('adds a cut in the longest read, until each read is a byte', () => {
    let delivery: Delivery = { bytes: hex('0001020304'), cuts: [1] };
    expect(addCut(delivery).cuts).toEqual([1, 3]);
    for (let i = 0; i < 9; i++) {
      delivery = addCut(delivery);
    }
    expect(delivery.cuts).toEqual([1, 2, 3, 4]);
  });

  test.each([
    ['whole', 0, []],
    ['bytes', 0, [1, 2, 3]],
    ['random', 0, [1, 2, 3]],
    ['random', 0.99, []],
  ] as const)('is cut %s, with %d as random number', (habit: Habit, number, cuts) => {
    const delivery = { bytes: hex('00010203'), cuts: [1] };
    expect(HABITS[habit](delivery, () => number)).toEqual(cuts);
    expect(HABITS[habit]({ bytes: hex(''), cuts: [] }, () => number)).toEqual([]);
  });
});

describe('a read', () => {
  const spans = [
    { offset: 0, length: 3 },
    { offset: 3, length: 2 },
    { offset: 5, length: 2 },
  ];
  const words = (cuts: readonly number[], length = 7): string[] =>
    readsOf({ bytes: new Uint8Array(length), cuts }, spans).map(
      ({ frames, isHalf, isSticky }) =>
        `${frames}${isHalf ? ' half' : ''}${isSticky ? ' sticky' : ''}`,
    );

  test.each([
    ['in one piece, three frames stick together', [], ['3 sticky']],
    ['cut at the frames, each holds one', [3, 5], ['1', '1', '1']],
    ['cut inside a frame, both sides have a half', [1], ['1 half', '3 half sticky']],
    ['byte by byte, all are halves', [1, 2], ['1 half', '1 half', '3 half sticky']],
    ['cut inside the second', [4], ['2 half sticky', '2 half sticky']],
  ])('%s', (_, cuts, expected) => {
    expect(words(cuts)).toEqual(expected);
  });

  test('behind the last frame holds none', () => {
    expect(words([7], 9)).toEqual(['3 sticky', '0']);
  });
});
