// What the client takes from its user and shows: the command line, Ctrl-C, sizes, statuses.

import { EventEmitter } from 'node:events';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { runCommandLine } from './command-line.ts';
import { Interrupts } from './client/interrupts.ts';
import { formatBytes } from './client/progress.ts';
import { toStatus } from './client/run-here.ts';

/** What Ctrl-C does if it is pressed at these times. */
function press(times: readonly number[]): { first: number; left: number | undefined } {
  const source = new EventEmitter();
  let now = 0;
  let first = 0;
  const handlers = { onFirst: () => (first += 1), onLeave: () => undefined };
  const interrupts = new Interrupts(source, handlers, () => now);
  for (now of times) {
    source.emit('SIGINT');
  }
  interrupts.done();
  expect(source.listenerCount('SIGINT')).toBe(0);
  return { first, left: interrupts.leftWith };
}

describe('the command line', () => {
  const seen: unknown[] = [];
  const actions = {
    serve: (options: object) => Promise.resolve(seen.push(['serve', options])),
    exec: (argv: readonly string[], options: object) =>
      Promise.resolve(seen.push([...argv, options]) * 0),
    prompt: () => Promise.resolve(7),
  };
  beforeEach(() => seen.splice(0));

  test('takes everything after exec as the command, whatever it looks like', async () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('--', '-q', '--quiet', '--help', 'serve', '-x=1'),
    );
    const program = fc.string().filter((text) => !text.startsWith('-'));
    await fc.assert(
      fc.asyncProperty(program, fc.array(word), async (name, rest) => {
        seen.splice(0);
        await runCommandLine(['exec', name, ...rest], actions);
        expect(seen).toEqual([[name, ...rest, { env: {}, stdin: true }]]);
        seen.splice(0);
        await runCommandLine(['exec', '--', name, ...rest], actions);
        expect(seen).toEqual([[name, ...rest, { env: {}, stdin: true }]]);
      }),
    );
  });

  test('takes the client’s options before exec', async () => {
    const before = ['-q', '--port', '7022', '--env', 'A=1', '--env', 'B=x=y', '-n'];
    await runCommandLine([...before, 'exec', 'ls', '-l'], actions);
    const options = { quiet: true, port: 7022, env: { A: '1', B: 'x=y' }, stdin: false };
    expect(seen).toEqual([['ls', '-l', options]]);
    expect(await runCommandLine([], actions)).toBe(7);
  });
});

describe('Interrupts', () => {
  test('gives the first Ctrl-C to the command, and leaves with 130 on the second', () => {
    expect(press([0])).toEqual({ first: 1, left: undefined });
    expect(press([0, 1000])).toEqual({ first: 1, left: 130 });
  });

  test('takes what a terminal and npm both send for one key as one', () => {
    expect(press([0, 2, 40])).toEqual({ first: 1, left: undefined });
  });

  test('leaves at once on SIGTERM and SIGHUP', () => {
    for (const [name, status] of [
      ['SIGTERM', 143],
      ['SIGHUP', 129],
    ] as const) {
      const source = new EventEmitter();
      const handlers = { onFirst: () => undefined, onLeave: () => undefined };
      const interrupts = new Interrupts(source, handlers);
      source.emit(name);
      expect(interrupts.leftWith).toBe(status);
    }
  });
});

describe('what a person sees', () => {
  test('is bytes in units of a thousand', () => {
    expect([0, 999, 1000, 38_888_896, 1_073_741_824].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '38.9 MB',
      '1.1 GB',
    ]);
  });

  test('is 128 and the number of the signal, as a shell says it', () => {
    expect(toStatus({ code: 3, signal: null })).toBe(3);
    expect(toStatus({ code: null, signal: 'SIGKILL' })).toBe(137);
    expect(toStatus({ code: null, signal: 'SIGPIPE' })).toBe(141);
  });
});
