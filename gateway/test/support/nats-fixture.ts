// The contract's fixture over a real nats-server, and what a stream has.

import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { Bus } from '../../src/index.ts';
import { jetStream } from '../../src/jetstream/index.ts';
import type { JetStreamOptions } from '../../src/jetstream/index.ts';
import { host, text } from './fixtures.ts';
import type { Fixture, Stored } from './fixtures.ts';

/** Every message of a device that the stream has, oldest first. */
export async function storedIn(url: string, device: string, stream = 'devices'): Promise<Stored[]> {
  const connection = await connect({ servers: url });
  try {
    const manager = await jetstreamManager(connection);
    const { state } = await manager.streams.info(stream);
    const stored: Stored[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await manager.streams.getMessage(stream, { seq });
      if (message?.subject === `devices.${device}.up`) {
        const id = message.header.get('Nats-Msg-Id').slice(device.length + 1);
        stored.push([id, text(message.data)]);
      }
    }
    return stored;
  } finally {
    await connection.close();
  }
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
