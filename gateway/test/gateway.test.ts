// The gateway over real sockets, on a bus in this process: what is promised to devices and to the bus.

import { describe, expect, onTestFinished, test } from 'vitest';
import { gateway, memory } from '../src/index.ts';
import type { LogLine } from '../src/index.ts';
import { bytes, text } from './support/fixtures.ts';
import { codec, openScene } from './support/scene.ts';

describe('up', () => {
  test('publishes the frames of a device in order, and acknowledges each', async () => {
    const { device, stored, messages, devices } = await openScene();
    const one = await device();
    const said = Array.from({ length: 100 }, (_, at) => `d1 ${at}`);
    const [heard] = await Promise.all([one.hear(100), one.say(...said)]);
    expect(heard).toEqual(said.map((given) => `ok ${given}`));
    expect(stored).toEqual(said);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(100);
    expect(devices.count('framesAcknowledged')).toBe(100);
  });

  test('acknowledges nothing before the bus has it', async () => {
    const { bus, device, until, devices } = await openScene();
    bus.hold();
    const one = await device();
    await one.say('d1 a');
    await until(() => devices.gauges.framesInFlight === 1);
    await expect(one.connection.receive({ timeout: 50 })).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
    });
    bus.free();
    expect(await one.hear(1)).toEqual(['ok d1 a']);
  });

  test('does not read a device on while its window is full', async () => {
    const options = { window: 4, acknowledge: () => bytes('ok') };
    const { bus, device, stored, devices, until } = await openScene(options);
    const one = await device();
    await one.say('d1 first');
    await one.hear(1);
    bus.hold();
    const large = 'x'.repeat(256 * 1024);
    const said = Array.from({ length: 200 }, (_, at) => `d1 ${at} ${large}`);
    const saying = one.say(...said);
    await until(() => devices.gauges.framesInFlight === 4);
    // 50 MiB do not fit into the buffers of two sockets, so the device is held back.
    const isDone = await Promise.race([
      saying.then(() => true),
      one.connection.receive({ timeout: 500 }).catch(() => false),
    ]);
    expect(isDone).toBe(false);
    expect(devices.gauges.framesInFlight).toBe(4);
    expect(devices.count('framesReceived')).toBe(1 + 4);
    bus.free();
    await Promise.all([saying, one.hear(200)]);
    expect(stored.slice(1)).toEqual(said);
  });

  test('gives a repeated frame the id that the protocol says', async () => {
    const { device, stored, messages } = await openScene({ messageId: (frame) => text(frame) });
    const one = await device();
    await one.say('d1 a', 'd1 b');
    await one.hear(2);
    const again = await device();
    await again.say('d1 b', 'd1 c');
    expect(await again.hear(2)).toEqual(['ok d1 b', 'ok d1 c']);
    expect(stored).toEqual(['d1 a', 'd1 b', 'd1 c']);
    expect(messages.map(({ id }) => id)).toEqual(stored);
  });
});

function answers(frame: Uint8Array, command: Uint8Array): boolean {
  return text(frame).endsWith(`did ${text(command)}`);
}

describe('down', () => {
  test('brings commands to the device and its answers back', async () => {
    const { bus, device, devices, until } = await openScene({ answers, acknowledge: undefined });
    const one = await device();
    await one.say('d1 hello');
    await until(() => devices.gauges.devices === 1);
    const outcomes = [bus.command('d1', bytes('lock')), bus.command('d1', bytes('unlock'))];
    expect(await one.hear(2)).toEqual(['lock', 'unlock']);
    await one.say('d1 did unlock', 'd1 did lock');
    const said = (await Promise.all(outcomes)).map((outcome) =>
      outcome.outcome === 'answered' ? text(outcome.answer) : outcome.outcome,
    );
    expect(said).toEqual(['d1 did lock', 'd1 did unlock']);
  });

  test('says what became of a command', async () => {
    const { bus, device, devices, until } = await openScene({
      answers,
      acknowledge: undefined,
      maxCommands: 1,
      toDevice: (command) => {
        if (text(command) === 'nonsense') {
          throw new Error('no such command');
        }
        return command;
      },
    });
    const one = await device();
    await one.say('d1 hello');
    await until(() => devices.gauges.devices === 1);
    const outcomeOf = async (command: string, within: number): Promise<string> =>
      (await bus.command('d1', bytes(command), { within })).outcome;
    expect(await outcomeOf('nonsense', 1000)).toBe('refused');
    expect(await outcomeOf('late', 0)).toBe('expired');
    const unanswered = outcomeOf('silence', 200);
    expect(await outcomeOf('more', 1000)).toBe('busy');
    expect(await unanswered).toBe('unknown');
    const cutOff = outcomeOf('last', 60_000);
    await one.hear(2);
    one.connection.destroy();
    expect(await cutOff).toBe('unknown');
    expect(devices.count('commandsNotSent')).toBe(3);
    expect(devices.count('commandsUnknown')).toBe(2);
  });

  test('sends nothing to a device that has gone, although the bus still finds it here', async () => {
    const { bus, device } = await openScene();
    const claim = bus.claim.bind(bus);
    const gone = new Promise<void>((done) => {
      bus.claim = async (name, holder) =>
        Object.assign(await claim(name, holder), { release: () => Promise.resolve(done()) });
    });
    const one = await device();
    await one.say('d1 hello');
    await one.hear(1);
    one.connection.destroy();
    await gone;
    expect(await bus.command('d1', bytes('x'))).toEqual({ outcome: 'absent' });
  });

  test('calls a command sent where the protocol has no answer', async () => {
    const { bus, device, devices, until } = await openScene({ acknowledge: undefined });
    const one = await device();
    await one.say('d1 hello');
    await until(() => devices.gauges.devices === 1);
    expect(await bus.command('d1', bytes('go'))).toEqual({ outcome: 'sent' });
    expect(await one.hear(1)).toEqual(['go']);
  });
});

