// Commands that the server cannot run. The status is the same with and without a terminal, and the message
// says what to do instead.

import { createRequire } from 'node:module';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeWords } from '../support/node-words.ts';
import { startProcess } from '../support/processes.ts';
import { finished, Trial } from './testing/trial.ts';

function isInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve('node-pty');
    return true;
  } catch {
    return false;
  }
}

let trial: Trial;
let folder = '';
beforeAll(async () => {
  trial = await Trial.start(['--accept-env', 'MINE']);
  folder = join(trial.runtime, 'programs');
  mkdirSync(join(folder, 'a folder'), { recursive: true });
  writeFileSync(join(folder, 'text'), 'no program');
  chmodSync(join(folder, 'text'), 0o644);
});
afterAll(() => trial.end());

const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
  [['no-such-program-here'], 127, /^no-such-program-here: command not found\n$|^shell: no-such/],
  [['./nope'], 127, /\.\/nope: command not found/],
  [['./text'], 126, /\.\/text: permission denied/],
  [['ls -l'], 127, /ls -l: command not found .*leave out the quotes.*--shell/],
  [['cd', '/'], 127, /cd: command not found .*built into shells.*--shell/],
];

describe.each([
  ['without a terminal', [], true],
  ['with -t (skipped where node-pty is not installed)', ['-t'], isInstalled()],
] as const)('exec %s', (_name, options, isPossible) => {
  test.skipIf(!isPossible).each(cases)('%j ends with %i', async (argv, code, says) => {
    const before = trial.audit.filter(({ event }) => event === 'deny').length;
    const ran = await trial.run([...options, '--cwd', folder, 'exec', ...argv]);
    expect(ran.stderr).toMatch(says);
    expect(ran.stdout.toString()).toBe('');
    expect(ran.status).toBe(code);
    expect(trial.audit.filter(({ event }) => event === 'deny')).toHaveLength(before + 1);
  });
});

describe('--env', () => {
  test('is used, or the command is refused by the name of the variable', async () => {
    const used = await trial.run(['--env', 'MINE=1', 'exec', 'sh', '-c', 'echo $MINE']);
    expect(used.stdout.toString()).toBe('1\n');
    for (const variable of ['FOO=bar', 'PATH=/tmp', 'TZ=/tmp/fifo']) {
      const { status, stdout, stderr } = await trial.run([
        '--env',
        variable,
        'exec',
        'echo',
        'ran',
      ]);
      expect(stderr).toContain(`may not set ${variable.split('=')[0]}`);
      expect([stdout.toString(), status]).toEqual(['', 126]);
    }
  });
});

test('an input that is a folder is said, and no command runs with an empty one', async () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const line = `${[process.execPath, ...nodeWords(main)].join(' ')} exec cat < /`;
  const env = { ...process.env, XDG_RUNTIME_DIR: trial.runtime };
  const ran = await finished(startProcess('sh', ['-c', line], { env, stdio: 'pipe' }));
  expect(ran.stderr).toMatch(/^shell: stdin is a folder, which cannot be read\. .+\n$/);
  expect(ran.status).toBe(255);
});

test('--version prints one line', async () => {
  const { stdout, status } = await trial.run(['--version']);
  expect([stdout.toString(), status]).toEqual([
    expect.stringMatching(/^unstick \d+\.\d+\.\d+\n$/),
    0,
  ]);
});
