// The contract's fixture over a real nats-server, and what a stream has.

import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { Bus } from '../../src/index.ts';
import { jetStream } from '../../src/jetstream/index.ts';
import type { JetStreamOptions } from '../../src/jetstream/index.ts';
import { host, text } from './fixtures.ts';
import type { Fixture, Stored } from './fixtures.ts';

/** An election takes 4 to 9 seconds when nobody else needs the machine. */
const ELECTED_WITHIN_MS = 60_000;
const ATTEMPT_PAUSE_MS = 200;

/**
 * Every message that the stream has, by its device, oldest first. A cluster that elects a leader does not answer,
 * so a failure is repeated.
 */
export async function allStored(url: string, stream = 'devices'): Promise<Map<string, Stored[]>> {
  for (const since = performance.now(); ;) {
    try {
      return await readStream(url, stream);
    } catch (error) {
      if (performance.now() - since > ELECTED_WITHIN_MS) {
        throw error;
      }
      await new Promise((done) => setTimeout(done, ATTEMPT_PAUSE_MS));
    }
  }
}

async function readStream(url: string, stream: string): Promise<Map<string, Stored[]>> {
  const connection = await connect({ servers: url });
  try {
    const manager = await jetstreamManager(connection);
    const byDevice = new Map<string, Stored[]>();
    let { messages: left } = (await manager.streams.info(stream)).state;
    const consumer = await jetstream(connection).consumers.get(stream);
    const messages = left === 0 ? [] : await consumer.consume();
    for await (const message of messages) {
      const device = message.subject.split('.')[1] ?? '';
      const id = message.headers?.get('Nats-Msg-Id').slice(device.length + 1) ?? '';
      byDevice.set(device, [...(byDevice.get(device) ?? []), [id, text(message.data)]]);
      left--;
      if (left === 0) {
        break;
      }
    }
    return byDevice;
  } finally {
    await connection.close();
  }
}

/** Every message of one device, oldest first. */
export async function storedIn(url: string, device: string): Promise<Stored[]> {
  return (await allStored(url)).get(device) ?? [];
}

export function natsFixture(url: string, options: JetStreamOptions = {}): Fixture {
  const buses: Bus[] = [];
  return {
    node: async () => {
      const bus = jetStream({ servers: url, ...options });
      buses.push(bus);
      await bus.open(host(`node${buses.length}`));
      return bus;
    },
    stored: (device) => storedIn(url, device),
    close: async () => {
      await Promise.all(buses.map((bus) => bus.close()));
    },
  };
}
