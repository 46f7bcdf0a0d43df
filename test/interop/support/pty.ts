// A serial line: two pseudo-terminals that socat joins. A program opens one end as it opens a device, and a
// test has the other as a duplex.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { until } from '../../support/waiting.ts';
import { findProgram } from './software.ts';

export const socat: string | undefined = findProgram('socat');

/** No byte means anything to the line, and none comes back. */
const RAW = 'raw,echo=0';

function start(stdio: 'pipe' | 'ignore', ...args: readonly string[]): ChildProcess {
  const child = spawn(socat ?? '', args, { stdio: [stdio, stdio, 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** The device files of both ends of a line, for the time of one test, and what takes them away before. */
export async function serialLine(): Promise<readonly [string, string, () => void]> {
  const folder = await mkdtemp(join(tmpdir(), 'unstick-line-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [one, other] = [join(folder, 'one'), join(folder, 'other')];
  const line = start('ignore', `PTY,${RAW},link=${one}`, `PTY,${RAW},link=${other}`);
  await until(() => existsSync(one) && existsSync(other), 'both ends of the line are there');
  return [one, other, () => void line.kill()];
}

/** One end of a line as a duplex. */
export function openLine(device: string): Duplex {
  const { stdin, stdout } = start('pipe', '-', `OPEN:${device},${RAW}`);
  if (stdin === null || stdout === null) {
    throw new Error('socat has no pipes');
  }
  const duplex = Duplex.from({ readable: stdout, writable: stdin });
  // The process is killed in the middle of everything.
  duplex.on('error', () => {});
  return duplex;
}
