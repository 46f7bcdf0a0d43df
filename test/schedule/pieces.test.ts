// What each op does to bytes that lie ready.

import { describe, expect, test } from 'vitest';
import { pieces, steps } from '../../src/schedule/pieces.ts';
import { parseOp } from '../../src/schedule/schedule.ts';
import type { Schedule } from '../../src/schedule/schedule.ts';

function scheduleOf(...ops: string[]): Schedule {
  return { v: 1, seed: 0, direction: 'to-server', ops: ops.map(parseOp) };
}

function cutUp(schedule: Schedule, ...chunks: string[]): string[] {
  const encoder = new TextEncoder();
  return pieces(schedule, ...chunks.map((chunk) => encoder.encode(chunk))).map((piece) =>
    new TextDecoder().decode(piece),
  );
}

describe('pieces', () => {
  test('passes bytes as they came where no op says otherwise', () => {
    expect(cutUp(scheduleOf(), 'hello', 'world')).toEqual(['hello', 'world']);
    expect(cutUp(scheduleOf('cut 2'), 'hello', 'world')).toEqual(['he', 'llo', 'world']);
  });

  test('cut adds a boundary and leaves the others', () => {
    expect(cutUp(scheduleOf('cut 7'), 'hello', 'world')).toEqual(['hello', 'wo', 'rld']);
  });

  test('hold joins across the place where bytes came apart', () => {
    expect(cutUp(scheduleOf('hold 7'), 'hello', 'world')).toEqual(['hellowo', 'rld']);
    expect(cutUp(scheduleOf('hold 10'), 'hello', 'world')).toEqual(['helloworld']);
  });

  test('sends nothing behind an ending or a stall', () => {
    expect(cutUp(scheduleOf('cut 2', 'fin@4'), 'hello')).toEqual(['he', 'll']);
    expect(cutUp(scheduleOf('rst@0'), 'hello')).toEqual([]);
    expect(cutUp(scheduleOf('cut 1', 'stall', 'cut 1'), 'hello')).toEqual(['h']);
  });

  test('takes an empty chunk for what it is', () => {
    expect(cutUp(scheduleOf(), '', 'a', '')).toEqual(['a']);
    expect(cutUp(scheduleOf())).toEqual([]);
  });

  test('refuses ops that speak of bytes beyond the last', () => {
    expect(() => cutUp(scheduleOf('cut 3', 'hold 3'), 'hello')).toThrow(
      'The ops need 6 bytes, but there are 5.',
    );
    expect(() => cutUp(scheduleOf('fin@6'), 'hello')).toThrow('need 6 bytes');
  });
});

describe('steps', () => {
  test('keeps waits and the ending in their places', () => {
    expect(steps(scheduleOf('cut 2', 'delay 5', 'rst@4'), [5])).toEqual([
      { kind: 'piece', start: 0, end: 2 },
      { kind: 'delay', ms: 5 },
      { kind: 'piece', start: 2, end: 4 },
      { kind: 'rst' },
    ]);
  });

  test('takes the earlier of two endings', () => {
    expect(steps(scheduleOf('rst@4', 'fin@1'), [5]).at(-1)).toEqual({ kind: 'fin' });
  });
});
