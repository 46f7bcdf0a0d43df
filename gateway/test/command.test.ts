// unstick-gateway as a process: what it prints, what it serves, how it ends.

import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { dial } from 'unstick';
import { framing } from 'unstick/formats';
import { expect, onTestFinished, test } from 'vitest';
import { bytes, text } from './support/fixtures.ts';
import { hasNats, natsNote, NatsServer } from './support/nats-server.ts';
import { storedIn } from './support/nats-fixture.ts';

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

type Line = Readonly<Record<string, unknown>>;

/** A running command, with what it has printed so far as values. */
class Command {
  readonly #child: ChildProcess;
  readonly out: Line[] = [];
  readonly log: Line[] = [];
  readonly exited: Promise<number | null>;
  #wake = new Set<() => void>();

  constructor(args: readonly string[]) {
    const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#collect(child.stdout, this.out);
    this.#collect(child.stderr, this.log);
    this.exited = once(child, 'close').then(([code]) => Number(code));
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
  }

  /** The first line for which `fits` holds, as soon as it is printed. */
  async line(lines: readonly Line[], fits: (line: Line) => boolean): Promise<Line> {
    for (;;) {
      const found = lines.find(fits);
      if (found !== undefined) {
        return found;
      }
      await new Promise<void>((wake) => this.#wake.add(wake));
    }
  }

  async event(name: string): Promise<Line> {
    return this.line(this.log, ({ event }) => event === name);
  }

  async devicePort(): Promise<number> {
    return Number(
      String((await this.event('listening'))['why'])
        .split(':')
        .at(-1),
    );
  }

  async fetch(path: string): Promise<{ status: number; body: string }> {
    const [base] = /http:\/\/[\d.]+:\d+/.exec(String((await this.event('health'))['why'])) ?? [''];
    const response = await fetch(`${base}${path}`);
    return { status: response.status, body: await response.text() };
  }

  end(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.exited;
  }

  #collect(stream: ChildProcess['stdout'], lines: Line[]): void {
    if (stream === null) {
      throw new Error('the output is a pipe');
    }
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line.startsWith('{') ? JSON.parse(line) : { text: line });
      for (const wake of this.#wake) {
        wake();
      }
      this.#wake.clear();
    });
  }
}

async function inspected(hex: string): Promise<Line[]> {
  const args = ['dist/cli/main.js', 'inspect', '--frames', 'jtt808', '--json', '--bytes'];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...args, '--hex', hex], { cwd: root }, (error, stdout) => {
      if (error !== null) {
        reject(error);
        return;
      }
      resolve(
        stdout
          .trim()
          .split('\n')
          .map((line): Line => JSON.parse(line)),
      );
    });
  });
}

function isFromDevice({ kind, direction }: Line): boolean {
  return kind === 'frame' && direction === 'b>a';
}

/** A heartbeat of the phone 013511221122 with the serial number 5. */
const HEARTBEAT = Buffer.from('000200000135112211220005', 'hex');

test('prints frames as `inspect --json --bytes` does, acknowledges them, and drains', async () => {
  const command = new Command(['--frames', 'jtt808', '--listen', ':0']);
  const codec = framing('jtt808');
  const device = await dial(codec, { port: await command.devicePort() });
  onTestFinished(() => device.destroy());
  await device.send(HEARTBEAT);
  // The general answer: serial number and id of the heartbeat, and success.
  expect(Buffer.from((await device.receive()) ?? []).toString('hex')).toBe(
    '8001000501351122112200050005000200',
  );
  const printed = await command.line(command.out, isFromDevice);
  const wire = Buffer.concat(codec.encode(HEARTBEAT)).toString('hex');
  const expected = (await inspected(wire)).find(({ kind }) => kind === 'frame');
  const own = { conversation: expect.any(String), direction: expect.any(String) };
  expect(printed).toEqual({ ...expected, ...own, time: expect.any(Number) });
  expect(await command.event('device-up')).toMatchObject({ device: '013511221122' });

  expect(await command.fetch('/health')).toEqual({
    status: 200,
    body: '{"state":"serving","isBusUp":true}\n',
  });
  const metrics = await command.fetch('/metrics?from=prometheus');
  expect(metrics.body).toContain('\nunstick_gateway_frames_stored_total 1\n');
  expect(metrics.body).toContain(
    '# TYPE unstick_gateway_devices gauge\nunstick_gateway_devices 1\n',
  );
  expect((await command.fetch('/other')).status).toBe(404);

  const ended = command.end();
  expect(await device.receive()).toBeUndefined();
  await device.close();
  expect(await ended).toBe(0);
  expect(command.log.map(({ event }) => event).slice(-3)).toEqual([
    'draining',
    'device-down',
    'closed',
  ]);
});

