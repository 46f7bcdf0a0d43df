// The window: order and no loss, whatever calls fail, with whatever outcome.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BusError } from '../src/index.ts';
import type { Clock, UpMessage } from '../src/index.ts';
import { Window } from '../src/window.ts';
import type { Held } from '../src/window.ts';

/** What becomes of one call: stored, not stored and failed, or stored although it failed. */
type Fate = 'stored' | 'lost' | 'in-doubt';

/** A bus that decides each call by a list of fates, keeps the contract, and answers in a later turn. */
class MoodyClaim {
  readonly stored: string[] = [];
  readonly #fates: Iterator<Fate>;
  #hasFailed = false;

  constructor(fates: readonly Fate[]) {
    this.#fates = fates[Symbol.iterator]();
  }

  async append({ id }: UpMessage): Promise<void> {
    const fate = this.#hasFailed ? 'lost' : (this.#fates.next().value ?? 'stored');
    if (fate !== 'lost' && !this.stored.includes(id)) {
      this.stored.push(id);
    }
    this.#hasFailed ||= fate !== 'stored';
    await Promise.resolve();
    if (fate !== 'stored') {
      throw new BusError('ERR_BUS_AWAY', 'as the test wants it');
    }
  }

  goBack(): void {
    this.#hasFailed = false;
  }
}

/** A clock whose waits are over in the next turn. */
const hasty: Clock = {
  monotonic: () => 0,
  wall: () => 0,
  after(_delay, then) {
    const immediate = setImmediate(then);
    return () => clearImmediate(immediate);
  },
};

interface Watched {
  readonly window: Window;
  readonly acknowledged: string[];
  readonly counts: { stored: number; retries: number; dropped: number; stopped: Error | undefined };
  readonly held: (id: string) => Held;
}

function watched(claim: Pick<MoodyClaim, 'append' | 'goBack'>, size: number): Watched {
  const acknowledged: string[] = [];
  const counts: Watched['counts'] = { stored: 0, retries: 0, dropped: 0, stopped: undefined };
  const window = new Window(claim, {
    size,
    clock: hasty,
    onStored: () => counts.stored++,
    onRetry: () => counts.retries++,
    onStopped: (error, dropped) => {
      counts.stopped = error;
      counts.dropped = dropped;
    },
  });
  return {
    window,
    acknowledged,
    counts,
    held: (id) => ({
      id,
      bytes: new Uint8Array(),
      acknowledge: async () => {
        acknowledged.push(id);
      },
    }),
  };
}

test('stores every frame once and in order, and acknowledges only what is stored', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom<Fate>('stored', 'lost', 'in-doubt'), { maxLength: 40 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 0, max: 40 }),
      async (fates, size, count) => {
        const claim = new MoodyClaim(fates);
        const { window, acknowledged, held, counts } = watched(claim, size);
        const ids = Array.from({ length: count }, (_, at) => `${at}`);
        for (const id of ids) {
          expect(await window.add(held(id))).toBe(true);
          expect(window.length).toBeLessThan(size);
          expect(claim.stored.slice(0, acknowledged.length)).toEqual(acknowledged);
        }
        expect(await window.drained()).toBe(true);
        expect(claim.stored).toEqual(ids);
        expect(acknowledged).toEqual(ids);
        expect(counts.stored).toBe(count);
      },
    ),
  );
});

test('takes no more than its size while the bus is away', async () => {
  const claim = new MoodyClaim(Array.from({ length: 5 }, () => 'lost'));
  const { window, held, counts } = watched(claim, 3);
  const added = [window.add(held('a')), window.add(held('b'))];
  expect(await Promise.all(added)).toEqual([true, true]);
  const third = window.add(held('c'));
  expect(window.length).toBe(3);
  expect(await third).toBe(true); // The bus came back.
  expect(counts.retries).toBe(5);
  await window.drained();
  expect(claim.stored).toEqual(['a', 'b', 'c']);
});

test('stops at a final failure, and says what it dropped', async () => {
  const fenced = new BusError('ERR_FENCED', 'newer');
  const { window, held, counts, acknowledged } = watched(
    { append: () => Promise.reject(fenced), goBack: () => undefined },
    8,
  );
  const added = [window.add(held('a')), window.add(held('b'))];
  await Promise.all(added);
  expect(await window.drained()).toBe(false);
  expect([counts.stopped, counts.dropped, acknowledged]).toEqual([fenced, 2, []]);
  expect(await window.add(held('c'))).toBe(false);
});

test('stops when the device takes no acknowledgement', async () => {
  const gone = new Error('gone');
  const { window, held, counts } = watched(new MoodyClaim([]), 8);
  await window.add({ ...held('a'), acknowledge: () => Promise.reject(gone) });
  expect(await window.drained()).toBe(false);
  expect(counts.stopped).toBe(gone);
});
