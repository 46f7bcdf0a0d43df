// Connections hand the rest of their slabs on to each other. So the bytes of one connection lie beside those of
// another, and none may ever be overwritten: a duplex may keep what it was given.

import { Duplex } from 'node:stream';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { framed } from '../../src/entries/main.ts';
import type { Connection } from '../../src/entries/main.ts';
import { slabFor } from '../../src/stream/packing.ts';
import { runs } from '../support/seed.ts';
import { turns } from '../support/waiting.ts';

/** A duplex that keeps the memory that it was given, and that takes bytes at once or only when it is told to. */
class Keeper extends Duplex {
  readonly kept: Uint8Array[] = [];
  readonly #waiting: (() => void)[] = [];
  isSlow = false;

  override _read(): void {
    // Nothing comes.
  }

  override _write(bytes: Uint8Array, _: string, done: () => void): void {
    this.kept.push(bytes);
    if (this.isSlow) {
      this.#waiting.push(done);
    } else {
      done();
    }
  }

  takeAll(): void {
    this.isSlow = false;
    for (const done of this.#waiting.splice(0)) {
      done();
    }
  }

  get memory(): Set<ArrayBufferLike> {
    return new Set(this.kept.map(({ buffer }) => buffer));
  }
}

function open(count: number): { keeper: Keeper; connection: Connection<Uint8Array, Uint8Array> }[] {
  return Array.from({ length: count }, () => {
    const keeper = new Keeper();
    return { keeper, connection: framed(keeper) };
  });
}

/** Takes the spare slab away, so that a test begins without the memory of another test. */
function useUp(): void {
  slabFor(1, 0);
}

describe('connections that share slabs', () => {
  test('never overwrite bytes that a duplex was given', async () => {
    const step = fc.record({
      of: fc.nat(4),
      length: fc.oneof(fc.nat(40), fc.nat(3000)),
      next: fc.constantFrom('go on', 'end the tick', 'make slow', 'take'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const ends = open(5);
        const sent = ends.map(() => [] as Buffer[]);
        for (const [index, { of, length, next }] of steps.entries()) {
          const head = Buffer.alloc(4);
          head.writeUInt32BE(length);
          const payload = Buffer.alloc(length, index + 1);
          void ends[of]?.connection.send(payload);
          sent[of]?.push(head, payload);
          if (next === 'make slow') {
            ends.forEach(({ keeper }) => (keeper.isSlow = true));
          } else if (next === 'take') {
            ends[of]?.keeper.takeAll();
          } else if (next === 'end the tick') {
            await turns(1);
          }
        }
        await turns(1);
        for (let left = 0; left < 60; left++) {
          ends.forEach(({ keeper }) => keeper.takeAll());
          await turns(1);
        }
        const arrived = ends.map(({ keeper }) => Buffer.concat(keeper.kept).toString('hex'));
        expect(arrived).toEqual(sent.map((pieces) => Buffer.concat(pieces).toString('hex')));
        ends.forEach(({ connection }) => connection.destroy());
      }),
      runs(100),
    );
  });

  test('have one slab for all of them, if they send one after the other', async () => {
    useUp();
    const ends = open(10);
    for (const { connection } of ends) {
      await connection.send(Buffer.alloc(20));
      await turns(1);
    }
    const memory = new Set(ends.flatMap(({ keeper }) => [...keeper.memory]));
    expect([...memory].map(({ byteLength }) => byteLength)).toEqual([1024]);
  });

  test('share no slab with a connection whose bytes wait', async () => {
    useUp();
    const [slow, ...others] = open(10);
    if (slow === undefined) {
      throw new Error('There is no connection.');
    }
    slow.keeper.isSlow = true;
    for (const { connection } of [slow, ...others, slow, ...others]) {
      void connection.send(Buffer.alloc(20));
      await turns(1);
    }
    const shared = others.flatMap(({ keeper }) => [...keeper.memory]);
    expect(slow.keeper.memory.size).toBe(1);
    expect(shared).not.toContain([...slow.keeper.memory][0]);
    slow.connection.destroy();
  });

  test('take another slab if the memory of the spare one was transferred', async () => {
    useUp();
    const [first, second] = open(2);
    await first?.connection.send(Buffer.from('a'));
    await turns(1);
    structuredClone(first?.keeper.kept[0]?.buffer, {
      transfer: [first?.keeper.kept[0]?.buffer as ArrayBuffer],
    });
    await second?.connection.send(Buffer.from('b'));
    await turns(1);
    expect(second?.keeper.kept.map(String)).toEqual(['\0\0\0\u0001b']);
  });
});

test('a refused value keeps no slab', () => {
  useUp();
  let given: Uint8Array | undefined;
  const codec = {
    encode: () => [],
    encodedLength: () => 20,
    encodeInto: (_: unknown, target: Uint8Array) => {
      given = target;
      throw new Error('no');
    },
    decoder: () => ({ push() {}, end() {}, take: () => undefined, bufferedLength: 0 }),
  };
  const connection = framed(new Keeper(), codec as never);
  connection.send(new Uint8Array(1)).catch(() => undefined);
  expect(given).toBeDefined();
  expect(slabFor(1000, 0).bytes).toBe(given);
});
