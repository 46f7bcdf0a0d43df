// Gateways on a real nats-server: what holds while the broker dies, hangs, is full, or is not there.

import { jetstreamManager } from '@nats-io/jetstream';
import type { StreamConfig } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { dial } from 'unstick';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { JetStreamOptions } from '../src/jetstream/index.ts';
import { frameOf, runFleet } from './support/fleet.ts';
import type { FleetDevice } from './support/fleet.ts';
import { bytes, text } from './support/fixtures.ts';
import { allStored, storedIn } from './support/nats-fixture.ts';
import { natsNode, startNats } from './support/nats-node.ts';
import type { NatsNode } from './support/nats-node.ts';
import { hasNats, hasSmallDisks, natsNote, NatsServer } from './support/nats-server.ts';
import { codec } from './support/scene.ts';

/** Every frame of the device stands in the stream, in order, once for each id. */
async function expectWhole(
  url: string,
  fleet: readonly FleetDevice[],
  count: number,
): Promise<void> {
  const frames = Array.from({ length: count }, (_, at) => at);
  const stored = await allStored(url);
  for (const { id, acknowledged } of fleet) {
    expect(acknowledged).toEqual(frames);
    expect((stored.get(id) ?? []).map(([, given]) => given)).toEqual(
      frames.map((at) => frameOf(id, at)),
    );
  }
}

async function say({ devices }: NatsNode, ...given: string[]): Promise<(string | undefined)[]> {
  const connection = await dial(codec, { port: devices.port });
  onTestFinished(() => connection.destroy());
  const heard: (string | undefined)[] = [];
  for (const one of given) {
    await connection.send(bytes(one));
    const answer = await connection.receive().catch((error: Error) => bytes(error.message));
    heard.push(answer === undefined ? undefined : text(answer));
  }
  return heard;
}

