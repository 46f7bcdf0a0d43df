// `unstick chop` as people start it: what it prints, what it writes, how it ends, what it refuses.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { createInterface } from 'node:readline';
import { describe, expect, test, onTestFinished } from 'vitest';
import { KernelTables } from '../../src/deliver/kernel-tables.ts';
import { parseSchedules } from '../../src/schedule/schedule.ts';
import { connect, hear, listener, serveWith, text } from '../chop/sockets.ts';
import { commandLine } from '../support/command.ts';

const tables = KernelTables.open();

interface Command {
  /** Writes to its standard input. */
  say(text: string): void;
  /** The next line that it prints and that begins so. */
  line(start: string): Promise<string>;
  /** Ends it as Ctrl-C does; without a signal, waits for its end. */
  end(signal?: NodeJS.Signals): Promise<{ code: number | null; errors: string }>;
}

/** Starts it on a free port in front of another one. */
function run(port: number, words: readonly string[]): Command {
  const addresses = ['--listen', ':0', '--to', `:${port}`];
  const child = spawn(process.execPath, [commandLine, 'chop', ...addresses, ...words]);
  const exited = once(child, 'close');
  onTestFinished(() => void child.kill('SIGKILL'));
  const errors: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(String(chunk)));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    say: (said) => void child.stdin.write(said),
    line: async (start) => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done === true) {
          throw new Error(`it ended without "${start}": ${errors.join('')}`);
        }
        if (value.startsWith(start)) {
          return value;
        }
      }
    },
    end: async (signal) => {
      if (signal !== undefined) {
        child.kill(signal);
      }
      const [code]: unknown[] = await exited;
      return { code: typeof code === 'number' ? code : null, errors: errors.join('') };
    },
  };
}

async function portOf(command: Command): Promise<number> {
  return Number(/:(\d+) ->/.exec(await command.line('chop '))?.[1]);
}

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'unstick-chop-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return join(directory, 'cuts.json');
}

/** A file that exports a codec: two bytes of length, and that many bytes. */
function codecFile(): string {
  const path = `${temporary()}.mjs`;
  onTestFinished(() => rmSync(path));
  const program = `export const codec = {
    encode: (value) => [Uint8Array.of(0, value.length), value],
    decoder() {
      let held = [];
      return {
        get bufferedLength() { return held.length; },
        push(chunk) { held.push(...chunk); },
        end() {},
        take() {
          const end = 2 + held[0] * 256 + held[1];
          return held.length >= end ? Uint8Array.from(held.splice(0, end)) : undefined;
        },
      };
    },
  };`;
  writeFileSync(path, program);
  return path;
}

