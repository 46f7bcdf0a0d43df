// Two gateways as processes on one NATS: one dies or hangs, and its devices go to the other.

import { dial } from 'unstick';
import type { Connection } from 'unstick';
import { describe, expect, onTestFinished, test } from 'vitest';
import { GatewayProcess } from '../chaos/gateway-process.ts';
import { jetStream } from '../src/jetstream/index.ts';
import type { Bus } from '../src/index.ts';
import { bytes, host, text } from './support/fixtures.ts';
import { storedIn } from './support/nats-fixture.ts';
import { hasNats, natsNote, NatsServer } from './support/nats-server.ts';
import { codec } from './support/scene.ts';

interface Pair {
  readonly nats: NatsServer;
  readonly gateways: readonly [GatewayProcess, GatewayProcess];
  /** A third participant, which only sends commands. */
  readonly bus: Bus;
}

async function startPair(): Promise<Pair> {
  const nats = await NatsServer.start();
  onTestFinished(() => nats.remove());
  const make = (name: string): GatewayProcess => {
    const gateway = new GatewayProcess({ name, nats: nats.url, window: 8 });
    onTestFinished(() => gateway.remove());
    return gateway;
  };
  const gateways = [make('a'), make('b')] as const;
  await Promise.all(gateways.map((gateway) => gateway.start()));
  const bus = jetStream({ servers: nats.url });
  onTestFinished(() => bus.close());
  await bus.open(host('commander'));
  return { nats, gateways, bus };
}

type Device = Connection<Uint8Array, Uint8Array>;

/** Connects, sends the frames, and waits for the acknowledgement of each. */
async function connected({ port }: GatewayProcess, ...frames: string[]): Promise<Device> {
  const device = await dial(codec, { port });
  onTestFinished(() => device.destroy());
  for (const frame of frames) {
    await device.send(bytes(frame));
    expect(await heard(device)).toBe(`ok ${frame}`);
  }
  return device;
}

async function heard(device: Device): Promise<string | undefined> {
  const frame = await device.receive();
  return frame === undefined ? undefined : text(frame);
}

describe.skipIf(!hasNats)(`Two gateways${natsNote}`, () => {
  test('a command is not called sent when the gateway of its device was killed', async () => {
    const { gateways, bus } = await startPair();
    const [a, b] = gateways;
    const before = await connected(a, 'd1 0');
    expect(await bus.command('d1', bytes('first'))).toEqual({ outcome: 'sent' });
    expect(await heard(before)).toBe('first');
    await a.kill();
    const { outcome } = await bus.command('d1', bytes('second'), { within: 3000 });
    // NATS may not have noticed yet that the connection of the gateway is gone, or answer late on a busy machine.
    expect(['absent', 'unknown', 'expired']).toContain(outcome);
    const after = await connected(b, 'd1 1');
    expect(await bus.command('d1', bytes('third'))).toEqual({ outcome: 'sent' });
    expect(await heard(after)).toBe('third');
  });

  test('a gateway that hung stores nothing behind the one that took over', async () => {
    const { gateways, bus, nats } = await startPair();
    const [a, b] = gateways;
    const stale = await connected(a, 'd1 0');
    a.freeze();
    // The kernel takes these frames for the process that hangs.
    await stale.send(bytes('d1 1'));
    await stale.send(bytes('d1 2 of the stale connection'));
    const fresh = await connected(b, 'd1 1', 'd1 3', 'd1 4');
    a.resume();
    await expect(stale.receive()).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    expect(await bus.command('d1', bytes('go'))).toEqual({ outcome: 'sent' });
    expect(await heard(fresh)).toBe('go');
    expect((await storedIn(nats.url, 'd1')).map(([, frame]) => frame)).toEqual([
      'd1 0',
      'd1 1',
      'd1 3',
      'd1 4',
    ]);
  });
});