describe.skipIf(!hasNats)(`A gateway on NATS${natsNote}`, () => {
  test('loses nothing and keeps order while the broker is killed', async () => {
    const server = await startNats();
    const node = natsNode({ servers: server.url });
    await node.devices.ready;
    const running = runFleet({ size: 20, count: 300 }, () => node.devices.port);
    // Five kills, each when a seventh of all frames was stored since the one before.
    for (let stored = 900; stored < 5000; stored += 900) {
      await node.reached('framesStored', stored);
      await server.kill();
      await server.start();
    }
    const fleet = await running;
    await expectWhole(server.url, fleet, 300);
    expect(node.devices.count('framesDropped')).toBe(0);
    expect(fleet.every(({ reconnects }) => reconnects === 0)).toBe(true);
  });

  test('holds the devices back while the broker hangs, and goes on', async () => {
    const server = await startNats();
    const node = natsNode({ servers: server.url, timeout: 500 }, { window: 4 });
    await node.devices.ready;
    expect(await say(node, 'd1 before')).toEqual(['ok d1 before']);
    const connection = await dial(codec, { port: node.devices.port });
    onTestFinished(() => connection.destroy());
    await connection.send(bytes('d2 first'));
    await connection.receive();
    server.freeze();
    for (let at = 0; at < 10; at++) {
      await connection.send(bytes(frameOf('d2', at)));
    }
    await vi.waitUntil(() => node.devices.gauges.framesInFlight === 4, { timeout: 60_000 });
    await node.reached('busRetries', node.devices.count('busRetries') + 3);
    expect(node.devices.gauges.framesInFlight).toBe(4);
    server.resume();
    for (let at = 0; at < 10; at++) {
      expect(text((await connection.receive()) ?? bytes('the end'))).toBe(
        `ok ${frameOf('d2', at)}`,
      );
    }
    const stored = await storedIn(server.url, 'd2');
    expect(stored.map(([, given]) => given)).toEqual([
      'd2 first',
      ...Array.from({ length: 10 }, (_, at) => frameOf('d2', at)),
    ]);
  });

  test('holds the devices back while the stream is full, and goes on when there is room', async () => {
    const server = await startNats();
    // NATS answers that the stream is full, and no call fails because a busy machine answers late.
    const node = natsNode({ servers: server.url, maxBytes: 64 * 1024, timeout: 30_000 });
    await node.devices.ready;
    const large = 'x'.repeat(30 * 1024);
    expect(await say(node, `d1 1 ${large}`)).toHaveLength(1);
    const waiting = say(node, `d2 1 ${large}`, `d2 2 ${large}`);
    await node.reached('busRetries', 3);
    // One line says it, however often it is tried.
    const lines = node.lines.filter(({ event }) => event === 'bus-retry');
    expect(lines).toMatchObject([{ device: 'd2', why: expect.stringMatching(/maximum bytes/) }]);
    const connection = await connect({ servers: server.url });
    await (await jetstreamManager(connection)).streams.purge('devices');
    await connection.close();
    expect((await waiting).map((heard) => heard?.slice(0, 7))).toEqual(['ok d2 1', 'ok d2 2']);
    expect(node.devices.count('framesDropped')).toBe(0);
  });

  test('says that the bucket of owners is missing, and goes on when there is one', async () => {
    const server = await startNats();
    const node = natsNode({ servers: server.url });
    await node.devices.ready;
    const connection = await connect({ servers: server.url });
    onTestFinished(() => connection.close());
    const { streams } = await jetstreamManager(connection);
    const { config } = await streams.info('KV_devices-owners');
    await streams.delete('KV_devices-owners');
    const waiting = say(node, 'd1 a');
    expect(await node.logged('bus-retry')).toMatchObject({ level: 'warn', device: 'd1' });
    await streams.add(config);
    expect(await waiting).toEqual(['ok d1 a']);
  });

  // Only some users may mount a disk. For others the test of a full stream stands for this one.
  test.runIf(hasSmallDisks)(
    'acknowledges nothing while the disk of the broker is full',
    async () => {
      const server = await NatsServer.onSmallDisk(64 * 1024 * 1024);
      onTestFinished(() => server.remove());
      const node = natsNode({ servers: server.url });
      await node.devices.ready;
      const connection = await dial(codec, { port: node.devices.port });
      onTestFinished(() => connection.destroy());
      await connection.send(bytes('d1 before'));
      expect(text((await connection.receive()) ?? bytes('the end'))).toBe('ok d1 before');
      server.fillDisk();
      const large = `d1 large ${'x'.repeat(100 * 1024)}`;
      await connection.send(bytes(large));
      await node.reached('busRetries', 3);
      expect(node.devices.count('framesStored')).toBe(1);
      server.freeDisk();
      await server.kill();
      await server.start();
      expect(text((await connection.receive()) ?? bytes('the end'))).toBe(`ok ${large}`);
      const stored = await storedIn(server.url, 'd1');
      expect(stored.map(([, given]) => given)).toEqual(['d1 before', large]);
    },
  );

  test('waits at its start for a broker that is not there', async () => {
    const server = await startNats();
    await server.kill();
    const node = natsNode({ servers: server.url });
    expect(await node.logged('bus-down')).toMatchObject({
      level: 'warn',
      why: expect.stringMatching(/refused/i),
    });
    expect([node.devices.port, node.devices.health]).toEqual([
      0,
      { state: 'opening', isBusUp: false },
    ]);
    await server.start();
    await node.devices.ready;
    expect(await say(node, 'd1 a')).toEqual(['ok d1 a']);
  });

  test('gives up waiting when it is closed', async () => {
    const server = await startNats();
    await server.kill();
    const node = natsNode({ servers: server.url });
    await node.logged('bus-down');
    await node.devices.close();
    await node.bus.close();
    await expect(node.devices.ready).rejects.toMatchObject({ code: 'ERR_BUS_CLOSED' });
  });

  test.each([
    [
      'wrong credentials',
      'authorization { user: gateway, password: right }',
      { user: 'gateway', pass: 'wrong' },
    ],
    ['no credentials', 'authorization { user: gateway, password: right }', {}],
  ])('does not start with %s', async (_name, more, credentials) => {
    const server = await startNats(more);
    const node = natsNode({ servers: server.url, connect: credentials });
    await expect(node.devices.ready).rejects.toMatchObject({
      name: 'BusError',
      code: 'ERR_BUS_REFUSED',
      isFinal: true,
    });
    expect(node.devices.port).toBe(0);
  });

  test('says why NATS does not take it back, and goes on when it does', async () => {
    const right = 'authorization { user: gateway, password: right }';
    const server = await startNats(right);
    const credentials = { user: 'gateway', pass: 'right' };
    const node = natsNode({ servers: server.url, connect: credentials });
    await node.devices.ready;
    const device = await dial(codec, { port: node.devices.port });
    onTestFinished(() => device.destroy());
    await server.kill();
    server.more = 'authorization { user: gateway, password: changed }';
    await server.start();
    const refused = /refuses this node: .*authorization/i;
    await vi.waitUntil(() => node.lines.some(({ why }) => refused.test(why ?? '')), {
      timeout: 60_000,
    });
    await device.send(bytes('d1 meanwhile'));
    await server.kill();
    server.more = right;
    await server.start();
    expect(text((await device.receive()) ?? bytes('the end'))).toBe('ok d1 meanwhile');
  });

  test.each<[string, JetStreamOptions, Partial<StreamConfig>[], RegExp]>([
    [
      'its stream takes other subjects',
      {},
      [{ name: 'devices', subjects: ['other.*'] }],
      /devices does not take devices\.\*\.up/,
    ],
    [
      'its stream takes commands, too',
      {},
      [{ name: 'devices', subjects: ['devices.>'] }],
      /devices does not take devices\.\*\.up/,
    ],
    [
      'another stream takes commands',
      {},
      [{ name: 'log', subjects: ['devices.*.down'] }],
      /Stream log takes devices\.x\.down and so commands/,
    ],
    [
      'another stream takes what nodes say to each other',
      {},
      [{ name: 'log', subjects: ['devices.*.down.>'] }],
      /Stream log takes devices\.x\.down\.x and so commands/,
    ],
    [
      'another stream takes the frames',
      {},
      [{ name: 'log', subjects: ['devices.d1.up'] }],
      /overlap/,
    ],
    ['it should be replicated by one server', { replicas: 3 }, [], /replicas > 1/],
    ['the server keeps no ids for so long', { maxAge: 1000 }, [], /duplicates window/],
    ['the time to live is too short for the server', { timeToLive: 5 }, [], /max age/],
  ])('does not start if %s', async (_name, options, streams, why) => {
    const server = await startNats();
    const connection = await connect({ servers: server.url });
    const { streams: made } = await jetstreamManager(connection);
    for (const stream of streams) {
      // The cast is safe: each row has a name.
      await made.add(stream as StreamConfig);
    }
    await connection.close();
    const node = natsNode({ servers: server.url, ...options });
    await expect(node.devices.ready).rejects.toMatchObject({
      code: 'ERR_BUS_REFUSED',
      message: expect.stringMatching(why),
    });
  });

  test('refuses a frame that is larger than the broker takes, and no other', async () => {
    const server = await startNats('max_payload: 64KB');
    const node = natsNode({ servers: server.url });
    await node.devices.ready;
    const large = await say(node, 'd1 a', `d1 b ${'x'.repeat(64 * 1024)}`);
    expect(large).toEqual(['ok d1 a', expect.stringMatching(/connection/i)]);
    expect((await node.logged('frame-too-large')).device).toBe('d1');
    expect(await say(node, `d1 c ${'x'.repeat(60 * 1024)}`)).toHaveLength(1);
    expect((await storedIn(server.url, 'd1')).map(([id]) => id.slice(0, 4))).toEqual([
      'd1 a',
      'd1 c',
    ]);
  });
});

