// The public ByteQueue against one plain array: the same bytes, whatever the chunks.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteQueue } from '../../src/codec/byte-queue.ts';
import { hex, toHex, utf8 } from '../support/bytes.ts';
import { unstickErrorOf } from '../support/outcomes.ts';
import { runs } from '../support/seed.ts';

const NAMES = ['push', 'take', 'skip', 'peek', 'indexOf', 'byteAt', 'has', 'settle'] as const;

interface Call {
  readonly name: (typeof NAMES)[number];
  readonly a: number;
  readonly b: number;
}

const calls: fc.Arbitrary<Call[]> = fc.array(
  fc.record({
    name: fc.constantFrom('push', 'push', 'indexOf', ...NAMES),
    a: fc.nat(12),
    b: fc.nat(6),
  }),
  { maxLength: 40 },
);

/** What both sides have: the queue, and one plain array. */
interface Bytewise {
  push(bytes: readonly number[]): void;
  take(count: number): number[];
  skip(count: number): void;
  peek(count: number, from: number): number[];
  indexOf(byte: number, from: number): number;
  byteAt(index: number): number | undefined;
  has(count: number): boolean;
  settle(): void;
  state(): readonly number[];
}

function queueSide(): Bytewise {
  const queue = new ByteQueue();
  return {
    push: (bytes) => {
      queue.push(Uint8Array.from(bytes));
    },
    take: (count) => Array.from(queue.take(count)),
    skip: (count) => {
      queue.skip(count);
    },
    peek: (count, from) => Array.from(queue.peek(count, from)),
    indexOf: (byte, from) => queue.indexOf(byte, from),
    byteAt: (index) => queue.byteAt(index),
    has: (count) => queue.has(count),
    settle: () => {
      queue.settle();
    },
    state: () => [queue.length, queue.offset],
  };
}

function arraySide(): Bytewise {
  const bytes: number[] = [];
  let offset = 0;
  const take = (count: number): number[] => {
    offset += count;
    return bytes.splice(0, count);
  };
  return {
    push: (more) => {
      bytes.push(...more);
    },
    take,
    skip: take,
    peek: (count, from) => bytes.slice(from, from + count),
    indexOf: (byte, from) => bytes.indexOf(byte, from),
    byteAt: (index) => bytes[index],
    has: (count) => count <= bytes.length,
    settle: () => {},
    state: () => [bytes.length, offset],
  };
}

/** What a side says to each call. Both get the same bytes, and are asked for no more than there are. */
function answers(side: Bytewise, list: readonly Call[], factor: number): unknown[] {
  let seed = 1;
  const drawn = (length: number): number[] =>
    Array.from({ length }, () => (seed = (seed * 7 + 3) % 11));
  return list.map(({ name, a, b }) => {
    const [length = 0] = side.state();
    const count = Math.min(a * factor, length);
    const from = Math.min(b, length - Math.min(count, length));
    const said = {
      push: () => side.push(drawn(a * factor)),
      take: () => side.take(count),
      skip: () => side.skip(count),
      peek: () => side.peek(count, from),
      indexOf: () => side.indexOf(a, b),
      byteAt: () => side.byteAt(a * factor),
      has: () => side.has(a * factor),
      settle: () => side.settle(),
    }[name]();
    return [name, name === 'skip' ? undefined : said, side.state()];
  });
}

describe('a ByteQueue', () => {
  test('gives what one array would give', () => {
    fc.assert(
      fc.property(calls, fc.constantFrom(1, 700), (list, factor) => {
        expect(answers(queueSide(), list, factor)).toEqual(answers(arraySide(), list, factor));
      }),
      runs(1500),
    );
  });

  test('gives all that is left, in pieces', () => {
    const queue = new ByteQueue();
    queue.push(utf8('ab'));
    queue.push(utf8('cd'));
    queue.skip(1);
    expect(queue.takeAll().map(toHex).join('')).toBe(toHex(utf8('bcd')));
    expect(queue.length).toBe(0);
  });

  test('shows a run inside one chunk without a copy, in the class of the chunk', () => {
    const queue = new ByteQueue();
    const chunk = Buffer.from('hello world');
    queue.push(chunk);
    const [peeked, taken] = [queue.peek(5, 6), queue.take(5)];
    expect([peeked.buffer, taken.buffer]).toEqual([chunk.buffer, chunk.buffer]);
    expect([Buffer.isBuffer(peeked), Buffer.isBuffer(taken)]).toEqual([true, true]);
  });

  test('keeps what it returned, whatever comes behind', () => {
    const queue = new ByteQueue();
    queue.push(utf8('ab'));
    queue.push(utf8('cd'));
    const peeked = queue.peek(4);
    const taken = queue.take(3);
    queue.push(utf8('efgh'));
    queue.settle();
    queue.peek(5);
    expect([toHex(peeked), toHex(taken)]).toEqual([toHex(utf8('abcd')), toHex(utf8('abc'))]);
  });

  test.each<[string, (queue: ByteQueue) => unknown]>([
    ['take', (queue) => queue.take(3)],
    ['skip', (queue) => queue.skip(3)],
    ['peek', (queue) => queue.peek(1, 2)],
    ['push', (queue) => queue.push('text' as never)],
    ['has', (queue) => queue.has(-1)],
    ['byteAt', (queue) => queue.byteAt(NaN)],
  ])('refuses what cannot be: %s', (_, call) => {
    const queue = new ByteQueue();
    queue.push(hex('6162'));
    expect(unstickErrorOf(() => call(queue)).code).toBe('ERR_OPTION');
    expect(queue.length).toBe(2);
  });
});