function configFile(settings: object | string): string {
  const folder = mkdtempSync(join(tmpdir(), 'unstick-gateway-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'gateway.json');
  writeFileSync(file, typeof settings === 'string' ? settings : JSON.stringify(settings));
  writeFileSync(
    join(folder, 'device.mjs'),
    `const text = (frame) => Buffer.from(frame).toString();
     export const identify = (frame) => text(frame).split(' ')[0];
     export const acknowledge = (frame) => Buffer.from('ok ' + text(frame));`,
  );
  return file;
}

test.skipIf(!hasNats)(
  `takes its settings from a file, and publishes to NATS${natsNote}`,
  async () => {
    const server = await NatsServer.start();
    onTestFinished(() => server.remove());
    const file = configFile({
      frames: 'u32be',
      listen: ':0',
      device: './device.mjs',
      bus: { servers: [server.url] },
      window: 4,
    });
    const command = new Command(['--config', file]);
    const device = await dial(framing({ codec: 'lengthPrefixed' }), {
      port: await command.devicePort(),
    });
    onTestFinished(() => device.destroy());
    await device.send(bytes('d1 hello'));
    expect(text((await device.receive()) ?? new Uint8Array())).toBe('ok d1 hello');
    expect((await storedIn(server.url, 'd1')).map(([, given]) => given)).toEqual(['d1 hello']);
    await device.close();
    expect(await command.end()).toBe(0);
    expect(command.out).toEqual([]);
  },
);

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  // The cast: the server has a port.
  return (server.address() as AddressInfo).port;
}

interface Wrong {
  readonly args: () => string[] | Promise<string[]>;
  readonly code: number;
  readonly says: RegExp;
}

const good = { frames: 'u32be', listen: ':0' };
const config = (settings: object | string) => () => ['--config', configFile(settings)];

const WRONG: Readonly<Record<string, Wrong>> = {
  'no words': { args: () => [], code: 2, says: /Give --config FILE, or --frames/ },
  'an unknown flag': { args: () => ['--port', '1'], code: 2, says: /'--port'/ },
  'an unknown format': {
    args: () => ['--frames', 'jt808', '--listen', ':0'],
    code: 2,
    says: /jtt808/,
  },
  'a port that is taken': {
    args: async () => ['--frames', 'u32be', '--listen', `:${await takenPort()}`],
    code: 1,
    says: /ERR_LISTEN/,
  },
  'a port of health that is taken': {
    args: async () => {
      const health = `:${await takenPort()}`;
      return ['--frames', 'u32be', '--listen', ':0', '--health', health];
    },
    code: 1,
    says: /health cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/,
  },
  'a time that no timer takes': {
    args: config({ ...good, identifyTimeout: 1e12 }),
    code: 2,
    says: /identifyTimeout must be a time in ms above 0 and up to 2147483647/,
  },
  'an unknown setting': { args: config({ ...good, prot: 1 }), code: 2, says: /has no "prot"/ },
  'a prefix with a wildcard': {
    args: config({ ...good, bus: { prefix: 'a.>' } }),
    code: 2,
    says: /prefix must have/,
  },
  'TLS without its files': {
    args: config({ ...good, tls: { key: 'no.pem', cert: 'no.pem' } }),
    code: 2,
    says: /A file of tls cannot be read/,
  },
};

test.each(Object.entries(WRONG))('says in one line what is wrong with %s', async (_name, row) => {
  const command = new Command(await row.args());
  expect(await command.exited).toBe(row.code);
  const said = command.log.filter((line) => 'text' in line).map((line) => String(line['text']));
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(row.says);
});

test.skipIf(!hasNats)(`says that NATS refuses it, and ends with 1${natsNote}`, async () => {
  const server = await NatsServer.start('authorization { user: a, password: b }');
  onTestFinished(() => server.remove());
  const bus = { servers: server.url, user: 'a', pass: 'wrong' };
  const command = new Command(['--config', configFile({ ...good, bus })]);
  expect(await command.exited).toBe(1);
  expect(command.log.at(-1)).toEqual({ text: expect.stringMatching(/ERR_BUS_REFUSED/) });
});

test.skipIf(!hasNats)(`is not healthy while NATS is not there${natsNote}`, async () => {
  const server = await NatsServer.start();
  onTestFinished(() => server.remove());
  await server.kill();
  const command = new Command(['--config', configFile({ ...good, bus: { servers: server.url } })]);
  await command.event('bus-down');
  expect(await command.fetch('/health')).toEqual({
    status: 503,
    body: '{"state":"opening","isBusUp":false}\n',
  });
  await server.start();
  await command.devicePort();
  expect((await command.fetch('/health')).status).toBe(200);
  expect(await command.end()).toBe(0);
});
