// The contract of a bus as a table: one row a promise of bus.ts. contract.test.ts plays it on each bus.

import { expect } from 'vitest';
import type { Bus, Claim, Holder, Outcome } from '../../src/index.ts';
import { bytes, text } from './fixtures.ts';
import type { Fixture } from './fixtures.ts';

/** A holder whose device answers with the command in capitals, and that remembers what happened. */
export class Device implements Holder {
  readonly commands: string[] = [];
  readonly whenLost: Promise<void>;
  losses = 0;
  #lose: () => void = () => undefined;

  constructor() {
    this.whenLost = new Promise((resolve) => {
      this.#lose = resolve;
    });
  }

  command(given: Uint8Array): Promise<Outcome> {
    this.commands.push(text(given));
    return Promise.resolve({ outcome: 'answered', answer: bytes(text(given).toUpperCase()) });
  }

  lost(): void {
    this.losses++;
    this.#lose();
  }
}

export function append(claim: Claim, id: string, given = id): Promise<void> {
  return claim.append({ id, bytes: bytes(given) });
}

/** The code that each call failed with, or `stored`. */
export async function codes(calls: readonly Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(calls);
  return settled.map((one) => (one.status === 'fulfilled' ? 'stored' : one.reason.code));
}

async function claimed(bus: Bus, device: string): Promise<{ claim: Claim; holder: Device }> {
  const holder = new Device();
  return { claim: await bus.claim(device, holder), holder };
}

/** Far more than a node needs to find that nobody has a device: otherwise the outcome is `expired`. */
const PATIENT = { within: 60_000 };

type Story = (fixture: Fixture) => Promise<void>;

