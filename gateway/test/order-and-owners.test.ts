// The order of a subject, which fences older claims, and the entry of an owner, which lets commands find it.

import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { KV } from '@nats-io/kv';
import { connect, headers } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Bus, Claim } from '../src/index.ts';
import { jetStream } from '../src/jetstream/index.ts';
import type { JetStreamOptions } from '../src/jetstream/index.ts';
import { UpStream } from '../src/jetstream/up-stream.ts';
import { Device } from './support/contract.ts';
import { bytes, host, text } from './support/fixtures.ts';
import { storedIn } from './support/nats-fixture.ts';
import { startNats } from './support/nats-node.ts';
import { hasNats, natsNote } from './support/nats-server.ts';
import type { NatsServer } from './support/nats-server.ts';

interface Subject {
  readonly url: string;
  /** What a claim of this epoch appends with. It knows nothing of other claims. */
  readonly streamOf: (epoch: number) => { append: (id: string) => Promise<void> };
}

function unknownEpoch(): Promise<undefined> {
  return Promise.resolve(undefined);
}

async function subject(): Promise<Subject> {
  const server = await startNats();
  const connection = await connect({ servers: server.url });
  onTestFinished(() => connection.close());
  const manager = await jetstreamManager(connection);
  // A window so short that it knows no id again: what holds here does not rest on it.
  await manager.streams.add({
    name: 'devices',
    subjects: ['devices.*.up'],
    duplicate_window: 1e8,
  });
  const client = jetstream(connection);
  const streamOf: Subject['streamOf'] = (epoch) => {
    const shared = { client, manager, stream: 'devices', prefix: 'devices', timeout: 5000 };
    const stream = new UpStream({ ...shared, ownerEpoch: unknownEpoch }, 'd1');
    return { append: (id) => stream.append({ id, bytes: bytes(id) }, epoch) };
  };
  return { url: server.url, streamOf };
}

describe.skipIf(!hasNats)(`The order of a subject${natsNote}`, () => {
  test('an older claim that heard of nothing is fenced by the messages alone', async () => {
    const { streamOf, url } = await subject();
    const [older, newer] = [streamOf(1), streamOf(5)];
    await older.append('a');
    await newer.append('b');
    await expect(older.append('c')).rejects.toMatchObject({ code: 'ERR_FENCED' });
    await newer.append('d');
    expect((await storedIn(url, 'd1')).map(([id]) => id)).toEqual(['a', 'b', 'd']);
  });

  test('what an older claim stores in between is not overtaken', async () => {
    const { streamOf, url } = await subject();
    const [older, newer] = [streamOf(1), streamOf(5)];
    await older.append('a');
    await newer.append('a'); // The same frame, which the device repeats: it is stored already.
    await older.append('b'); // The newer claim has stored nothing yet.
    await newer.append('c');
    expect((await storedIn(url, 'd1')).map(([id]) => id)).toEqual(['a', 'b', 'c']);
  });
});

interface Owned {
  readonly server: NatsServer;
  readonly url: string;
  readonly bus: Bus;
  readonly holder: Device;
  readonly claim: Claim;
  readonly connection: NatsConnection;
  readonly bucket: KV;
}

async function otherNode(url: string, options: JetStreamOptions = {}): Promise<Bus> {
  const bus = jetStream({ servers: url, ...options });
  onTestFinished(() => bus.close());
  await bus.open(host('node'));
  return bus;
}

/** A bus that holds the device `d1`, and another connection to the same server. */
async function owned(options: JetStreamOptions = {}): Promise<Owned> {
  const server = await startNats();
  const { url } = server;
  const bus = await otherNode(url, options);
  const holder = new Device();
  const claim = await bus.claim('d1', holder);
  const connection = await connect({ servers: url });
  onTestFinished(() => connection.close());
  return {
    server,
    url,
    bus,
    holder,
    claim,
    connection,
    bucket: await new Kvm(connection).open('devices-owners'),
  };
}

/** Address of the node that the entry of the device names. */
async function addressIn(bucket: KV, device = 'd1'): Promise<string> {
  const entry = await bucket.get(`owner.${device}`);
  return entry?.json<{ address: string }>().address ?? 'none';
}

function announce({ connection }: Owned, epoch: string, address: string): void {
  const given = headers();
  given.set('Unstick-Epoch', epoch);
  connection.publish(`devices.d1.down.${address}`, undefined, { headers: given });
}

/** What a plain client of NATS gets for a request. */
async function requested(connection: NatsConnection, to: string): Promise<string[]> {
  const answer = await connection.request(to, bytes('go'), { timeout: 30_000 });
  return [answer.headers?.get('Unstick-Outcome') ?? '', text(answer.data)];
}