describe('unstick chop', () => {
  test('cuts, prints each connection with its seed, saves schedules, and plays them again', async () => {
    const file = temporary();
    const server = await listener();
    const plan = ['--plan', 'halves', '--seed', '7'];
    const first = run(server.port, [...plan, '--save-schedules', file]);
    (await connect(await portOf(first))).end('hello!');
    expect(await first.line('#0 open')).toMatch(/^#0 open from 127\.0\.0\.1:\d+, seed \d+$/);
    expect(text(await server.next())).toBe('hello!');
    expect(await first.line('#0 closed')).toContain('to-server 6 bytes in 2 pieces');
    expect((await first.end('SIGINT')).code).toBe(0);
    expect(await first.line('saved')).toContain('saved 2 schedules');
    const [toServer] = parseSchedules(readFileSync(file, 'utf8'));
    expect(toServer).toMatchObject({ direction: 'to-server', connection: 0 });
    expect(toServer?.ops).toEqual([
      { kind: 'hold', n: 3 },
      { kind: 'hold', n: 3 },
    ]);
    const again = run(server.port, ['--schedule', file]);
    (await connect(await portOf(again))).end('hello!');
    expect(text(await server.next())).toBe('hello!');
    expect(await again.line('#0 closed')).toContain('to-server 6 bytes in 2 pieces');
    expect((await again.end('SIGTERM')).code).toBe(0);
  });

  test.each([
    ['a format', () => ['--plan', 'frame-aware:u16be']],
    ['a codec', () => ['--plan', 'frame-aware', '--codec', codecFile()]],
  ])('cuts by frames of %s', async (_, words) => {
    const server = await listener();
    const command = run(server.port, [...words(), '--quiet', '1s', '--seed', '2']);
    const port = await portOf(command);
    const frames = Buffer.from('\0\x05hello\0\x02hi'.repeat(30));
    (await connect(port)).end(frames);
    expect(Buffer.concat((await server.next()).chunks)).toEqual(frames);
    const pieces = /to-server 330 bytes in (\d+) pieces/.exec(await command.line('#0 closed'))?.[1];
    expect(Number(pieces)).toBeGreaterThan(5);
    await command.end('SIGINT');
  });

  test('injects what is asked for', async () => {
    const port = await serveWith((socket) => socket.end('an answer'));
    const command = run(port, [
      '--fault',
      'delay:1ms',
      '--fault',
      'fin@2',
      '--direction',
      'to-client',
    ]);
    expect(text(await hear(await connect(await portOf(command))))).toBe('an');
    await command.end('SIGINT');
  });
});

/** Starts it with --control; each command is answered by an object. */
async function control(port: number): Promise<{
  readonly port: number;
  ask(command: unknown): Promise<Answer>;
  event(name: string): Promise<Answer>;
  readonly command: Command;
}> {
  const command = run(port, ['--control', '--seed', '1', '--quiet', '1ms']);
  const next = async (start: string): Promise<Answer> => JSON.parse(await command.line(start));
  const listening = await next('{"event":"listening"');
  return {
    port: Number(listening['port']),
    command,
    event: (name) => next(`{"event":"${name}"`),
    ask: (asked) => {
      command.say(`${typeof asked === 'string' ? asked : JSON.stringify(asked)}\n`);
      return next('{"answer":');
    },
  };
}

type Answer = Record<string, unknown>;

describe('unstick chop --control', () => {
  test('lists connections, changes the plan, adds and removes faults of open connections', async () => {
    const port = await serveWith((socket) => void socket.pipe(socket));
    const proxy = await control(port);
    const client = await connect(proxy.port);
    expect(await proxy.event('open')).toMatchObject({ connection: 0 });
    client.write('a');
    await once(client, 'data');
    expect(await proxy.ask({ id: 7, do: 'list' })).toMatchObject({
      answer: 'list',
      id: 7,
      ok: true,
      connections: [{ connection: 0, toServer: { bytes: 1 }, toClient: { bytes: 1 } }],
      toServer: { plan: null, faults: [] },
    });

    // An hour of delay holds the answer back, until the fault is gone.
    const delay = { fault: 'delay:1h', direction: 'to-client' };
    await proxy.ask({ do: 'add', ...delay });
    client.write('held');
    const planned = await proxy.ask({ do: 'plan', plan: 'mtu:1KiB', direction: 'to-server' });
    expect(planned).toMatchObject({
      toServer: { plan: 'mtu:1KiB', faults: [] },
      toClient: { plan: null, faults: ['delay:1h'] },
    });
    await untilToServer(proxy, 5);
    // Bytes that nobody listens for are dropped, so listen before they can come.
    const answered = once(client, 'data');
    expect(await proxy.ask({ do: 'remove', ...delay })).toMatchObject({
      ok: true,
      toClient: { faults: [] },
    });
    const [answer]: unknown[] = await answered;
    expect(String(answer)).toBe('held');

    // A reset at 0 from here on is a reset now.
    const heard = hear(client);
    await proxy.ask({ do: 'add', fault: 'rst@0', direction: 'to-server' });
    expect((await heard).end).toBe('RST');
    expect(await proxy.event('close')).toMatchObject({ connection: 0, end: 'reset' });
    expect(await proxy.ask({ do: 'clear' })).toMatchObject({
      ok: true,
      toServer: { plan: null, faults: [] },
    });
    expect((await proxy.command.end('SIGINT')).code).toBe(0);
  });

  test('answers every line that cannot be meant with an error, and goes on', async () => {
    const proxy = await control(await serveWith(() => undefined));
    const bad: readonly (readonly [command: unknown, message: string])[] = [
      ['no JSON', 'must be JSON'],
      ['[1]', 'must be a JSON object, not an array'],
      ['null', 'must be a JSON object'],
      ['{"do":"list"', 'must be JSON'],
      ['['.repeat(60_000), 'must be JSON'],
      ['x'.repeat(100_000), 'at most 65536 bytes'],
      [{ do: 'fly' }, 'do must be one of list, plan, add, remove, clear'],
      [{}, 'do must be one of'],
      ['{"do":"list","__proto__":{"x":1}}', 'list has no option'],
      [{ do: 'list', id: {} }, 'id must be'],
      [{ do: 'plan' }, 'plan must be a text'],
      [{ do: 'plan', plan: 'slices' }, 'Plans are dribble'],
      [{ do: 'plan', plan: 'dribble', direction: 'up' }, 'direction must be one of'],
      [{ do: 'plan', plan: 'frame-aware:u31' }, 'must be a frame format'],
      [{ do: 'add', fault: 'delay:5' }, 'needs a unit'],
      [{ do: 'add', fault: 7 }, 'fault must be a text'],
      [{ do: 'add', fault: 'delay:1ms', speed: 1 }, 'add has no option'],
      [{ do: 'remove', fault: 'delay:1ms' }, 'There is no fault delay:1ms'],
      ['\u0000\u001b[2J\u202e', 'must be JSON'],
    ];
    for (const [command, message] of bad) {
      const answer = await proxy.ask(command);
      expect(answer).toMatchObject({ answer: 'error', ok: false });
      expect(JSON.stringify(answer['error'])).toContain(message);
    }
    await proxy.ask({ do: 'plan', plan: 'dribble' });
    expect(await proxy.ask({ do: 'add', fault: 'slice:1-2' })).toMatchObject({ ok: false });
    expect(await proxy.ask({ do: 'list' })).toMatchObject({
      ok: true,
      toServer: { plan: 'dribble', faults: [] },
      toClient: { plan: 'dribble', faults: [] },
    });
    const { code, errors } = await proxy.command.end('SIGTERM');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
  });
});

/** Asks until so many bytes have gone to the server. */
async function untilToServer(
  proxy: { ask(command: unknown): Promise<Answer> },
  bytes: number,
): Promise<void> {
  const wanted = `"toServer":{"bytes":${bytes},`;
  while (!JSON.stringify(await proxy.ask({ do: 'list' })).includes(wanted)) {
    await turn();
  }
}

type Refusal = readonly [name: string, words: () => string[], message: string];

function badSchedule(name: string, content: string): Refusal {
  const words = (): string[] => {
    const file = temporary();
    writeFileSync(file, content);
    return ['--schedule', file];
  };
  return [name, words, 'ERR_SCHEDULE'];
}

describe('unstick chop refuses', () => {
  test.each<Refusal>([
    ['a plan that nobody knows', () => ['--plan', 'slices'], 'Plans are dribble'],
    ['a seed that is none', () => ['--seed', '99999999999'], 'seed must be a whole number'],
    ['a format that nobody knows', () => ['--plan', 'frame-aware:u31'], 'must be a frame format'],
    ['a plan by frames of no format', () => ['--plan', 'frame-aware'], 'needs a format or --codec'],
    ['a codec that no plan needs', () => ['--codec', 'x.mjs'], '--codec is for --plan frame-aware'],
    ['a fault that nobody knows', () => ['--fault', 'explode'], 'Faults are slice:SIZE-SIZE'],
    ['a direction that nobody knows', () => ['--direction', 'up'], 'to-server, to-client, both'],
    ['a time without a unit', () => ['--quiet', '20'], '--quiet must be'],
    ['a delay without a unit', () => ['--fault', 'delay:5'], 'A time needs a unit: delay:5ms.'],
    ['a size that is none', () => ['--plan', 'mtu:1K'], 'Plans are dribble'],
    ['an option that nobody knows', () => ['--record', 'x.json'], "unknown option '--record'"],
    ['a place that cannot be written', () => ['--save-schedules', '/no/x'], 'Cannot write'],
    ['a port that is none', () => ['--to', ':70000'], 'to: port must be a whole number'],
    ['two readers of its input', () => ['--control', '--schedule', '-'], 'both read the standard'],
  ])(
    '%s, with exit code 2 and one line, before it looks at the server',
    async (_, words, message) => {
      const { code, errors } = await run(9, words()).end();
      expect(errors).toContain(message);
      expect(errors.trimEnd().split('\n')).toHaveLength(1);
      expect(code).toBe(2);
    },
  );

  test.each<Refusal>([
    ['a schedule that is not there', () => ['--schedule', '/nowhere/cuts.json'], 'Cannot read'],
    badSchedule(
      'a schedule of another version',
      '{"v":9,"seed":1,"direction":"to-server","ops":[]}',
    ),
    badSchedule('a schedule that is no JSON', 'cut 2'),
    ['a format that is not there', () => ['--plan', 'frame-aware:@/nowhere/x'], 'Cannot read'],
    [
      'a codec that is not there',
      () => ['--plan', 'frame-aware', '--codec', '/nowhere/x.mjs'],
      'Cannot import',
    ],
  ])(
    '%s, with exit code 3 and one line, before it looks at the server',
    async (_, words, message) => {
      const { code, errors } = await run(9, words()).end();
      expect(errors).toContain(message);
      expect(errors.trimEnd().split('\n')).toHaveLength(1);
      expect(code).toBe(3);
    },
  );

  test('a port that is taken, with exit code 3', async () => {
    const port = await serveWith(() => undefined);
    const taken = run(port, ['--listen', `:${port}`]);
    const { code, errors } = await taken.end();
    expect(errors).toContain('EADDRINUSE');
    expect(code).toBe(3);
  });

  test.skipIf(tables === undefined)('a port without a listener, with exit code 3', async () => {
    const { code, errors } = await run(9, []).end();
    expect(errors).toBe(
      'unstick: No process listens on 127.0.0.1:9. Start the server first. [ERR_CONNECTION_LOST]\n',
    );
    expect(code).toBe(3);
  });
});
