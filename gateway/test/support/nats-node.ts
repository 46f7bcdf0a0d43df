// A gateway on a real NATS server, and its log. Ends with the test.

import { onTestFinished, vi } from 'vitest';
import { gateway } from '../../src/index.ts';
import type { Bus, CounterName, Gateway, GatewayOptions, LogLine } from '../../src/index.ts';
import { jetStream } from '../../src/jetstream/index.ts';
import type { JetStreamOptions } from '../../src/jetstream/index.ts';
import { bytes, text } from './fixtures.ts';
import { NatsServer } from './nats-server.ts';
import { codec } from './scene.ts';

export interface NatsNode {
  readonly devices: Gateway;
  readonly bus: Bus;
  readonly lines: LogLine[];
  /** Resolves when the log has a line of this event. */
  readonly logged: (event: LogLine['event']) => Promise<LogLine>;
  /** Resolves when a counter has reached a value. */
  readonly reached: (name: CounterName, value: number) => Promise<void>;
}

export function natsNode(
  jetstream: JetStreamOptions,
  options: Partial<GatewayOptions<Uint8Array, Uint8Array>> = {},
): NatsNode {
  const bus = jetStream({ timeout: 1000, ...jetstream });
  const lines: LogLine[] = [];
  const waiting = new Set<(line: LogLine) => void>();
  const devices = gateway({
    codec,
    bus,
    identify: (frame) => text(frame).split(' ')[0],
    acknowledge: (frame) => bytes(`ok ${text(frame)}`),
    messageId: (frame) => text(frame).slice(0, 40),
    log: (line) => {
      lines.push(line);
      for (const hear of waiting) {
        hear(line);
      }
    },
    ...options,
  });
  devices.ready.catch(() => undefined);
  onTestFinished(async () => {
    await devices.close({ within: 500 });
    await bus.close();
  });
  const logged = (event: LogLine['event']): Promise<LogLine> =>
    new Promise((resolve) => {
      const hear = (line: LogLine): void => {
        if (line.event === event) {
          waiting.delete(hear);
          resolve(line);
        }
      };
      waiting.add(hear);
      lines.forEach(hear);
    });
  const reached = async (name: CounterName, value: number): Promise<void> => {
    // Counters have no events.
    await vi.waitUntil(() => devices.count(name) >= value, { timeout: 120_000, interval: 5 });
  };
  return { devices, bus, lines, logged, reached };
}

/** A server that ends with the test. `more`: lines of its configuration file. */
export async function startNats(more = ''): Promise<NatsServer> {
  const server = await NatsServer.start(more);
  onTestFinished(() => server.remove());
  return server;
}
