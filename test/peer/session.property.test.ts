// Two sessions, with random steps of their applications, the connection and the clock. The rules of the model
// hold after every step; when both sessions close, all requests and channels are settled and both are
// finished.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../support/seed.ts';
import { NO_FLOOD } from '../support/session-pair.ts';
import type { SessionOptions, Side } from '../support/session-pair.ts';
import { World } from './session-world.ts';

interface Numbers {
  readonly side: Side;
  readonly number: number;
  readonly length: number;
}

/** Every step, and how often it comes. */
const STEPS: Record<string, readonly [number, (world: World, numbers: Numbers) => void]> = {
  ask: [4, (world, { side }) => world.ask(side)],
  answer: [4, (world, { side, number, length }) => world.answer(side, number, length % 3 === 0)],
  giveUp: [2, (world, { side, number }) => world.giveUp(side, number)],
  notify: [2, (world, { side }) => world.notify(side)],
  open: [4, (world, { side }) => world.open(side)],
  write: [
    6,
    (world, { side, number, length }) =>
      world.write(side, number, length * (1 + (length % 3) * 50)),
  ],
  read: [
    6,
    (world, { side, number, length }) => world.read(side, number, length * (1 + (length % 3) * 50)),
  ],
  end: [3, (world, { side, number }) => world.end(side, number)],
  reset: [2, (world, { side, number }) => world.reset(side, number)],
  ping: [1, (world, { side }) => world.ping(side)],
  pump: [6, (world, { side, number }) => void world.pump(side, 1 + (number % 4))],
  deliver: [6, (world, { side, length }) => void world.deliver(side, 1 + length * 4)],
  settle: [3, (world) => world.settleAndCheck()],
  tick: [1, (world, { length }) => world.tick(length * 5)],
};

class Step implements fc.Command<object, World> {
  readonly #name: string;
  readonly #numbers: Numbers;

  constructor(name: string, numbers: Numbers) {
    this.#name = name;
    this.#numbers = numbers;
  }

  check(): boolean {
    return true;
  }

  run(_: object, world: World): void {
    if (!world.isDead) {
      STEPS[this.#name]?.[1](world, this.#numbers);
    }
  }

  toString(): string {
    const { side, number, length } = this.#numbers;
    return `${this.#name}(${side}, ${number}, ${length})`;
  }
}

class Close extends Step {
  readonly #side: Side;

  constructor(side: Side) {
    super('close', { side, number: 0, length: 0 });
    this.#side = side;
  }

  override run(_: object, world: World): void {
    if (!world.isDead) {
      world.close(this.#side);
    }
  }
}

const sides = fc.constantFrom<Side>(0, 1);
const numbers: fc.Arbitrary<Numbers> = fc.record({
  side: sides,
  number: fc.nat(7),
  length: fc.nat(60),
});
const named = fc.oneof(
  ...Object.entries(STEPS).map(([name, [weight]]) => ({ weight, arbitrary: fc.constant(name) })),
);
const steps = fc.tuple(named, numbers).map(([name, given]) => new Step(name, given));

function optionsOf(isTimed: boolean): fc.Arbitrary<SessionOptions> {
  return fc.record({
    limits: fc.record({
      window: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 3000, max: 9000 })),
      maxChannels: fc.integer({ min: 1, max: 3 }),
      maxPendingRequests: fc.integer({ min: 1, max: 3 }),
      maxHeaderLength: fc.constant(512),
      maxBodyLength: fc.integer({ min: 4096, max: 4200 }),
      maxPendingHeaderLength: fc.integer({ min: 60, max: 300 }),
    }),
    heartbeat: fc.record({
      interval: isTimed ? fc.integer({ min: 50, max: 400 }) : fc.constant(Infinity),
      timeout: fc.integer({ min: 1, max: 400 }),
    }),
    maxQueuedLength: fc.constant(2 ** 30),
    helloTimeout: isTimed ? fc.integer({ min: 100, max: 1000 }) : fc.constant(Infinity),
    channelTimeout: fc.constant(Infinity),
    flood: fc.constant(NO_FLOOD),
  });
}

test.each([
  ['for ever', false, 250],
  ['while time passes, until somebody was silent for too long', true, 120],
])('two sessions keep their promises %s', (_, isTimed, count) => {
  const plans = fc.commands<object, World>(
    [steps, steps, steps, sides.map((side) => new Close(side))],
    {
      size: '+1',
      maxCommands: 100,
    },
  );
  fc.assert(
    fc.property(optionsOf(isTimed), optionsOf(isTimed), plans, (left, right, plan) => {
      const world = new World([left, right]);
      fc.modelRun(() => ({ model: {}, real: world }), plan);
      if (!world.isDead) {
        world.finish();
      }
      expect(world.isDead || world.isFinished).toBe(true);
    }),
    runs(count),
  );
});
