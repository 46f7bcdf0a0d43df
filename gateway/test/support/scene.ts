// A gateway on a real port, devices that speak `ID text` in frames of four bytes of length, and what became of
// everything. Ends with the test.

import { dial, lengthPrefixed } from 'unstick';
import type { Connection } from 'unstick';
import { onTestFinished } from 'vitest';
import { gateway } from '../../src/index.ts';
import type { Gateway, GatewayOptions, LogLine, StoredMessage } from '../../src/index.ts';
import { bytes, text } from './fixtures.ts';
import { HeldBus } from './held-bus.ts';

export const codec = lengthPrefixed({ maxPayloadLength: 4 * 1024 * 1024 });

type Options = Partial<GatewayOptions<Uint8Array, Uint8Array>>;

export interface Scene {
  readonly bus: HeldBus;
  readonly devices: Gateway;
  /** What the bus has, as `ID text`. */
  readonly stored: string[];
  readonly messages: StoredMessage[];
  readonly lines: LogLine[];
  /** Resolves when `holds`, which is asked after every line of the log, append and message. */
  readonly until: (holds: () => boolean) => Promise<void>;
  readonly device: () => Promise<Device>;
}

/** A device, played by hand. */
export class Device {
  readonly connection: Connection<Uint8Array, Uint8Array>;

  constructor(connection: Connection<Uint8Array, Uint8Array>) {
    this.connection = connection;
  }

  async say(...given: string[]): Promise<void> {
    for (const one of given) {
      await this.connection.send(bytes(one));
    }
  }

  /** The next frames, as many as asked for. */
  async hear(count: number): Promise<(string | undefined)[]> {
    const heard: (string | undefined)[] = [];
    while (heard.length < count) {
      const frame = await this.connection.receive();
      heard.push(frame === undefined ? undefined : text(frame));
    }
    return heard;
  }

  /** How the connection ended: `undefined` in order, otherwise the code of the error. */
  async ended(): Promise<string | undefined> {
    try {
      while ((await this.connection.receive()) !== undefined) {
        // Frames that came before the end do not matter here.
      }
      return undefined;
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : String(error);
    }
  }
}

export async function openScene(options: Options = {}): Promise<Scene> {
  const bus = new HeldBus();
  const messages: StoredMessage[] = [];
  const stored: string[] = [];
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  const ask = (): void => {
    for (const wake of waiting) {
      wake();
    }
  };
  bus.inner.onUp((message) => {
    messages.push(message);
    stored.push(text(message.bytes));
    ask();
  });
  bus.onAppend = () => setImmediate(ask);
  const devices = gateway({
    codec,
    bus,
    identify: (frame) => text(frame).split(' ')[0],
    acknowledge: (frame) => bytes(`ok ${text(frame)}`),
    log: (line) => {
      lines.push(line);
      ask();
    },
    ...options,
  });
  await devices.ready;
  onTestFinished(async () => {
    bus.free();
    await devices.close({ within: 1000 });
    await bus.close();
  });
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        if (holds()) {
          waiting.delete(wake);
          resolve();
        }
      };
      waiting.add(wake);
      wake();
    });
  const device = async (): Promise<Device> => {
    const connection = await dial(codec, { port: devices.port });
    onTestFinished(() => connection.destroy());
    return new Device(connection);
  };
  return { bus, devices, messages, stored, lines, until, device };
}
