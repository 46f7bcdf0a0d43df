// The remote shell as its users run it: a server process, client processes, real commands.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startProcess } from '../support/processes.ts';
import { finished, isAlive, Trial } from './testing/trial.ts';

const root = new URL('../../', import.meta.url);
/** The output of `seq 1 5000000 | sha256sum`. */
const HASH_OF_SEQ = 'cb55d986df9aa5351f8c3a05b268138f63a593a742348ff4074656136b7071da';

let trial: Trial;
beforeAll(async () => {
  trial = await Trial.start(['--allow-shell']);
});
afterAll(() => trial.end());

describe('exec', () => {
  test('gives stdout and stderr apart, byte for byte, and the exit status', async () => {
    const script = String.raw`printf 'a\000\377\n'; printf 'b\000\376' >&2; printf c; exit 3`;
    const child = trial.process(['exec', 'sh', '-c', script]);
    const stderr: Buffer[] = [];
    child.stderr?.on('data', (piece: Buffer) => stderr.push(piece));
    const { status, stdout } = await finished(child);
    expect(stdout).toEqual(Buffer.from('a\0\xff\nc', 'latin1'));
    expect(Buffer.concat(stderr)).toEqual(Buffer.from('b\0\xfe', 'latin1'));
    expect(status).toBe(3);
  });

  test('takes what stands behind exec as it stands, through the client’s own options, too', async () => {
    const words = ['-l', '--color', '--', '--quiet', 'a b', '', '$HOME', '*', "it's", '粘包'];
    const { stdout, status } = await trial.run(['-q', 'exec', 'printf', '%s|', ...words]);
    expect(stdout.toString()).toBe(words.map((word) => `${word}|`).join(''));
    expect(status).toBe(0);
  });

  test('reports death by a signal as 128 and its number', async () => {
    const deaths = [
      ['KILL', 137],
      ['TERM', 143],
      ['SEGV', 139],
    ] as const;
    const ran = deaths.map(([signal, status]) => ({
      status,
      run: trial.run(['exec', 'sh', '-c', `echo before; kill -${signal} $$`]),
    }));
    for (const { status, run } of ran) {
      expect(await run).toMatchObject({ status, stdout: Buffer.from('before\n') });
    }
  });

  test('streams stdin with its own end', async () => {
    const big = Buffer.from(Array.from({ length: 300_000 }, (_, i) => `${i * 7919}\n`).join(''));
    const sorted = await trial.run(['exec', 'sort', '-n', '-r'], { input: 'b1\n3\n20\n' });
    expect(sorted.stdout.toString()).toBe('20\n3\nb1\n');
    const small = await trial.run(['exec', 'gzip', '-c'], { input: big });
    expect(small.stdout.length).toBeLessThan(big.length);
    const whole = await trial.run(['exec', 'gzip', '-dc'], { input: small.stdout });
    expect(whole.stdout.equals(big)).toBe(true);
  });

  test('gives an empty stdin with -n, whatever this one is', async () => {
    const child = trial.process(['-n', 'exec', 'cat']);
    expect((await finished(child)).status).toBe(0);
  });

  test('ends when the command ends, whatever of stdin it has not read', async () => {
    const ran = await trial.run(['exec', 'head', '-c', '3'], { input: Buffer.alloc(4 << 20, 'x') });
    expect(ran.stdout.toString()).toBe('xxx');
    expect(ran.status).toBe(0);
  });

  test('says 127 for a program that is not there, and 126 for one that cannot be started', async () => {
    const [missing, folder, nothing, nowhere] = await Promise.all([
      trial.run(['exec', 'no-such-program']),
      trial.run(['exec', '/tmp']),
      trial.run(['exec', '']),
      trial.run(['--cwd', '/no/such/folder', 'exec', 'pwd']),
    ]);
    expect(missing.stderr).toBe('shell: no-such-program: command not found\n');
    expect(folder.stderr).toBe('shell: /tmp: permission denied\n');
    expect(nothing.stderr).toContain('argv must hold a program');
    expect(nowhere.stderr).toContain('/no/such/folder: there is no such folder');
    const statuses = [missing, folder, nothing, nowhere].map(({ status }) => status);
    expect(statuses).toEqual([127, 126, 126, 126]);
  });

  test('runs in the folder and with the variables that it was told, where the server takes them', async () => {
    const args = ['--cwd', '/usr', '--env', 'TZ=UTC', '--shell', 'exec'];
    const ran = await trial.run([...args, 'pwd; echo "$TZ,$LD_PRELOAD,$XDG_RUNTIME_DIR"']);
    expect(ran.stdout.toString()).toBe('/usr\nUTC,,\n');
  });

  test('ends quietly when nobody reads on, and ends the command', async () => {
    const child = trial.process(['exec', 'sh', '-c', 'echo $$; exec yes']);
    const ended = finished(child);
    const [first] = (await once(child.stdout ?? child, 'data')) as [Buffer];
    child.stdout?.destroy();
    const { status, stderr } = await ended;
    expect(status).toBe(141);
    expect(stderr).toBe('');
    const pid = Number(first.toString().split('\n')[0]);
    await expect.poll(() => isAlive(pid)).toBe(false);
  });
});

