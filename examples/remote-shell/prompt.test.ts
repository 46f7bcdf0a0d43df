// The prompt as its user sees it: in a real terminal (needs script), and as a script from a pipe.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeWords } from '../support/node-words.ts';
import { startProcess } from '../support/processes.ts';
import { StartedProgram } from '../support/started-program.ts';
import { readLine } from './client/prompt-line.ts';
import { Trial } from './testing/trial.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const hasScript = spawnSync('script', ['--version']).status === 0;
const MARK = '⏎';

let trial: Trial;
beforeAll(async () => {
  trial = await Trial.start(['--allow-shell', '--cwd', '/']);
});
afterAll(() => trial.end());

/** Starts a client in a terminal of its own. */
function terminal(of: Trial = trial): StartedProgram {
  const command = `${[process.execPath, ...nodeWords(main)].join(' ')}; echo status=$?`;
  const env = { ...process.env, NO_COLOR: '1', XDG_RUNTIME_DIR: of.runtime, TERM: 'xterm' };
  const child = startProcess('script', ['-qec', command, '/dev/null'], { env, stdio: 'pipe' });
  return new StartedProgram('shell', child, () => undefined);
}

/** Waits until the output from offset `from` on shows the text. Returns what is visible of that output. */
async function shows(program: StartedProgram, wanted: RegExp, from = 0): Promise<string> {
  const text = (): string => visible(program.stdout.slice(from));
  await expect.poll(text).toMatch(wanted);
  return text();
}

/** Types a line at the prompt, and returns what the screen shows up to the next prompt. */
async function type(program: StartedProgram, line: string): Promise<string> {
  const from = program.stdout.length;
  program.type(`${line}\r`);
  return shows(program, /\n[^]*> $/, from);
}

