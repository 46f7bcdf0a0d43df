// Devices that send numbered frames and wait for their acknowledgements, as a real device does: what is not
// acknowledged is sent again after a reconnect, to whichever gateway there is.

import { dial } from 'unstick';
import type { Connection } from 'unstick';
import { bytes, text } from './fixtures.ts';
import { codec } from './scene.ts';

export interface FleetDevice {
  readonly id: string;
  /** Numbers of the frames that were acknowledged, in the order of the acknowledgements. */
  readonly acknowledged: number[];
  readonly reconnects: number;
}

/** How far a device sends ahead of the acknowledgements. */
const AHEAD = 8;

/** The text of a frame, which is also its message id. */
export function frameOf(device: string, number: number): string {
  return `${device} ${number}`;
}

class NumberedDevice implements FleetDevice {
  readonly id: string;
  readonly acknowledged: number[] = [];
  reconnects = -1;

  readonly #options: FleetOptions;

  constructor(id: string, options: FleetOptions) {
    this.id = id;
    this.#options = options;
  }

  /** Sends frames until there are enough. `port` gives the gateway for each connect. */
  async run(port: () => number): Promise<void> {
    while (this.#isRunning) {
      this.reconnects++;
      try {
        const connection = await dial(codec, { port: port() });
        try {
          await this.#session(connection);
          await connection.close({ within: 5000 });
        } finally {
          connection.destroy();
        }
      } catch {
        // The gateway has gone, or closed this connection. The next one may be another.
        await new Promise((done) => setTimeout(done, 20));
      }
    }
  }

  get #isRunning(): boolean {
    const { count, isOver } = this.#options;
    return this.acknowledged.length < count || isOver?.() === false;
  }

  async #session(connection: Connection<Uint8Array, Uint8Array>): Promise<void> {
    const { count, isOver, pace, onAcknowledged } = this.#options;
    let next = this.acknowledged.length;
    while (this.#isRunning) {
      const most = isOver?.() === false ? Infinity : count;
      for (; next < Math.min(most, this.acknowledged.length + AHEAD); next++) {
        await connection.send(bytes(frameOf(this.id, next)));
      }
      const frame = await connection.receive();
      if (frame === undefined) {
        throw new Error('the gateway has ended the connection');
      }
      this.acknowledged.push(Number(text(frame).split(' ')[2]));
      onAcknowledged?.();
      if (pace !== undefined) {
        await new Promise((done) => setTimeout(done, pace));
      }
    }
  }
}

export interface FleetOptions {
  /** Number of devices. */
  readonly size: number;
  /** Number of frames that each device sends at least. */
  readonly count: number;
  /** Time in ms between two frames of a device, on average. Default: as fast as acknowledgements come. */
  readonly pace?: number;
  /** While it returns false, the devices go on after `count` frames. Default: they do not. */
  readonly isOver?: () => boolean;
  /** Called with each acknowledgement. */
  readonly onAcknowledged?: () => void;
}

/** Lets the devices send their frames. Resolves when every frame has been acknowledged. */
export async function runFleet(
  options: FleetOptions,
  port: (device: number) => number,
): Promise<FleetDevice[]> {
  const fleet = Array.from({ length: options.size }, (_, at) => {
    return new NumberedDevice(`f${at}`, options);
  });
  await Promise.all(fleet.map((device, at) => device.run(() => port(at))));
  return fleet;
}