export const CONTRACT: Readonly<Record<string, Story>> = {
  'stores messages in the order of the calls, without waiting between them': async (fixture) => {
    const { claim } = await claimed(await fixture.node(), 'd1');
    const ids = Array.from({ length: 50 }, (_, at) => `m${at}`);
    await Promise.all(ids.map((id) => append(claim, id)));
    expect(await fixture.stored('d1')).toEqual(ids.map((id) => [id, id]));
  },

  'keeps devices apart, and takes any bytes': async (fixture) => {
    const bus = await fixture.node();
    const [a, b] = [await claimed(bus, 'A-_9'), await claimed(bus, 'a-_9')];
    await Promise.all([append(a.claim, 'x', ''), append(b.claim, 'x', '\0\r\n粘包')]);
    expect(await fixture.stored('A-_9')).toEqual([['x', '']]);
    expect(await fixture.stored('a-_9')).toEqual([['x', '\0\r\n粘包']]);
  },

  'stores a repeated id once': async (fixture) => {
    const { claim } = await claimed(await fixture.node(), 'd2');
    await Promise.all(['m1', 'm1', 'm2', 'm1', 'm2', 'm3'].map((id) => append(claim, id)));
    expect(await fixture.stored('d2')).toEqual([
      ['m1', 'm1'],
      ['m2', 'm2'],
      ['m3', 'm3'],
    ]);
  },

  'stores an id once, whichever claim repeats it': async (fixture) => {
    const [one, two] = [await fixture.node(), await fixture.node()];
    const before = await claimed(one, 'd3');
    await append(before.claim, 'm1');
    const after = await claimed(two, 'd3');
    await Promise.all([append(after.claim, 'm1'), append(after.claim, 'm2')]);
    expect(await fixture.stored('d3')).toEqual([
      ['m1', 'm1'],
      ['m2', 'm2'],
    ]);
  },

  'refuses a message that is too large, and everything behind it until goBack': async (fixture) => {
    const bus = await fixture.node();
    const { claim } = await claimed(bus, 'd4');
    const large = { id: 'large', bytes: new Uint8Array(bus.maxLength + 1) };
    expect(await codes([append(claim, 'm1'), claim.append(large), append(claim, 'm2')])).toEqual([
      'stored',
      'ERR_MESSAGE_TOO_LARGE',
      expect.stringMatching(/^ERR_/),
    ]);
    expect(await codes([append(claim, 'm3')])).not.toContain('stored');
    claim.goBack();
    await append(claim, 'm4');
    expect((await fixture.stored('d4')).map(([id]) => id)).toEqual(['m1', 'm4']);
  },

  'gives each claim a higher epoch': async (fixture) => {
    const [one, two] = [await fixture.node(), await fixture.node()];
    const epochs: number[] = [];
    for (const bus of [one, two, one, one]) {
      epochs.push((await claimed(bus, 'd5')).claim.epoch);
    }
    expect(epochs).toEqual([...new Set(epochs)].toSorted((a, b) => a - b));
    expect(epochs).toHaveLength(4);
  },

  'tells the holder of an older claim, once': async (fixture) => {
    const [one, two] = [await fixture.node(), await fixture.node()];
    const before = await claimed(one, 'd6');
    const after = await claimed(two, 'd6');
    await before.holder.whenLost;
    expect([before.holder.losses, after.holder.losses]).toEqual([1, 0]);
  },

  'fences an older claim once a newer one has stored': async (fixture) => {
    const [one, two] = [await fixture.node(), await fixture.node()];
    const before = await claimed(one, 'd7');
    await append(before.claim, 'old1');
    const after = await claimed(two, 'd7');
    await append(after.claim, 'new1');
    expect(await codes([append(before.claim, 'old2')])).toEqual(['ERR_FENCED']);
    before.claim.goBack();
    expect(await codes([append(before.claim, 'old2')])).toEqual(['ERR_FENCED']);
    await append(after.claim, 'new2');
    expect((await fixture.stored('d7')).map(([id]) => id)).toEqual(['old1', 'new1', 'new2']);
  },

  'has nobody for a command until a device is claimed': async (fixture) => {
    const bus = await fixture.node();
    expect(await bus.command('nobody', bytes('x'), PATIENT)).toEqual({
      outcome: 'absent',
    });
  },

  'brings a command to the node with the newest claim, and its answer back': async (fixture) => {
    const [one, two, three] = [await fixture.node(), await fixture.node(), await fixture.node()];
    const before = await claimed(one, 'd8');
    const after = await claimed(two, 'd8');
    const outcome = await three.command('d8', bytes('stop'));
    expect([outcome.outcome, outcome.outcome === 'answered' && text(outcome.answer)]).toEqual([
      'answered',
      'STOP',
    ]);
    expect([before.holder.commands, after.holder.commands]).toEqual([[], ['stop']]);
  },

  'has nobody for a command after release': async (fixture) => {
    const bus = await fixture.node();
    const { claim, holder } = await claimed(bus, 'd9');
    await claim.release();
    expect(await bus.command('d9', bytes('x'), PATIENT)).toEqual({ outcome: 'absent' });
    expect(holder.losses).toBe(0);
  },

  'leaves a newer claim alone when an older one is released': async (fixture) => {
    const [one, two] = [await fixture.node(), await fixture.node()];
    const before = await claimed(one, 'd10');
    const after = await claimed(two, 'd10');
    await before.claim.release();
    const outcome = await one.command('d10', bytes('x'));
    expect(outcome.outcome).toBe('answered');
    await append(after.claim, 'm1');
    expect(after.holder.losses).toBe(0);
  },

  'refuses a command that is too large, and passes the largest one on': async (fixture) => {
    const bus = await fixture.node();
    const { holder } = await claimed(bus, 'd11');
    const large = new Uint8Array(bus.maxLength + 1);
    expect(await bus.command('d11', large)).toEqual({ outcome: 'refused' });
    expect((await bus.command('d11', large.subarray(1))).outcome).toBe('answered');
    expect(holder.commands.map(({ length }) => length)).toEqual([bus.maxLength]);
  },

  'has nobody behind an id that is none': async (fixture) => {
    const bus = await fixture.node();
    await claimed(bus, 'd12');
    for (const id of ['', '*', '>', 'd12.down', 'd 12', '__proto__', 'd'.repeat(65), '粘包']) {
      expect(await bus.command(id, bytes('x'), PATIENT)).toEqual({ outcome: 'absent' });
    }
  },

  'is closed after close: nothing is stored, claimed or sent': async (fixture) => {
    const bus = await fixture.node();
    const { claim, holder } = await claimed(bus, 'd13');
    await bus.close();
    expect(await codes([append(claim, 'm1')])).toEqual(['ERR_BUS_CLOSED']);
    expect(await codes([bus.claim('d13', new Device())])).toEqual(['ERR_BUS_CLOSED']);
    expect(await bus.command('d13', bytes('x'))).toEqual({ outcome: 'unreachable' });
    await claim.release();
    expect([bus.isUp, holder.commands, holder.losses]).toEqual([false, [], 0]);
  },
};
