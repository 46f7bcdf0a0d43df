// What strangers and broken devices do. Each row is one of them on a real socket: how its connection ends, what
// the log and the counters say, and that another device goes on meanwhile.

import { connect } from 'node:net';
import { lengthPrefixed } from 'unstick';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../src/index.ts';
import type { CounterName, EventName } from '../src/index.ts';
import { bytes, text } from './support/fixtures.ts';
import { openScene } from './support/scene.ts';
import type { Scene } from './support/scene.ts';

/** Writes bytes that need not be frames, and resolves when the gateway has ended the connection. */
async function raw(port: number, given: string | Uint8Array): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
  });
  socket.on('error', () => undefined).resume();
  socket.write(given);
  await new Promise((closed) => socket.once('close', closed));
}

interface Row {
  readonly event: EventName;
  readonly counter: CounterName;
  /** What the log says of it. */
  readonly why?: RegExp;
  /** Time in ms until the first frame, which the healthy device must keep, too. Default: far more than it needs. */
  readonly identifyTimeout?: number;
  readonly play: (scene: Scene) => Promise<unknown>;
}

const ROWS: Readonly<Record<string, Row>> = {
  garbage: {
    event: 'connection-broken',
    counter: 'connectionsBroken',
    why: /ERR_FRAME_TOO_LARGE/,
    play: ({ devices }) => raw(devices.port, new Uint8Array(1000).fill(0xfe)),
  },
  HTTP: {
    event: 'connection-broken',
    counter: 'connectionsBroken',
    why: /ERR_FRAME_TOO_LARGE/,
    play: ({ devices }) => raw(devices.port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  },
  'a frame that never ends': {
    event: 'unidentified',
    counter: 'connectionsUnidentified',
    identifyTimeout: 1500,
    play: ({ devices }) => raw(devices.port, '\0\0\0\x10half'),
  },
  silence: {
    event: 'unidentified',
    counter: 'connectionsUnidentified',
    identifyTimeout: 1500,
    play: ({ devices }) => raw(devices.port, ''),
  },
  'an id with a wildcard': {
    event: 'identity-refused',
    counter: 'identitiesRefused',
    why: /"a\.>" is no id/,
    play: async ({ device }) => {
      const one = await device();
      await one.say('a.> x');
      await one.ended();
    },
  },
  'an id that would forge a line of the log': {
    event: 'identity-refused',
    counter: 'identitiesRefused',
    // oxlint-disable-next-line no-control-regex -- shows that none is left
    why: /^[^\n\u001b]*is no id of a device\.$/,
    play: async ({ device }) => {
      const one = await device();
      await one.say('\u001b[2J\n{"event":"listening"} x');
      await one.ended();
    },
  },
  'a frame that claims the id of another device': {
    event: 'identity-refused',
    counter: 'identitiesRefused',
    why: /claims to come from "healthy"/,
    play: async ({ device }) => {
      const one = await device();
      await one.say('d1 hello');
      await one.hear(1);
      await one.say('healthy forged');
      expect(await one.ended()).toBe('ERR_CONNECTION_LOST');
    },
  },
  'two connections with one id': {
    event: 'taken-over',
    counter: 'connectionsTakenOver',
    play: async ({ device }) => {
      const [older, newer] = [await device(), await device()];
      await older.say('d1 old');
      await older.hear(1);
      await newer.say('d1 new');
      expect(await newer.hear(1)).toEqual(['ok d1 new']);
      expect(await older.ended()).toBe('ERR_CONNECTION_LOST');
      await newer.say('d1 newer');
      expect(await newer.hear(1)).toEqual(['ok d1 newer']);
    },
  },
  'a frame larger than the bus takes': {
    event: 'frame-too-large',
    counter: 'framesTooLarge',
    why: /ERR_MESSAGE_TOO_LARGE/,
    play: async ({ device, bus }) => {
      const one = await device();
      await one.say('d1 a', `d1 ${'x'.repeat(bus.maxLength)}`);
      expect(await one.hear(1)).toEqual(['ok d1 a']);
      expect(await one.ended()).toBe('ERR_CONNECTION_LOST');
    },
  },
  'more connections of one address than it may have': {
    event: 'address-limit',
    counter: 'connectionsOverAddressLimit',
    play: async ({ device }) => {
      for (let count = 0; count < 4; count++) {
        await device();
      }
      // The reset may come before `dial` has seen that it is connected.
      await expect(device().then((more) => more.hear(1))).rejects.toMatchObject({
        code: expect.stringMatching(/^ERR_CONN/),
      });
    },
  },
  'a protocol function that throws': {
    event: 'fault',
    counter: 'connectionsAccepted',
    why: /identify fails/,
    play: async ({ device }) => {
      const one = await device();
      await one.say('throw x');
      await one.ended();
    },
  },
};

function identify(frame: Uint8Array): string | undefined {
  const [id] = text(frame).split(' ');
  if (id === 'throw') {
    throw new Error('identify fails');
  }
  return id;
}

describe('A gateway survives', () => {
  test.each(Object.entries(ROWS))('%s', async (_name, { event, counter, why, play, ...row }) => {
    const { identifyTimeout = 120_000 } = row;
    const scene = await openScene({ identify, identifyTimeout, maxPerAddress: 5 });
    const { device, lines, devices, until } = scene;
    const healthy = await device();
    await healthy.say('healthy before');
    await healthy.hear(1);
    const before = devices.count(counter);
    await play(scene);
    await until(() => lines.some((line) => line.event === event));
    const line = lines.find((one) => one.event === event);
    expect(line?.remote).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(line?.why ?? '').toMatch(why ?? '');
    expect(devices.count(counter)).toBeGreaterThan(before);
    await healthy.say('healthy after');
    expect(await healthy.hear(1)).toEqual(['ok healthy after']);
    expect(scene.stored.filter((one) => one.startsWith('healthy'))).toEqual([
      'healthy before',
      'healthy after',
    ]);
  });

  test('a wall clock that jumps: only the times in the log jump with it', async () => {
    let wall = Date.UTC(2026, 10, 30);
    const { device, devices, lines, bus, until } = await openScene({
      clock: { ...systemClock, wall: () => wall },
      answers: () => true,
      acknowledge: undefined,
    });
    const one = await device();
    await one.say('d1 a');
    await until(() => devices.gauges.devices === 1);
    const outcome = bus.command('d1', bytes('x'), { within: 30_000 });
    expect(await one.hear(1)).toEqual(['x']);
    wall += 365 * 24 * 3600 * 1000;
    const other = await device();
    await other.say('d2 a');
    await until(() => devices.gauges.devices === 2);
    wall = 0;
    await one.say('d1 done');
    expect((await outcome).outcome).toBe('answered');
    await one.connection.close();
    await until(() => devices.gauges.devices === 1);
    const years = lines.map(({ event, time }) => `${event} ${time.slice(0, 4)}`);
    expect(years.filter((line) => line.startsWith('device-'))).toEqual([
      'device-up 2026',
      'device-up 2027',
      'device-down 1970',
    ]);
  });
});

test('frames that the codec skips are not published', async () => {
  const { device, stored, devices } = await openScene({
    codec: lengthPrefixed({ maxPayloadLength: 10 }),
  });
  const one = await device();
  await one.say('d1 a', 'd1 much too long');
  await one.ended();
  expect(stored).toEqual(['d1 a']);
  expect(devices.count('connectionsBroken')).toBe(1);
});
