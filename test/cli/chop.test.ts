// `unstick chop` as people start it: what it prints, what it writes, how it ends, what it refuses.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test, onTestFinished } from 'vitest';
import { KernelTables } from '../../src/deliver/kernel-tables.ts';
import { parseSchedules } from '../../src/schedule/schedule.ts';
import { connect, hear, listener, serveWith, text } from '../chop/sockets.ts';
import { commandLine } from '../support/command.ts';

const tables = KernelTables.open();

interface Command {
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

describe('unstick chop', () => {
  test('cuts, prints each connection with its seed, records, and plays the record again', async () => {
    const file = temporary();
    const server = await listener();
    const plan = ['--plan', 'halves', '--seed', '7'];
    const first = run(server.port, [...plan, '--record', file]);
    (await connect(await portOf(first))).end('hello!');
    expect(await first.line('#0 open')).toMatch(/^#0 open from 127\.0\.0\.1:\d+, seed \d+$/);
    expect(text(await server.next())).toBe('hello!');
    expect(await first.line('#0 closed')).toContain('to-server 6 bytes in 2 pieces');
    expect((await first.end('SIGINT')).code).toBe(0);
    expect(await first.line('recorded')).toContain('recorded 2 schedules');
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

  test('cuts by frames of a format, and says where bytes are none', async () => {
    const server = await listener();
    const command = run(server.port, [
      '--plan',
      'frame-aware:u16be',
      '--quiet',
      '1s',
      '--seed',
      '2',
    ]);
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
      'delay:1',
      '--fault',
      'fin@2',
      '--direction',
      'to-client',
    ]);
    expect(text(await hear(await connect(await portOf(command))))).toBe('an');
    await command.end('SIGINT');
  });
});

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
    ['a format that nobody knows', () => ['--plan', 'frame-aware:u31'], 'A frame format cannot be'],
    ['a fault that nobody knows', () => ['--fault', 'explode'], 'Faults are slice:MIN-MAX'],
    ['a direction that nobody knows', () => ['--direction', 'up'], 'to-server, to-client, both'],
    ['a schedule that is not there', () => ['--schedule', '/nowhere/cuts.json'], 'Cannot read'],
    badSchedule(
      'a schedule of another version',
      '{"v":9,"seed":1,"direction":"to-server","ops":[]}',
    ),
    badSchedule('a schedule that is no JSON', 'cut 2'),
  ])('%s, with exit code 2 and one line', async (_, words, message) => {
    const port = await serveWith(() => undefined);
    const { code, errors } = await run(port, words()).end();
    expect(errors).toContain(message);
    expect(errors.trimEnd().split('\n')).toHaveLength(1);
    expect(code).toBe(2);
  });

  test('a port that is taken, with exit code 3', async () => {
    const port = await serveWith(() => undefined);
    const taken = run(port, ['--listen', `:${port}`]);
    const { code, errors } = await taken.end();
    expect(errors).toContain('EADDRINUSE');
    expect(code).toBe(3);
  });

  test.skipIf(tables === undefined)('a port where nobody listens, with exit code 3', async () => {
    const { code, errors } = await run(9, []).end();
    expect(errors).toBe(
      'unstick: Nobody listens on 127.0.0.1:9. Start the server first. [ERR_CONNECTION_LOST]\n',
    );
    expect(code).toBe(3);
  });
});