describe('the end', () => {
  test('drains: stores and acknowledges what was read, then closes in order', async () => {
    const { bus, device, stored, devices, lines, until } = await openScene();
    const one = await device();
    await one.say('d1 a');
    await one.hear(1);
    bus.hold();
    await one.say('d1 b', 'd1 c');
    await until(() => devices.gauges.framesInFlight === 2);
    const closed = devices.close({ within: 30_000 });
    expect(devices.health.state).toBe('draining');
    bus.free();
    expect(await one.hear(3)).toEqual(['ok d1 b', 'ok d1 c', undefined]);
    await one.connection.close();
    await closed;
    expect(stored).toEqual(['d1 a', 'd1 b', 'd1 c']);
    expect(lines.map(({ event }) => event).slice(-3)).toEqual([
      'draining',
      'device-down',
      'closed',
    ]);
    expect(devices.count('framesDropped')).toBe(0);
  });

  test('resets what is not drained in time, and counts it', async () => {
    const { bus, device, devices, until } = await openScene();
    bus.hold();
    const one = await device();
    await one.say('d1 a');
    await until(() => devices.gauges.framesInFlight === 1);
    await devices.close({ within: 100 });
    expect(await one.ended()).toBe('ERR_CONNECTION_LOST');
    expect(devices.count('framesDropped')).toBe(1);
  });

  test('keeps what a device sent before it ended', async () => {
    const { device, stored, until } = await openScene({ acknowledge: undefined });
    const one = await device();
    await one.say('d1 a', 'd1 b');
    await one.connection.close();
    await until(() => stored.length === 2);
    expect(stored).toEqual(['d1 a', 'd1 b']);
  });
});

test.each([
  'window',
  'maxConnections',
  'maxPerAddress',
  'maxCommands',
  'identifyTimeout',
  'idleTimeout',
] as const)('%s may be Infinity, which is no limit', async (name) => {
  const { device } = await openScene({ [name]: Infinity });
  const one = await device();
  await one.say('d1 a');
  expect(await one.hear(1)).toEqual(['ok d1 a']);
});

test('a reason that the bus repeats while it is away is logged once', async () => {
  const bus = memory();
  const open = bus.open.bind(bus);
  bus.open = async (given) => {
    for (const why of ['refused', 'refused', 'no stream', 'no stream', 'refused']) {
      given.onState(false, why);
    }
    await open(given);
  };
  const lines: LogLine[] = [];
  const devices = gateway({ codec, bus, identify: () => 'd1', log: (line) => lines.push(line) });
  onTestFinished(() => devices.close());
  await devices.ready;
  expect(lines.map(({ event, why }) => `${event} ${why}`).slice(0, 4)).toEqual([
    'bus-down refused',
    'bus-down no stream',
    'bus-down refused',
    'bus-up in this process',
  ]);
});

test.each([
  ['identifyTimeout', 2 ** 31],
  ['idleTimeout', 2 ** 31],
  ['identifyTimeout', 0],
  ['idleTimeout', NaN],
])('the time %s may not be %d', (name, value) => {
  const options = { codec, bus: memory(), identify: () => 'd1', [name]: value };
  expect(() => gateway(options)).toThrow(new RegExp(`^${name} must be a time in ms`));
});

test('a drain in no time is refused, and the gateway goes on', async () => {
  const { device, devices } = await openScene();
  for (const within of [0, -1, NaN, 2 ** 31]) {
    await expect(devices.close({ within })).rejects.toThrow(/^within must be a time in ms/);
  }
  expect(devices.health.state).toBe('serving');
  const one = await device();
  await one.say('d1 a');
  expect(await one.hear(1)).toEqual(['ok d1 a']);
  const closing = devices.close({ within: Infinity });
  expect(await one.ended()).toBe(undefined);
  await one.connection.close();
  await closing;
});