describe.skipIf(!hasNats)(`The entry of an owner${natsNote}`, () => {
  test('is renewed while the device is held, beyond its time to live', async () => {
    // Long enough that no renewal is late because this process has to wait for a processor.
    const { bus, claim, bucket } = await owned({ timeToLive: 4000 });
    const epochs = new Set<unknown>();
    let seen = 0;
    for await (const entry of await bucket.watch({ key: 'owner.d1' })) {
      epochs.add(entry.json<{ epoch?: unknown }>().epoch ?? entry.revision);
      seen++;
      if (seen === 5) {
        break;
      }
    }
    expect(epochs).toEqual(new Set([claim.epoch]));
    expect((await bus.command('d1', bytes('x'))).outcome).toBe('answered');
    await claim.release();
    expect((await bucket.get('owner.d1'))?.operation).not.toBe('PUT');
  });

  test('is renewed in the time of a bucket that was made with a shorter one', async () => {
    const { claim, bucket, url } = await owned({ timeToLive: 1000 });
    await claim.release();
    const other = await otherNode(url, { timeToLive: 3_600_000 });
    await other.claim('d1', new Device());
    let seen = 0;
    for await (const entry of await bucket.watch({ key: 'owner.d1' })) {
      expect(entry.operation).toBe('PUT');
      seen++;
      if (seen === 5) {
        break;
      }
    }
  });

  test('of another node keeps commands from a stale owner', async () => {
    const { holder, connection, bucket } = await owned();
    const stale = await addressIn(bucket);
    // Another node takes the device, and its notice is lost.
    await bucket.put('owner.d1', JSON.stringify({ node: 'newer', address: 'newer' }));
    // A command that found the older entry comes late.
    expect(await requested(connection, `devices.d1.down.${stale}`)).toEqual(['moved', '']);
    await holder.whenLost;
    expect(holder.commands).toEqual([]);
  });

  test.each([
    ['a node that has died', { node: 'dead', address: 'dead' }],
    ['no address', { node: 'other' }],
    ['an address of another kind', { node: 'other', address: 7 }],
  ])('that names %s makes commands absent', async (_name, entry) => {
    const { bus, bucket } = await owned();
    await bucket.put('owner.d2', JSON.stringify(entry));
    expect(await bus.command('d2', bytes('x'), { within: 60_000 })).toEqual({ outcome: 'absent' });
  });

  test.each(['the same node', 'another node'])(
    'that has gone is made again for the next command of %s',
    async (whose) => {
      const { bus, holder, claim, bucket, url } = await owned();
      const before = claim.epoch;
      const sender = whose === 'the same node' ? bus : await otherNode(url);
      await bucket.purge('owner.d1');
      // A busy node may be too late to say that it holds the device. Then the entry is there for the next command,
      // long before a renewal would write it.
      await vi.waitUntil(
        async () => (await sender.command('d1', bytes('x'))).outcome === 'answered',
        { timeout: 30_000 },
      );
      expect(claim.epoch).toBeGreaterThan(before);
      expect(holder.losses).toBe(0);
    },
  );

  test('stays after an announcement that is none, and goes with a real one', async () => {
    const device = await owned();
    const { bus, holder, connection, bucket } = device;
    const address = await addressIn(bucket);
    for (const epoch of ['0', '-1', 'NaN', 'x']) {
      announce(device, epoch, address);
    }
    await connection.flush();
    expect((await bus.command('d1', bytes('x'))).outcome).toBe('answered');
    expect(holder.losses).toBe(0);
    announce(device, '1000', address);
    await holder.whenLost;
    expect((await bus.command('d1', bytes('x'), { within: 60_000 })).outcome).toBe('absent');
  });

  test('is waited for no longer than a command has time, and then nothing is sent', async () => {
    const { holder, server, url, connection } = await owned();
    // A command that waited for the bus, and not for its own time, would take longer than this test waits.
    const other = await otherNode(url, { timeout: 200_000 });
    server.freeze();
    // The server may still do something before the signal reaches it.
    const outcomes = new Map<string, string>();
    const isExpired = async (): Promise<boolean> => {
      const command = `command ${outcomes.size}`;
      const { outcome } = await other.command('d1', bytes(command), { within: 200 });
      outcomes.set(command, outcome);
      return outcome === 'expired';
    };
    await vi.waitUntil(isExpired, { timeout: 60_000 });
    server.resume();
    // Whatever NATS answers now, the command stays where it is.
    await connection.flush();
    const next = await other.command('d1', bytes('next'), { within: 60_000 });
    expect(next.outcome).toBe('answered');
    expect(holder.commands).toContain('next');
    expect(holder.commands.filter((one) => outcomes.get(one) === 'expired')).toEqual([]);
  });

  test('leads a plain client of NATS to the device, through any node', async () => {
    const { holder, connection, url } = await owned();
    await otherNode(url);
    for (let at = 0; at < 8; at++) {
      expect(await requested(connection, 'devices.d1.down')).toEqual(['answered', 'GO']);
    }
    expect(holder.commands).toHaveLength(8);
    expect(await requested(connection, 'devices.d2.down')).toEqual(['absent', '']);
  });

  test('leads to the device after the broker has started again', async () => {
    const { bus, holder, server, url } = await owned();
    const other = await otherNode(url);
    await server.kill();
    await server.start();
    for (const sender of [bus, other]) {
      await vi.waitUntil(() => sender.isUp, { timeout: 60_000 });
      expect((await sender.command('d1', bytes('x'))).outcome).toBe('answered');
    }
    // Notices come as before, too.
    await other.claim('d1', new Device());
    await holder.whenLost;
  });
});
