// Many users at once: measures how long a line takes from its sender to each user in the room, and checks
// that all users received every line in the same order. Exits with 1 if they did not, or if the median time
// is above --check MS.
//
//   npx tsx examples/chat/load.ts --users 1000 --rate 100 --seconds 10 --rooms 20 --check 20
//
// The users are connections of this one process; the server is a process of its own.

import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { framed, messages } from '../../src/entries/main.ts';
import type { Connection, Message, OutgoingMessage } from '../../src/entries/main.ts';
import { Complaint, countOf, readArgs, runProgram } from '../support/program.ts';
import { Stage } from '../support/stage.ts';
import { readEvent, written } from './protocol.ts';
import type { ChatEvent, Command } from './protocol.ts';

interface Plan {
  readonly users: number;
  /** Number of lines a second, of all users together. */
  readonly rate: number;
  readonly seconds: number;
  /** Number of rooms that the users are spread over. */
  readonly rooms: number;
}

/** Maximum number of users that enter at the same time. */
const WAVE = 50;
/** Time in ms that the last lines may take to arrive: an upper bound, not a wait. */
const PATIENCE_MS = 30_000;
const MS_PER_SECOND = 1000;
const codec = messages();

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  const settle: { resolve?: () => void } = {};
  const promise = new Promise<void>((resolve) => {
    settle.resolve = resolve;
  });
  return { promise, resolve: () => settle.resolve?.() };
}

/** The lines that the users have seen, all together. */
class Tally {
  readonly #latencies: Float64Array;
  /** The lines of each room, in the order that its first user saw. All others must see the same order. */
  readonly #orders = new Map<string, string[]>();
  readonly #expected: number;
  readonly #done: () => void;
  /** Resolves when every line has reached all users of its room. */
  readonly complete: Promise<void>;
  received = 0;
  outOfOrder = 0;
  missed = 0;

  constructor(expected: number) {
    this.#latencies = new Float64Array(expected);
    this.#expected = expected;
    const { promise, resolve } = deferred();
    this.complete = promise;
    this.#done = resolve;
  }

  /** `index` is the number of lines of the room that the user had seen before. */
  add(event: Extract<ChatEvent, { readonly type: 'said' }>, index: number): void {
    const [id = '', sentAt = ''] = event.text.split(' ');
    const order = this.#orders.get(event.room) ?? [];
    if (index === 0) {
      this.#orders.set(event.room, order);
    }
    if ((order[index] ??= id) !== id) {
      this.outOfOrder++;
    }
    this.#latencies[this.received++] = performance.now() - Number(sentAt);
    if (this.received === this.#expected) {
      this.#done();
    }
  }

  /** The latency in ms that this share of all deliveries stayed below. */
  percentile(share: number): number {
    const sorted = this.#latencies.slice(0, this.received).sort();
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  }
}

class User {
  readonly room: string;
  readonly #line: Connection<OutgoingMessage, Message>;
  readonly #nick: string;

  constructor(port: number, nick: string, room: string) {
    this.#line = framed(connect({ port, host: '127.0.0.1' }), codec);
    this.#nick = nick;
    this.room = room;
  }

  send(command: Command): Promise<void> {
    return this.#line.send(written(command));
  }

