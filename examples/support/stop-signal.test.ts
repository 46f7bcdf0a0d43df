// A stop signal from a supervisor or `kill` goes to npm's process only. It must end the program that npm runs
// and all that the program started. (On a terminal the whole process group gets the signal, which is easier.)
// One run takes a part of the table; UNSTICK_WHOLE=1 takes all of it.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { sampled, sampleName } from '../../test/support/sample.ts';
import { hasPython } from './python.ts';
import { onStage } from './stage.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const isLinux = existsSync('/proc/self/stat');
const shells = ['/bin/dash', '/bin/bash'].filter((path) => existsSync(path));
/** Whether there is the program `script`, which gives another program a terminal. */
const hasScript = spawnSync('script', ['--version']).status === 0;
const PATIENCE_MS = 60_000;
const LOOK_MS = 100;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const;

interface Script {
  /** What stands behind `npm run -s`. */
  readonly words: string;
  /** The line after which the signal is sent, and the output with that line. */
  readonly ready: RegExp;
  readonly from?: 'stderr';
  readonly needs?: boolean;
}

const scripts: readonly Script[] = [
  { words: 'shell -- serve --audit -', ready: /"event":"listen"/, from: 'stderr' },
  { words: 'demo', ready: /\d/ },
  { words: 'example -- echo', ready: /listening on/ },
  { words: 'example -- time', ready: /listening on/ },
  { words: 'example -- chat', ready: /listening on/ },
  { words: 'example -- file-transfer', ready: /listening on/ },
  { words: 'example -- remote-shell', ready: /listening on/ },
  // The server is in Python, which does not notice by itself that its parent has gone.
  { words: 'example -- classic', ready: /server\.py .*listening on/, needs: hasPython },
];

const cases = scripts
  .filter(({ needs }) => needs !== false)
  .flatMap((script) =>
    shells.flatMap((shell) => signals.map((signal) => ({ ...script, shell, signal }))),
  );

describe.skipIf(!isLinux)('a stop signal to npm alone (needs /proc)', () => {
  test.each(sampled(cases, 15))(
    `ends npm run $words in $shell: $signal (${sampleName})`,
    async ({ words, shell, signal, ...run }) => {
      const env = { npm_config_script_shell: shell };
      const npm = ['npm', 'run', '-s', ...words.split(' ')];
      expect(await leftAfter(signal, npm, { ...run, env })).toEqual([]);
    },
  );

  // npx runs `sh -c 'tsx …'`, and that shell ignores SIGINT.
  test.each(sampled(['SIGTERM', 'SIGHUP', 'SIGKILL'] as const, 3))(
    `ends a server of npx: %s (${sampleName})`,
    async (signal) => {
      const npx = ['npx', 'tsx', 'examples/echo/server.ts', '--port', '0'];
      expect(await leftAfter(signal, npx, { ready: /listening on/ })).toEqual([]);
    },
  );

  test.skipIf(!hasScript).each(sampled(signals, 2))(
    `ends client and server on a terminal: %s (${sampleName})`,
    async (signal) => {
      await onStage(import.meta.url, async (stage) => {
        const npm = 'exec npm run -s example -- echo';
        const terminal = stage.command('script', ['-qec', npm, '/dev/null'], { cwd: root });
        await terminal.line('connected');
        // The terminal is a session, which npm leads.
        const [session = 0] = childrenOf(terminal.child.pid ?? 0);
        expect(processesOf(session).length).toBeGreaterThan(2);
        process.kill(session, signal);
        expect(await leftOf(session)).toEqual([]);
        await terminal.ended;
      });
    },
  );
});

/** `npm run` starts long-running programs without a shell in between, which would ignore SIGINT. */
test('every script of package.json that runs a program of its own begins with exec', () => {
  const { scripts: all }: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(
    readFileSync(`${root}package.json`, 'utf8'),
  );
  const programs = Object.entries(all).filter(([, words]) =>
    /\bexamples\/|\bgateway\//.test(words),
  );
  expect(programs.map(([name]) => name).sort()).toEqual(['demo', 'example', 'gateway', 'shell']);
  for (const [name, words] of programs) {
    expect([name, words]).toEqual([name, expect.stringMatching(/(^|&& )exec node [^&|;]*$/)]);
  }
});

/** Starts npm, sends it the signal when it is ready, and returns the processes that do not end. */
async function leftAfter(
  signal: NodeJS.Signals,
  words: readonly string[],
  run: Pick<Script, 'ready' | 'from'> & { readonly env?: NodeJS.ProcessEnv },
): Promise<string[]> {
  const { ready, from = 'stdout', env = {} } = run;
  let left: string[] = [];
  await onStage(import.meta.url, async (stage) => {
    // Start npm in a session of its own, so that the processes it starts can be told from others.
    const npm = stage.command('setsid', words, { cwd: root, env });
    await npm.line(ready, { from });
    const session = npm.child.pid ?? 0;
    expect(processesOf(session).length).toBeGreaterThan(1);
    npm.child.kill(signal);
    left = await leftOf(session);
  });
  return left;
}

/** Waits until no process of the session runs. Returns those that still run after PATIENCE_MS. */
async function leftOf(session: number): Promise<string[]> {
  const deadline = performance.now() + PATIENCE_MS;
  while (processesOf(session).length > 0 && performance.now() < deadline) {
    await sleep(LOOK_MS);
  }
  return processesOf(session);
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number);
}

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
