// ChunkQueue against a plain array: after any operations in any order, the same bytes come out at the same
// offset, and no view that was handed out ever changes.

import { ok, strictEqual } from 'node:assert';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChunkQueue } from '../../src/codec/chunk-queue.ts';
import { join, toHex } from '../support/bytes.ts';
import { chunkKinds, chunkOf } from '../support/deliveries.ts';
import type { ChunkKind } from '../support/deliveries.ts';
import { runs } from '../support/seed.ts';

const MIB = 1024 * 1024;

type Operation =
  | { readonly kind: 'push' | 'lend'; readonly length: number; readonly chunk: ChunkKind }
  | { readonly kind: 'gather' | 'skip' | 'shift' | 'deliver' | 'look'; readonly count: number }
  | { readonly kind: 'settle'; readonly awaited: number }
  | { readonly kind: 'takeAll' };

const lengths = fc.oneof(
  { weight: 6, arbitrary: fc.nat(8) },
  { weight: 3, arbitrary: fc.integer({ min: 50, max: 150 }) },
  { weight: 2, arbitrary: fc.integer({ min: 4000, max: 4200 }) },
  { weight: 1, arbitrary: fc.constantFrom(65_535, 65_536, 70_000) },
);
/** A 16th of each long one is reached by one chunk or two. */
const awaitedLengths = fc.constantFrom(0, 0, 5000, MIB, MIB + 1, MIB + 5000, 2 * MIB);
const operations: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('push', 'push', 'lend'),
      length: lengths,
      chunk: chunkKinds,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('gather', 'skip', 'shift', 'deliver', 'look', 'look'),
      count: lengths,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('settle'), awaited: awaitedLengths }),
  },
  { weight: 1, arbitrary: fc.constant<Operation>({ kind: 'takeAll' }) },
);

/** The queue, its model, and every view that was handed out, as it was then. */
class Pair {
  readonly queue = new ChunkQueue();
  model: Uint8Array = new Uint8Array(0);
  consumed = 0;
  pushed = 0;
  readonly views: { readonly view: Uint8Array; readonly was: string }[] = [];

  apply(operation: Operation): void {
    switch (operation.kind) {
      case 'push':
      case 'lend':
        return this.#push(operation);
      case 'settle':
        return this.queue.settle(operation.awaited);
      case 'takeAll':
        return this.#takeAll();
      case 'look':
        return this.#look(Math.min(operation.count, this.model.length));
      default:
        return this.#consume(operation.kind, Math.min(operation.count, this.model.length));
    }
  }

  #push({
    kind,
    length,
    chunk,
  }: {
    kind: 'push' | 'lend';
    length: number;
    chunk: ChunkKind;
  }): void {
    const bytes = Uint8Array.from({ length }, (_, i) => (this.pushed + i) % 251);
    this.pushed += length;
    this.model = join([this.model, bytes]);
    const given = chunkOf(bytes, chunk);
    this.queue.push(given);
    if (kind === 'push') {
      return;
    }
    this.queue.forget(given);
    given.fill(0xff);
  }

  /** The runs from `index` on are the rest of the model. */
  #look(index: number): void {
    const seen: Uint8Array[] = [];
    let at = index;
    for (let run = this.queue.look(at); run !== undefined; run = this.queue.look(at)) {
      seen.push(run.bytes.subarray(run.at, run.end));
      at += run.end - run.at;
    }
    strictEqual(toHex(join(seen)), toHex(this.model.subarray(index)));
  }

  #consume(kind: 'gather' | 'skip' | 'shift' | 'deliver', count: number): void {
    const { queue } = this;
    if (kind === 'skip') {
      queue.skip(count);
    }
    if (kind === 'skip') {
      return this.#drop(count);
    }
    if (kind === 'shift') {
      const view = queue.shift(count);
      this.#check(view);
      if (this.model.length > 0 && count > 0) {
        ok(view.length > 0);
      }
      return this.#drop(view.length);
    }
    queue.gather(count);
    ok(queue.end - queue.at >= count);
    const view = queue.head.subarray(queue.at, queue.at + count);
    this.#check(view);
    if (kind === 'gather') {
      return;
    }
    queue.at += count;
    this.#drop(count);
  }

  #takeAll(): void {
    for (const view of this.queue.takeAll()) {
      this.#check(view);
      this.#drop(view.length);
    }
    strictEqual(this.model.length, 0);
  }

  #check(view: Uint8Array): void {
    const was = toHex(view);
    strictEqual(was, toHex(this.model.subarray(0, view.length)));
    this.views.push({ view, was });
  }

  #drop(count: number): void {
    this.model = this.model.subarray(count);
    this.consumed += count;
  }
}

describe('a ChunkQueue', () => {
  test('gives the bytes of a plain array in every order of calls, and never writes over a view', () => {
    fc.assert(
      fc.property(fc.array(operations, { maxLength: 40, size: 'max' }), (all) => {
        const pair = new Pair();
        for (const operation of all) {
          pair.apply(operation);
          expect(pair.queue.length).toBe(pair.model.length);
          expect(pair.queue.offset).toBe(pair.consumed);
        }
        pair.apply({ kind: 'takeAll' });
        for (const { view, was } of pair.views) {
          expect(toHex(view)).toBe(was);
        }
      }),
      runs(300),
    );
  });

  test('holds no more memory than twice its bytes and a constant, whatever the chunks, once settled', () => {
    fc.assert(
      fc.property(fc.array(operations, { maxLength: 60, size: 'max' }), (all) => {
        const pair = new Pair();
        for (const one of all) {
          if (one.kind !== 'gather') {
            pair.apply(one);
          }
        }
        pair.queue.settle();
        const held = pair.queue.length;
        const buffers = new Set(pair.queue.takeAll().map(({ buffer }) => buffer));
        const bytes = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
        expect(bytes).toBeLessThanOrEqual(2 * held + 2 * 65_536);
      }),
      runs(300),
    );
  });
});