describe.skipIf(!hasNats)(`A gateway on three NATS servers${natsNote}`, () => {
  test('loses nothing and keeps order while each server is killed in turn', async () => {
    const servers = await NatsServer.cluster();
    onTestFinished(async () => {
      await Promise.all(servers.map((server) => server.remove()));
    });
    const urls = servers.map(({ url }) => url);
    const node = natsNode({ servers: urls, replicas: 3 });
    await node.devices.ready;
    const running = runFleet({ size: 10, count: 200 }, () => node.devices.port);
    let due = 300;
    for (const server of servers) {
      await node.reached('framesStored', due);
      await server.kill();
      // The other two go on without it.
      await node.reached('framesStored', due + 300);
      await server.start();
      due += 600;
    }
    const fleet = await running;
    await expectWhole(urls[0] ?? '', fleet, 200);
    expect(node.devices.count('framesDropped')).toBe(0);
  }, 600_000);
});

describe.skipIf(!hasNats)(`Two gateways on one NATS${natsNote}`, () => {
  test('the newest connection of a device wins, and gets the commands', async () => {
    const server = await startNats();
    const [a, b] = [natsNode({ servers: server.url }), natsNode({ servers: server.url })];
    await Promise.all([a.devices.ready, b.devices.ready]);
    const connections = [];
    for (const { devices } of [a, b]) {
      const connection = await dial(codec, { port: devices.port });
      onTestFinished(() => connection.destroy());
      connections.push(connection);
      await connection.send(bytes('d1 hello'));
      await connection.receive();
    }
    await a.logged('taken-over');
    await expect(connections[0]?.receive()).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    // Each node can send a command to any device.
    for (const { bus } of [a, b]) {
      expect(await bus.command('d1', bytes('go'))).toEqual({ outcome: 'sent' });
      expect(text((await connections[1]?.receive()) ?? bytes('the end'))).toBe('go');
    }
  });

  test('devices that go from one to the other lose nothing and keep their order', async () => {
    const server = await startNats();
    const nodes = [natsNode({ servers: server.url }), natsNode({ servers: server.url })];
    await Promise.all(nodes.map(({ devices }) => devices.ready));
    let turn = 0;
    const running = runFleet(
      { size: 10, count: 200 },
      (at) => nodes[(at + turn) % 2]?.devices.port ?? 0,
    );
    // A second connection with the id of the first takes the device over, ten times.
    for (; turn < 10; turn++) {
      const { devices } = nodes[turn % 2] ?? {};
      for (let at = 0; at < 10; at++) {
        const thief = await dial(codec, { port: devices?.port ?? 0 });
        await thief.send(bytes(frameOf(`f${at}`, 0)));
        await thief.receive().catch(() => undefined);
        thief.destroy();
      }
    }
    const fleet = await running;
    expect(nodes.map(({ devices }) => devices.count('connectionsTakenOver') > 0)).toEqual([
      true,
      true,
    ]);
    await expectWhole(server.url, fleet, 200);
  });
});
