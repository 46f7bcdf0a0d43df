// `unstick inspect` in a terminal with a real pager: `script` makes the terminal, `less` is the pager.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { findProgram } from './support/software.ts';

const hasTerminal = ['script', 'less'].every((name) => findProgram(name) !== undefined);
const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Frames of five bytes each, more than a screen has lines. */
const FRAMES = 200;

test.skipIf(!hasTerminal)(
  'Ctrl-C in the pager belongs to the pager (needs script and less)',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'unstick-pager-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'frames');
    writeFileSync(
      file,
      Buffer.concat(Array.from({ length: FRAMES }, () => Buffer.from('\0\0\0\x01x'))),
    );
    const command = `stty rows 24 cols 80; exec '${process.execPath}' '${program}' inspect '${file}' --frames u32be`;
    const terminal = spawn('script', ['-qec', command, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm', PAGER: 'less', LESS: 'RX' },
    });
    onTestFinished(() => void terminal.kill('SIGKILL'));
    // A key may come when the terminal is gone.
    terminal.stdin.on('error', () => undefined);
    let shown = '';
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
    await expect.poll(() => shown).toContain('#3 @15');
    terminal.stdin.write('\x03');
    // The pager goes on, and so does what it shows. It may throw away keys that come with the Ctrl-C.
    const afterKey = (key: string, look: () => unknown) => (): unknown => {
      terminal.stdin.write(key);
      return look();
    };
    await expect.poll(afterKey('G', () => shown)).toContain(`#${FRAMES - 1} @`);
    await expect.poll(afterKey('q', () => terminal.exitCode)).toBe(0);
  },
);