  /** Resolves when the user is in its room. Throws when the server does not let it in. */
  async enter(): Promise<void> {
    await this.send({ type: 'hello', nick: this.#nick });
    await this.send({ type: 'join', room: this.room });
    for await (const message of this.#line) {
      const event = readEvent(message);
      if (event?.type === 'refused') {
        throw new Complaint(`${this.#nick}: ${event.text}`);
      }
      if (event?.type === 'joined') {
        return;
      }
    }
    throw new Complaint(`The server closed the connection of ${this.#nick}.`);
  }

  /** Counts the lines that the user receives, until it leaves. */
  async watch(tally: Tally): Promise<void> {
    let seen = 0;
    for await (const batch of this.#line.batches()) {
      for (const message of batch) {
        const event = readEvent(message);
        if (event?.type === 'said') {
          tally.add(event, seen++);
        } else if (event?.type === 'missed') {
          tally.missed += event.count;
        }
      }
    }
  }

  async leave(): Promise<void> {
    await this.send({ type: 'bye' });
    await this.#line.close();
  }
}

async function enterAll(port: number, { users, rooms }: Plan): Promise<User[]> {
  const all = Array.from({ length: users }, (_, index) => {
    return { nick: `用户${index}`, room: `room${index % rooms}` };
  });
  const entered: User[] = [];
  for (let from = 0; from < users; from += WAVE) {
    const wave = all.slice(from, from + WAVE).map(({ nick, room }) => new User(port, nick, room));
    await Promise.all(wave.map((user) => user.enter()));
    entered.push(...wave);
  }
  return entered;
}

/** The users take turns to say a line, each at its time. */
async function talk(users: readonly User[], { rate, seconds }: Plan): Promise<void> {
  const startedAt = performance.now();
  for (let line = 0; line < rate * seconds; line++) {
    const wait = startedAt + (line * MS_PER_SECOND) / rate - performance.now();
    if (wait > 0) {
      await delay(wait);
    }
    const user = users[line % users.length];
    const text = `${line} ${performance.now()} 大家好，这一行有四十来个字节`;
    await user?.send({ type: 'say', room: user.room, text });
  }
}

/** Number of deliveries of each line: one to every user in the room of its sender. */
function deliveriesOf(users: readonly User[], { rate, seconds }: Plan): number {
  const members = new Map<string, number>();
  for (const { room } of users) {
    members.set(room, (members.get(room) ?? 0) + 1);
  }
  let deliveries = 0;
  for (let line = 0; line < rate * seconds; line++) {
    deliveries += members.get(users[line % users.length]?.room ?? '') ?? 0;
  }
  return deliveries;
}

async function run(port: number, plan: Plan, limit: number | undefined): Promise<void> {
  const users = await enterAll(port, plan);
  const expected = deliveriesOf(users, plan);
  const tally = new Tally(expected);
  const watching = users.map((user) => user.watch(tally));
  await talk(users, plan);
  const patience = new AbortController();
  const gaveUp = delay(PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => undefined);
  await Promise.race([tally.complete, gaveUp]);
  patience.abort();
  await Promise.all(users.map((user) => user.leave()));
  await Promise.all(watching);
  report(plan, tally, { expected, limit });
}

function report(
  { users, rooms, rate, seconds }: Plan,
  tally: Tally,
  { expected, limit }: { readonly expected: number; readonly limit: number | undefined },
): void {
  const median = tally.percentile(0.5);
  const [p99, most] = [tally.percentile(0.99), tally.percentile(1)].map((ms) => ms.toFixed(1));
  console.log(`${users} users in ${rooms} rooms, ${rate} lines a second for ${seconds} s`);
  console.log(
    `deliveries  ${tally.received} of ${expected}, ${Math.round(expected / seconds)} a second`,
  );
  console.log(`order       ${tally.outOfOrder} out of order, ${tally.missed} missed`);
  console.log(`delivery    median ${median.toFixed(1)} ms, p99 ${p99} ms, longest ${most} ms`);
  const isWhole = tally.received === expected && tally.outOfOrder === 0 && tally.missed === 0;
  if (!isWhole) {
    throw new Complaint('Not everybody received everything in order.');
  }
  if (limit !== undefined && median > limit) {
    throw new Complaint(`The median is above ${limit} ms.`);
  }
}

await runProgram(async () => {
  const { values } = readArgs('Many users of the chat at once, measured.', {
    options: {
      users: { type: 'string', default: '1000' },
      rate: { type: 'string', default: '100' },
      seconds: { type: 'string', default: '10' },
      rooms: { type: 'string', default: '20' },
      check: { type: 'string' },
    },
  });
  const { users, rate, seconds, rooms, check } = values;
  const plan = {
    users: countOf('users', users),
    rate: countOf('rate', rate),
    seconds: countOf('seconds', seconds),
    rooms: countOf('rooms', rooms),
  };
  const limit = check === undefined ? undefined : countOf('check', check);
  const stage = new Stage(import.meta.dirname);
  try {
    const { port } = await stage.serve('server.ts', ['--limit', `maxUsers=${plan.users}`]);
    await run(port, plan, limit);
  } finally {
    await stage.end();
  }
});
