// The order of a subject, which fences older claims, and the entry of an owner, which lets commands find it.

import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { KV } from '@nats-io/kv';
import { connect, headers } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Bus, Claim } from '../src/index.ts';
import { jetStream } from '../src/jetstream/index.ts';
import type { JetStreamOptions } from '../src/jetstream/index.ts';
import { UpStream } from '../src/jetstream/up-stream.ts';
import { Device } from './support/contract.ts';
import { bytes, host } from './support/fixtures.ts';
import { storedIn } from './support/nats-fixture.ts';
import { startNats } from './support/nats-node.ts';
import { hasNats, natsNote } from './support/nats-server.ts';

interface Subject {
  readonly url: string;
  /** What a claim of this epoch appends with. It knows nothing of other claims. */
  readonly streamOf: (epoch: number) => { append: (id: string) => Promise<void> };
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
    const stream = new UpStream({
      client,
      manager,
      stream: 'devices',
      subject: 'devices.d1.up',
      device: 'd1',
      timeout: 5000,
      ownerEpoch: () => Promise.resolve(undefined),
    });
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
  readonly bus: Bus;
  readonly holder: Device;
  readonly claim: Claim;
  readonly connection: NatsConnection;
  readonly bucket: KV;
}

/** A bus that holds the device `d1`, and another connection to the same server. */
async function owned(options: JetStreamOptions = {}): Promise<Owned> {
  const { url } = await startNats();
  const bus = jetStream({ servers: url, ...options });
  onTestFinished(() => bus.close());
  await bus.open(host('node'));
  const holder = new Device();
  const claim = await bus.claim('d1', holder);
  const connection = await connect({ servers: url });
  onTestFinished(() => connection.close());
  return {
    bus,
    holder,
    claim,
    connection,
    bucket: await new Kvm(connection).open('devices-owners'),
  };
}

function announce(connection: NatsConnection, epoch: string): void {
  const given = headers();
  given.set('Unstick-Epoch', epoch);
  connection.publish('devices.d1.down', undefined, { headers: given });
}

describe.skipIf(!hasNats)(`The entry of an owner${natsNote}`, () => {
  test('is renewed while the device is held, beyond its time to live', async () => {
    const { bus, claim, bucket } = await owned({ timeToLive: 1000 });
    const epochs = new Set<unknown>();
    let seen = 0;
    for await (const entry of await bucket.watch({ key: 'owner.d1' })) {
      epochs.add(entry.json<{ epoch?: unknown }>().epoch ?? entry.revision);
      seen++;
      if (seen === 7) {
        break;
      }
    }
    expect(epochs).toEqual(new Set([claim.epoch]));
    expect((await bus.command('d1', bytes('x'))).outcome).toBe('answered');
    await claim.release();
    expect((await bucket.get('owner.d1'))?.operation).not.toBe('PUT');
  });

  test('of another node keeps commands from a stale owner', async () => {
    const { bus, holder, bucket } = await owned();
    // Another node takes the device, and its notice is lost.
    await bucket.put('owner.d1', JSON.stringify({ node: 'newer' }));
    expect(await bus.command('d1', bytes('x'), { within: 1000 })).toEqual({ outcome: 'unknown' });
    await holder.whenLost;
    expect(holder.commands).toEqual([]);
  });

  test('that has gone is made again for the next command', async () => {
    const { bus, holder, claim, bucket } = await owned();
    const before = claim.epoch;
    await bucket.purge('owner.d1');
    expect((await bus.command('d1', bytes('x'))).outcome).toBe('answered');
    expect(claim.epoch).toBeGreaterThan(before);
    expect(holder.losses).toBe(0);
  });

  test('stays after an announcement that is none, and goes with a real one', async () => {
    const { bus, holder, connection } = await owned();
    for (const epoch of ['0', '-1', 'NaN', 'x', '1e999']) {
      announce(connection, epoch);
    }
    await connection.flush();
    expect((await bus.command('d1', bytes('x'))).outcome).toBe('answered');
    expect(holder.losses).toBe(0);
    announce(connection, '1000');
    await holder.whenLost;
    expect((await bus.command('d1', bytes('x'), { within: 1000 })).outcome).toBe('absent');
  });
});
