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

  readonly #onAcknowledged: () => void;

  constructor(id: string, onAcknowledged: () => void) {
    this.id = id;
    this.#onAcknowledged = onAcknowledged;
  }

  /** Sends the frames 0 to `count`. `port` gives the gateway for each connect. */
  async run(count: number, port: () => number): Promise<void> {
    while (this.acknowledged.length < count) {
      this.reconnects++;
      try {
        const connection = await dial(codec, { port: port() });
        await this.#session(connection, count);
        await connection.close({ within: 5000 });
      } catch {
        // The gateway has gone, or closed this connection. The next one may be another.
        await new Promise((done) => setTimeout(done, 20));
      }
    }
  }

  async #session(connection: Connection<Uint8Array, Uint8Array>, count: number): Promise<void> {
    let next = this.acknowledged.length;
    while (this.acknowledged.length < count) {
      for (; next < Math.min(count, this.acknowledged.length + AHEAD); next++) {
        await connection.send(bytes(frameOf(this.id, next)));
      }
      const frame = await connection.receive();
      if (frame === undefined) {
        throw new Error('the gateway has ended the connection');
      }
      this.acknowledged.push(Number(text(frame).split(' ')[2]));
      this.#onAcknowledged();
    }
  }
}

export interface FleetOptions {
  /** Number of devices. */
  readonly size: number;
  /** Number of frames of each device. */
  readonly count: number;
  /** Called with each acknowledgement. */
  readonly onAcknowledged?: () => void;
}

/** Lets the devices send their frames. Resolves when every frame has been acknowledged. */
export async function runFleet(
  { size, count, onAcknowledged = () => undefined }: FleetOptions,
  port: (device: number) => number,
): Promise<FleetDevice[]> {
  const fleet = Array.from({ length: size }, (_, at) => {
    return new NumberedDevice(`f${at}`, onAcknowledged);
  });
  await Promise.all(fleet.map((device, at) => device.run(count, () => port(at))));
  return fleet;
}
