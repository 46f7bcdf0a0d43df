// A stop signal from a supervisor or `kill` goes to npm's process only. It must end the program that npm runs
// and all that the program started. (On a terminal the whole process group gets the signal, which is easier.)

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { onStage } from './stage.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const isLinux = existsSync('/proc/self/stat');
const shells = ['/bin/dash', '/bin/bash'].filter((path) => existsSync(path));

interface Script {
  readonly args: readonly string[];
  /** The line after which the signal is sent, and the output with that line. */
  readonly ready: RegExp;
  readonly from: 'stdout' | 'stderr';
  readonly signals: readonly NodeJS.Signals[];
}

const anySignal = ['SIGTERM', 'SIGHUP', 'SIGKILL'] as const;

const scripts: Readonly<Record<string, Script>> = {
  'shell -- serve': {
    args: ['shell', '--', 'serve', '--audit', '-'],
    ready: /"event":"listen"/,
    from: 'stderr',
    signals: ['SIGINT', ...anySignal],
  },
  // This script has no `exec`, which Windows does not know. So the shell in between ignores SIGINT: not
  // tested.
  'example -- echo': {
    args: ['example', '--', 'echo'],
    ready: /listening on/,
    from: 'stdout',
    signals: anySignal,
  },
};

const cases = Object.entries(scripts).flatMap(([name, { signals, ...script }]) =>
  shells.flatMap((shell) => signals.map((signal) => ({ name, shell, signal, ...script }))),
);

describe.skipIf(!isLinux)('a stop signal to npm alone (needs /proc)', () => {
  test.each(cases)('ends npm run $name in $shell: $signal', async ({ args, ...run }) => {
    await onStage(import.meta.url, async (stage) => {
      const env = { npm_config_script_shell: run.shell };
      // Start npm in a session of its own, so that the processes it starts can be told from others.
      const npm = stage.command('setsid', ['npm', 'run', '-s', ...args], { cwd: root, env });
      await npm.line(run.ready, { from: run.from });
      const session = npm.child.pid ?? 0;
      expect(processesOf(session).length).toBeGreaterThan(1);
      npm.child.kill(run.signal);
      await expect.poll(() => processesOf(session), { timeout: 20_000 }).toEqual([]);
      await npm.ended;
    });
  });
});

/** The running processes of a session, with their command lines. */
function processesOf(session: number): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        // After the name of the program (any text in parentheses) come state, parent, group and session.
        const [state, , , its] = readFileSync(`/proc/${pid}/stat`, 'latin1')
          .replace(/^.*\) /s, '')
          .split(' ');
        const runs = Number(its) === session && state !== 'Z';
        return runs ? [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'latin1')}`] : [];
      } catch {
        return []; // The process has ended in the meantime.
      }
    });
}
