// `unstick inspect` and `unstick guess` while Ctrl-C ends the reading of a source early.

import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hex, inPieces, utf8 } from '../support/bytes.ts';
import { commandLine } from '../support/command.ts';
import { capture } from '../support/packets.ts';

const HELLO = hex('00000005 68656c6c6f');
const HI = hex('00000002 6869');
/** Number of frames whose lines are far more than a pipe holds. */
const MANY = 100_000;
const NAMES = ['mercury', 'venus', 'earth', 'mars', 'jupiter', 'saturn', 'uranus', 'neptune'];
const FRAMES = Buffer.alloc(MANY * HELLO.length, HELLO);
const SEGMENTS = inPieces(FRAMES, 1440).map((payload, i) => ({ sequence: 1440 * i, payload }));
const CAPTURE = capture({ sequence: -1, flags: 'S' }, ...SEGMENTS);

/** A command that is running. */
interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves when the command has said that it was interrupted. */
  readonly interrupt: () => Promise<void>;
  /** Reads the output to its end. Resolves to its last lines and to the exit code. */
  readonly end: () => Promise<{ readonly lines: readonly string[]; readonly code: number | null }>;
}

/** Starts a command in a folder with a file. Nobody reads its output yet. */
function start(words: readonly string[], file: Uint8Array = FRAMES): Running {
  const cwd = mkdtempSync(join(tmpdir(), 'unstick-interrupted-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  writeFileSync(join(cwd, 't'), file);
  const child = spawn(process.execPath, [commandLine, ...words], { cwd });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin.on('error', () => undefined);
  const closed = once(child, 'close');
  return {
    child,
    interrupt: async () => {
      const said = once(child.stderr, 'data');
      child.kill('SIGINT');
      const [first]: unknown[] = await Promise.race([said, closed]);
      expect(String(first)).toMatch(/^\w+ interrupted: the rest is not read\n$/);
    },
    end: async () => {
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      await closed;
      return { lines: text.split('\n').slice(0, -1), code: child.exitCode };
    },
  };
}

function framesIn(lines: readonly string[]): unknown {
  return lines.map((line) => JSON.parse(line)).findLast(({ kind }) => kind === 'summary').frames;
}

describe.skipIf(process.platform === 'win32')('an interruption of unstick inspect', () => {
  test.each([
    ['bytes', FRAMES],
    ['a capture', CAPTURE],
    ['a capture in gzip', gzipSync(CAPTURE, { level: 1 })],
  ])('ends the reading of %s, and the summary is of what was read', async (_, file) => {
    // The command waits until its lines are read, so that it is in the middle of the file.
    const running = start(['inspect', 't', '--frames', 'u32be', '--json'], file);
    await once(running.child.stdout, 'readable');
    await running.interrupt();
    const { lines, code } = await running.end();
    const frames = lines.filter((line) => line.startsWith('{"kind":"frame"')).length;
    expect(frames).toBeGreaterThan(0);
    expect(frames).toBeLessThan(MANY);
    expect(framesIn(lines)).toBe(frames);
    expect(lines.filter((line) => line.startsWith('{"kind":"error"'))).toEqual([]);
    expect(code).toBe(0);
  });

  test('reads no further file', async () => {
    const running = start(['inspect', 't', 'missing', '--frames', 'u32be', '--json']);
    await once(running.child.stdout, 'readable');
    await running.interrupt();
    expect((await running.end()).code).toBe(0);
  });

  test('ends with 1 when a wrong frame was read before', async () => {
    const file = Buffer.concat([HELLO, hex('ffffffff'), FRAMES]);
    const running = start(['inspect', 't', '--frames', 'u32be', '--json'], file);
    await once(running.child.stdout, 'readable');
    await running.interrupt();
    expect((await running.end()).code).toBe(1);
  });

  test('ends with 130 the second time', async () => {
    const running = start(['inspect', 't', '--frames', 'u32be', '--json']);
    await once(running.child.stdout, 'readable');
    await running.interrupt();
    running.child.kill('SIGINT');
    expect((await running.end()).code).toBe(130);
  });

  test('waits for what the writer of a pipe writes at last', async () => {
    const running = start(['inspect', '-', '--frames', 'u32be', '--json']);
    running.child.stdin.write(HELLO);
    await once(running.child.stdout, 'readable');
    running.child.kill('SIGINT');
    running.child.stdin.end(HI);
    const { lines, code } = await running.end();
    expect(framesIn(lines)).toBe(2);
    expect(code).toBe(0);
  });

  test('does not wait long for a writer that goes on', async () => {
    const running = start(['inspect', '-', '--frames', 'u32be', '--json']);
    running.child.stdin.write(Buffer.concat([HELLO, HI.subarray(0, 5)]));
    await once(running.child.stdout, 'readable');
    await running.interrupt();
    const { lines, code } = await running.end();
    expect(framesIn(lines)).toBe(1);
    expect(lines.some((line) => line.startsWith('{"kind":"unfinished"'))).toBe(true);
    expect(code).toBe(0);
  });

  test('ends the page as well, and is nothing to inspect before the first byte', async () => {
    const running = start(['inspect', '-', '--frames', 'u32be', '--web']);
    await once(running.child.stdout, 'readable');
    await running.interrupt();
    expect((await running.end()).code).toBe(3);
  });
});

describe.skipIf(process.platform === 'win32')('an interruption of unstick guess', () => {
  test('leaves a guess from what was read', async () => {
    const running = start(['guess', '-']);
    const named = NAMES.map((name) => Buffer.concat([Buffer.of(0, name.length), utf8(name)]));
    const stream = Buffer.concat(Array.from({ length: 20_000 }, () => named).flat());
    // A pipe holds far less, so the command reads when all is written.
    await new Promise((resolve) => running.child.stdin.write(stream, resolve));
    await running.interrupt();
    const { lines, code } = await running.end();
    expect(lines.join(' ')).toContain('u16be');
    expect(code).toBe(0);
  });
});