/** Starts the shell with npm, as the README does. */
function npmRun(...words: string[]): ReturnType<typeof finished> {
  const args = ['run', '-s', 'shell', '--', ...words];
  const env = { ...process.env, XDG_RUNTIME_DIR: trial.runtime };
  return finished(startProcess('npm', args, { cwd: fileURLToPath(root), env, stdio: 'pipe' }));
}

describe('npm run -s shell', () => {
  test('can be piped: the hash is that of the output', async () => {
    const { stdout, status } = await npmRun('exec', 'seq', '1', '5000000');
    expect(createHash('sha256').update(stdout).digest('hex')).toBe(HASH_OF_SEQ);
    expect(status).toBe(0);
  });

  test.each([
    [0, String.raw`printf 'a\0b\033[31m'`, 'a\0b\u001b[31m'],
    [3, 'echo out; exit 3', 'out\n'],
    [255, 'exit 255', ''],
    [137, 'echo out; kill -9 $$', 'out\n'],
  ])(
    'has nothing but the bytes of the command on stdout, with status %i',
    async (code, script, out) => {
      const { stdout, status } = await npmRun('exec', 'sh', '-c', script);
      expect(stdout.toString()).toBe(out);
      expect(status).toBe(code);
    },
  );

  test('has nothing on stdout where no command was run', async () => {
    const { stdout, stderr, status } = await npmRun('exec', 'no-such-program-here');
    expect(stdout.toString()).toBe('');
    expect(stderr).toContain('command not found');
    expect(status).toBe(127);
  });
});

describe('Ctrl-C', () => {
  test('goes to the remote process group the first time, and its status comes back', async () => {
    const script = "trap 'echo caught; exit 7' INT; echo ready; sleep 60 >/dev/null 2>&1 & wait";
    const child = trial.process(['exec', 'sh', '-c', script]);
    const ended = finished(child);
    await once(child.stdout ?? child, 'data');
    child.kill('SIGINT');
    const { status, stdout } = await ended;
    expect(stdout.toString()).toBe('ready\ncaught\n');
    expect(status).toBe(7);
  });

  test('leaves the second time, and the command that would not end is ended', async () => {
    const script = "trap '' INT TERM; echo $$; while :; do sleep 1; done";
    const child = trial.process(['exec', 'sh', '-c', script]);
    const ended = finished(child);
    const [first] = (await once(child.stdout ?? child, 'data')) as [Buffer];
    child.kill('SIGINT');
    // Wait more than 0.4 s, because a second Ctrl-C within that time counts as the same key press.
    const again = setInterval(() => child.kill('SIGINT'), 450);
    expect((await ended).status).toBe(130);
    clearInterval(again);
    await expect.poll(() => isAlive(Number(first))).toBe(false);
  });
});

describe('leaving', () => {
  test('does not wait for a reader here that has stopped', async () => {
    const child = trial.process(['exec', 'sh', '-c', "trap '' INT; echo $$; yes"]);
    const output = child.stdout ?? process.stdin;
    await once(output, 'readable');
    const pid = Number(/^\d+/.exec(String(output.read()))?.[0]);
    // From here on nobody reads the output, so all buffers on the way fill up.
    const again = setInterval(() => child.kill('SIGINT'), 450);
    await once(child, 'exit');
    clearInterval(again);
    expect(child.exitCode).toBe(130);
    await expect.poll(() => isAlive(pid)).toBe(false);
  });
});

