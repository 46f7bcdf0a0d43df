// The endings of a connection as a state machine. The commands call any methods, in any order, on both ends
// of a real connection, under a clock that the test turns by hand. Whatever was done, this must hold:
//
// - Values arrive in order and whole. If a side says "the stream has ended", it has given all values, and the
//   other side was not cut off.
// - If both sides ended in order, both say so: `closed` is undefined, and every value has arrived.
// - Once both sides are gone, no promise is pending, no rejection is unhandled, and no timer and no socket is
//   left.

import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FramedOptions } from '../../src/entries/main.ts';
import { openSockets } from '../support/leaks.ts';
import { runs } from '../support/seed.ts';
import { turns, until } from '../support/waiting.ts';
import { expectSaneReads, finishInOrder, makeWorld } from './endings-world.ts';
import type { End, World } from './endings-world.ts';

const unhandled: unknown[] = [];
const onUnhandled = (error: unknown): void => void unhandled.push(error);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  unhandled.length = 0;
  process.on('unhandledRejection', onUnhandled);
});

afterEach(() => {
  process.off('unhandledRejection', onUnhandled);
  vi.useRealTimers();
});

/** Time in ms that is longer than every time that a method or an option gets here. */
const LONG_MS = 40_000;
const TIMES: FramedOptions = { frameTimeout: 1000, sendTimeout: 2000, idleTimeout: 3000 };

type Command = fc.AsyncCommand<object, World>;

/** Calls one method on one side. Afterwards the event loop turns a few times, or not at all. */
class Verb implements Command {
  readonly #name: string;
  readonly #side: 0 | 1;
  readonly #turns: number;
  readonly #act: (end: End, world: World) => void;

  constructor(name: string, side: 0 | 1, count: number, act: (end: End, world: World) => void) {
    this.#name = name;
    this.#side = side;
    this.#turns = count;
    this.#act = act;
  }

  check(): boolean {
    return true;
  }

  async run(_: object, world: World): Promise<void> {
    this.#act(world.ends[this.#side], world);
    await turns(this.#turns);
    expectSaneReads(world);
  }

  toString(): string {
    return `${this.#side === 0 ? 'near' : 'far'}.${this.#name} +${this.#turns}`;
  }
}

const side: fc.Arbitrary<0 | 1> = fc.constantFrom<(0 | 1)[]>(0, 1);
const afterwards = fc.constantFrom(0, 0, 1, 4);

/** A method without arguments to choose. */
function verb(name: string, act: (end: End, world: World) => void): fc.Arbitrary<Command> {
  return fc.tuple(side, afterwards).map(([on, count]) => new Verb(name, on, count, act));
}

/** A method with an argument to choose. */
function verbWith<T>(
  name: string,
  given: fc.Arbitrary<T>,
  act: (end: End, value: T, world: World) => void,
): fc.Arbitrary<Command> {
  return fc.tuple(side, afterwards, given).map(([on, count, value]) => {
    const label = `${name}(${JSON.stringify(value)})`;
    return new Verb(label, on, count, (end, world) => act(end, value, world));
  });
}

const lengths = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 2, arbitrary: fc.constantFrom(8188, 8189, 30_000) },
  // More bytes than the kernel takes while the other side does not read.
  { weight: 1, arbitrary: fc.constantFrom(1_000_000, 7_000_000) },
);

const withins = fc.constantFrom(undefined, undefined, 100, 0);

const verbs: fc.Arbitrary<Command>[] = [
  ...Array.from({ length: 3 }, () =>
    verbWith('send', lengths, (end, length) => end.send(length, false)),
  ),
  verbWith('send with a signal', lengths, (end, length) => end.send(length, true)),
  ...Array.from({ length: 3 }, () => verb('receive', (end) => void end.receive())),
  verbWith('receive', fc.record({ timeout: fc.constantFrom(0, 50) }), (end, options) => {
    void end.receive(options);
  }),
  verb('receive with a signal', (end) => void end.receive({ withSignal: true })),
  verb('abort of the calls', (end) => {
    end.calls.abort();
    end.calls = new AbortController();
  }),
  verb('next', (end) => end.next()),
  verb('next', (end) => end.next()),
  verb('break', (end) => end.leave()),
  verb('end', (end) => {
    end.hasEnded = true;
    void end.watch('end', end.connection.end());
  }),
  verbWith('close', withins, (end, within, world) => {
    end.hasEnded = true;
    end.isClosing = true;
    // Whether the ending is in time depends on the system.
    if (within !== undefined) {
      world.isOrderly = false;
    }
    const options = within === undefined ? {} : { within };
    void end.watch('close', end.connection.close(options));
  }),
  verb('destroy', (end, world) => {
    world.isOrderly = false;
    end.destroy();
  }),
  verb('release and framed again', (end, world) => {
    if (end.hasEnded || end.socket.readableEnded) {
      world.isOrderly = false;
    }
    end.reframe();
  }),
  verb('60 ms', () => void vi.advanceTimersByTime(60)),
  verb('a long time', (_, world) => {
    if (world.ends.some((end) => end.isClosing || end.options.idleTimeout !== undefined)) {
      world.isOrderly = false;
    }
    vi.advanceTimersByTime(LONG_MS);
  }),
];

/** Returns everything that breaks the promise of an orderly end. */
function orderlyComplaints({ ends }: World): unknown[] {
  return ends.flatMap((end, index) => {
    const sender = ends[index === 0 ? 1 : 0];
    const isShort = !end.isClosing && end.values.length !== sender.accepted.length;
    const short = `${end.values.length} of ${sender.accepted.length} values arrived`;
    return [...(end.endedWith === undefined ? [] : [end.endedWith]), ...(isShort ? [short] : [])];
  });
}

/**
 * Ends both sides in whatever state they are, and lets the clock run out. Returns what is left and must not
 * be left.
 */
async function finish(
  world: World,
  { isGentle, sockets }: { isGentle: boolean; sockets: number },
): Promise<unknown[]> {
  const { ends } = world;
  const isOrderly = isGentle && world.isOrderly;
  if (isOrderly) {
    await finishInOrder(world);
  } else {
    for (const end of ends) {
      end.destroy();
    }
  }
  await until(() => ends.every(({ socket }) => socket.closed), 'both sockets are closed');
  await turns(5);
  vi.advanceTimersByTime(LONG_MS);
  await turns(5);
  expectSaneReads(world);
  await until(() => openSockets() <= sockets, 'no socket is left');
  const pending = ends.flatMap((end) => [...end.pending.values()]);
  return [
    ...(isOrderly ? orderlyComplaints(world) : []),
    ...pending.map((what) => `the promise of ${what} is pending`),
    ...ends.flatMap(({ surprises }) => surprises),
    ...Array.from({ length: vi.getTimerCount() }, () => 'a timer runs'),
    ...unhandled,
  ];
}

test('whatever both sides do, no value is lost in silence and nothing is left behind', async () => {
  const commands = fc.commands(verbs, { maxCommands: 40, size: 'max' });
  await fc.assert(
    fc.asyncProperty(commands, fc.boolean(), fc.boolean(), async (given, isTimed, isGentle) => {
      const sockets = openSockets();
      const world = await makeWorld(isTimed ? TIMES : {});
      await fc.asyncModelRun(() => ({ model: {}, real: world }), given);
      expect(await finish(world, { isGentle, sockets })).toEqual([]);
    }),
    runs(100),
  );
});