/** The text that is visible in the end. A sequence that clears a row removes the row's text. */
function visible(screen: string): string {
  let text = '';
  // oxlint-disable-next-line no-control-regex -- the sequences of a terminal are what is read here
  for (const part of screen.replaceAll(/\r+\n/g, '\n').split(/\u001b\[1G|\r/)) {
    // oxlint-disable-next-line no-control-regex -- as above
    const isCleared = /^\u001b\[0?J/.test(part);
    text = (isCleared ? text.slice(0, text.lastIndexOf('\n') + 1) : text) + part;
  }
  // oxlint-disable-next-line no-control-regex -- the sequences of a terminal are what is taken out here
  return text.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '');
}

describe.skipIf(!hasScript)('the prompt in a terminal (needs script)', () => {
  test.each([
    ['printf abc', `abc${MARK}\n/> `],
    [String.raw`printf 'line1\nlast'`, `line1\nlast${MARK}\n/> `],
    [String.raw`sh -c 'printf oh >&2'`, `oh${MARK}\n/> `],
    ['echo whole', '\nwhole\n/> '],
    ['true', 'true\n/> '],
  ])('never hides the last line of %s', async (line, wanted) => {
    const shell = terminal();
    await shows(shell, /\/> /);
    expect(await type(shell, line)).toContain(wanted);
    shell.type('exit\r');
    await shell.ended;
  });

  test('shows what a command behind writes above what is typed, and keeps that', async () => {
    const shell = terminal();
    await shows(shell, /\/> /);
    const gate = join(trial.runtime, 'gate');
    // The command behind writes when the line in front is begun, however long that takes.
    await type(shell, `!(until [ -e '${gate}' ]; do sleep 0.1; done; printf behind) &`);
    const from = shell.stdout.length;
    shell.type('echo ty');
    await shows(shell, /echo ty/, from);
    writeFileSync(gate, '');
    await shows(shell, /done, status 0/, from);
    shell.type('ped\r');
    const text = await shows(shell, /typed\n[^]*> $/, from);
    expect(text).toContain(`behind${MARK}\n`);
    expect(text).toMatch(/\/> echo typed\ntyped\n/);
    shell.type('exit\r');
    await shell.ended;
  });

  test('shows the folder, and the exit status of a command that failed', async () => {
    const shell = terminal();
    await shows(shell, /\/> /);
    expect(await type(shell, 'cd usr')).toContain('/usr> ');
    expect(await type(shell, 'pwd')).toContain('\n/usr\n');
    expect(await type(shell, 'sh -c "exit 7"')).toContain('/usr [7]> ');
    expect(await type(shell, 'cd nope')).toContain('cd: /usr/nope: there is no such folder');
    expect(await type(shell, 'cd -')).toContain('/> ');
    shell.type('exit\r');
    expect((await shell.ended).stdout).toContain('status=0');
  });

  test('drops the typed line on Ctrl-C, and touches no command that runs behind', async () => {
    const shell = terminal();
    await shows(shell, /\/> /);
    await type(shell, 'sleep 600 &');
    for (let round = 0; round < 3; round++) {
      const from = shell.stdout.length;
      shell.type('half a li\u0003');
      await shows(shell, /\^C\n[^]*> $/, from);
    }
    expect(await type(shell, 'echo whole')).toContain('\nwhole');
    expect(await type(shell, 'jobs')).toContain('[1] sleep 600 &');
    const from = shell.stdout.length;
    shell.type('sleep 600\r');
    await shows(shell, /600\n/, from);
    await expect
      .poll(() => trial.audit.filter(({ event }) => event === 'exec').at(-1))
      .toMatchObject({
        argv: ['sleep', '600'],
      });
    shell.type('\u0003');
    await shows(shell, /\[130\]> /, from);
    expect(await type(shell, 'jobs')).toContain('[1] sleep 600 &');
    await shell.end();
  });

  test.each(['exit\r', 'quit\r', 'bye\r', '\u0004'])('leaves on %j', async (words) => {
    const shell = terminal();
    await shows(shell, /\/> /);
    shell.type(words);
    expect((await shell.ended).stdout).toContain('status=0');
  });

  test('says once, in one sentence, that the server is gone', async () => {
    const other = await Trial.start();
    const shell = terminal(other);
    await shows(shell, /> /);
    await type(shell, 'sleep 600 &');
    const from = shell.stdout.length;
    shell.type('sleep 601\r');
    await shows(shell, /601\n/, from);
    other.server.kill('SIGKILL');
    const { stdout } = await shell.ended;
    expect(visible(stdout.slice(from))).toMatch(
      /^sleep 601\nshell: The connection to the server was lost: it [a-z ]+\.\nstatus=255\n$/,
    );
    await other.end();
  });
});

describe('a prompt with commands behind and in front', () => {
  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ] as const)('leaves without a trace on %s', async (signal, code) => {
    const child = trial.process([]);
    const shell = new StartedProgram('shell', child, () => undefined);
    const deaf = `sh -c "trap '' INT; echo ready; sleep 60"`;
    shell.type(`${deaf} &\nsh -c "echo front; sleep 60"\n`);
    await shell.line('front');
    const again = setInterval(() => child.kill(signal), 450);
    child.kill(signal);
    const ended = await shell.ended;
    clearInterval(again);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    expect(ended.stderr).not.toContain('Left');
    expect(ended.code ?? ended.signal).toBe(
      signal === 'SIGINT' && ended.code === null ? 'SIGINT' : code,
    );
  });
});

function run(argv: readonly string[], isBehind = false): object {
  return { kind: 'run', isBehind, order: { argv } };
}

function script(text: string, isBehind = false): object {
  return { kind: 'run', isBehind, order: { argv: [text], shell: true } };
}

describe('a line', () => {
  test.each([
    [String.raw`cat my\ file`, run(['cat', 'my file'])],
    ['echo a" "b', run(['echo', 'a b'])],
    ['echo "x".txt', run(['echo', 'x.txt'])],
    [`echo 'it'"'"'s "so"'`, run(['echo', `it's "so"`])],
    [String.raw`echo a\&`, run(['echo', 'a&'])],
    ['echo "a &"', run(['echo', 'a &'])],
    [String.raw`echo a \& &`, run(['echo', 'a', '&'], true)],
    ['sleep 3&', run(['sleep', '3'], true)],
    ['!a && b &', script('a && b', true)],
    [String.raw`!echo \&`, script(String.raw`echo \&`)],
    ['cd', { kind: 'cd', folder: '~' }],
    [String.raw`cd my\ folder`, { kind: 'cd', folder: 'my folder' }],
    [' quit ', { kind: 'leave' }],
    ['exit 3', { kind: 'leave', status: 3 }],
    ['# a comment', { kind: 'nothing' }],
  ])('%s', (line, asked) => {
    expect(readLine(line)).toEqual(asked);
  });

  test.each(['&', "echo 'a", 'echo a\\', 'cd a b', '!', '! &'])('%s is refused', (line) => {
    expect(() => readLine(line)).toThrow(/There is no command|not closed|one folder/);
  });
});