describe('the prompt', () => {
  test('runs its lines one after the other, and with & beside each other', async () => {
    const lines = [
      'echo "a  b"',
      'cat',
      '!echo $((6*7)) | tr 4 5',
      'nope',
      "sh -c 'exit 4' &",
      'exit',
    ];
    const { stdout, stderr, status } = await trial.run([], { input: `${lines.join('\n')}\n` });
    expect(stdout.toString()).toBe('a  b\n52\n');
    expect(stderr).toBe("nope: command not found\n[1] done, status 4: sh -c 'exit 4' &\n");
    expect(status).toBe(127);
  });
});

describe('progress', () => {
  test('goes to stderr where stdout is no terminal, when asked for, and not with --quiet', async () => {
    const slow = ['exec', 'sh', '-c', 'head -c 3000000 /dev/zero; sleep 0.7'];
    const [loud, quiet, untold] = await Promise.all([
      trial.run(['--progress', ...slow]),
      trial.run(['--progress', '--quiet', ...slow]),
      trial.run(slow),
    ]);
    expect(loud.stdout).toHaveLength(3_000_000);
    expect(loud.stderr).toMatch(/3\.0 MB in \d\.\d s, \d+\.\d .B\/s\n/);
    expect([quiet.stderr, untold.stderr]).toEqual(['', '']);
  });
});

describe('serve', () => {
  test('prints one line, and writes a state file that only its owner reads', () => {
    const { host, port, token } = trial.state;
    expect(trial.listening).toMatch(
      new RegExp(`^listening on ${host}:${port} .*server-\\d+\\.json\\)$`),
    );
    expect(host).toBe('127.0.0.1');
    expect(token).toHaveLength(43);
    const file = join(trial.runtime, 'unstick-shell', `server-${trial.state.pid}.json`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('logs who ran what and how it ended, and nothing of what went through', async () => {
    const secret = 'not for the log';
    await trial.run(['exec', 'sh', '-c', 'cat >&2; exit 5'], { input: secret });
    const exec = trial.audit.findLast(({ event }) => event === 'exec');
    expect(exec).toMatchObject({ argv: ['sh', '-c', 'cat >&2; exit 5'], terminal: false });
    const exit = trial.audit.findLast(({ event }) => event === 'exit');
    expect(exit).toMatchObject({ client: exec?.['client'], id: exec?.['id'], code: 5 });
    expect(exit).toMatchObject({ stdoutLength: 0, stderrLength: secret.length });
    const log = readFileSync(join(trial.runtime, 'unstick-shell', 'audit.jsonl'), 'utf8');
    expect(log).not.toContain(secret);
    expect(log).not.toContain(trial.state.token);
  });

  test('refuses, in a line and with a status, what cannot be right', async () => {
    const list = join(trial.runtime, 'bad-list');
    writeFileSync(list, '* anything\n');
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [['serve', '--host', '0.0.0.0'], /is not this machine.*--tls-cert/],
      [['--host', '192.0.2.1', '--port', '9', 'exec', 'true'], /is not this machine.*--tls-ca/],
      [['serve', '--tls-cert', 'x'], /needs both --tls-cert and --tls-key/],
      [
        ['serve', '--allow', list],
        /line 1: begins with \*, but the first word must name a program/,
      ],
      [['serve', '--port', 'x'], /must be a whole number/],
      [['--port', '1', 'exec', 'true'], /Cannot connect to 127\.0\.0\.1:1/],
      [['--shell', 'exec', 'a', 'b'], /one string/],
      [['what'], /unknown command 'what'[^]*--help lists the commands/],
    ];
    const ran = await Promise.all(wrong.map(([args]) => trial.run(args)));
    ran.forEach(({ stderr, status, stdout }, i) => {
      expect(stderr).toMatch(wrong[i]?.[1] ?? /^$/);
      const [, ...more] = stderr.trimEnd().split('\n');
      expect(more.filter((line) => line !== '--help lists the commands.')).toEqual([]);
      expect(stdout).toHaveLength(0);
      expect(status).toBe(255);
    });
  });
});
