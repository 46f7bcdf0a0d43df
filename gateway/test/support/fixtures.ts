// Each bus as the contract test needs it: several nodes on one bus, and what the bus has of a device.

import { memory, systemClock } from '../../src/index.ts';
import type { Bus, BusHost, StoredMessage } from '../../src/index.ts';

/** A message that the bus has: its id, and its bytes as text. */
export type Stored = readonly [id: string, text: string];

export interface Fixture {
  /** Another node on the bus, opened. */
  node(): Promise<Bus>;
  /** What the bus has of the device, oldest first. */
  stored(device: string): Promise<Stored[]>;
  close(): Promise<void>;
}

export function host(node: string, onState: BusHost['onState'] = () => undefined): BusHost {
  return { node, clock: systemClock, onState };
}

export async function memoryFixture(): Promise<Fixture> {
  const bus = memory();
  const messages: StoredMessage[] = [];
  bus.onUp((message) => messages.push(message));
  await bus.open(host('node'));
  return {
    node: () => Promise.resolve(bus),
    stored: (device) =>
      Promise.resolve(
        messages
          .filter((message) => message.device === device)
          .map((message) => [message.id, text(message.bytes)]),
      ),
    close: () => bus.close(),
  };
}

export function bytes(given: string): Uint8Array {
  return new TextEncoder().encode(given);
}

export function text(given: Uint8Array): string {
  return new TextDecoder().decode(given);
}
