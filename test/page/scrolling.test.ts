// Where rows of a long list stand: every row can be reached, whatever a browser can draw.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  lastTop,
  MAX_HEIGHT,
  ROW_HEIGHT,
  rowsIn,
  scrolledTo,
  scrollHeight,
  showing,
  topAt,
} from '../../src/page/scrolling.ts';

const extents = fc.record({
  count: fc.integer({ min: 0, max: 10_000_000 }),
  height: fc.integer({ min: 0, max: 2000 }),
});

describe('the bar of a list', () => {
  test('is never higher than a browser can draw', () => {
    fc.assert(
      fc.property(extents, (extent) => {
        expect(scrollHeight(extent)).toBeLessThanOrEqual(Math.max(MAX_HEIGHT, extent.height));
      }),
    );
  });

  test('and the row at the top are the same place', () => {
    fc.assert(
      fc.property(extents, fc.double({ min: 0, max: 1, noNaN: true }), (extent, part) => {
        const top = part * lastTop(extent);
        expect(topAt(scrolledTo(top, extent), extent)).toBeCloseTo(top, 3);
      }),
    );
  });

  test('moves by pixels while the list is short enough', () => {
    const extent = { count: 1000, height: 480 };
    expect(scrollHeight(extent)).toBe(1000 * ROW_HEIGHT);
    expect(topAt(240, extent)).toBeCloseTo(10, 6);
  });

  test.each([1, 20, 1_000_000])('reaches the last of %i rows at its end', (count) => {
    const extent = { count, height: 480 };
    const end = scrollHeight(extent) - extent.height;
    expect(topAt(end, extent) + extent.height / ROW_HEIGHT).toBeCloseTo(Math.max(count, 20), 6);
  });

  test('of an empty list or a window without height stands at 0', () => {
    for (const extent of [
      { count: 0, height: 480 },
      { count: 0, height: 0 },
      { count: 3, height: 480 },
    ]) {
      expect([topAt(100, extent), scrolledTo(100, extent)]).toEqual([0, 0]);
      expect(rowsIn(extent.height)).toBeGreaterThanOrEqual(1);
    }
  });
});

describe('a row that is to be seen', () => {
  test('is whole in the window', () => {
    const visible = { count: 1_000_000, height: 480 };
    fc.assert(
      fc.property(fc.nat(999_999), fc.nat(999_980), (row, from) => {
        const top = showing(row, from, visible);
        expect(top).toBeLessThanOrEqual(row);
        expect(top + visible.height / ROW_HEIGHT).toBeGreaterThanOrEqual(row + 1);
      }),
    );
  });

  test.each([
    ['stands there already', 15, 10, 10],
    ['is the next one below', 30, 10, 11],
    ['is the next one above', 9, 10, 9],
    ['is far away', 500, 10, 490],
    ['is the last one', 999_999, 10, 999_980],
  ])('moves the window as little as it must when it %s', (_, row, from, top) => {
    expect(showing(row, from, { count: 1_000_000, height: 480 })).toBe(top);
  });
});
