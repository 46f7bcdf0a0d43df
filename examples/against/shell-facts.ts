// What the remote shell and ssh do in cases where they differ: found by trying, on this machine. Each row is
// one experiment with both.

import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Trial } from '../remote-shell/testing/trial.ts';
import { cert, key } from '../../test/support/self-signed.ts';
import type { Stage } from '../support/stage.ts';
import { until } from './measure.ts';
import { Sshd } from './sshd.ts';
import type { Comparison, Row } from './table.ts';

/** How a command ended, and its outputs. */
interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Run = (...argv: string[]) => Promise<Outcome>;
/** Runs a line of a shell. */
type Line = (line: string) => Promise<Outcome>;

/** Time in ms that a command has to answer, or to end, before the table says that it does not. */
const PATIENCE_MS = 5000;
/** A command that writes without an end, so that its output waits where nobody reads it. */
const ENDLESS = ['yes'];
const WORDS = ['a  b', '$HOME', `it's`, '*'];

export async function shellFacts(stage: Stage): Promise<Comparison> {
  const sshd = await Sshd.start(stage);
  const trial = await Trial.startWithTls({ cert, key });
  try {
    return { ours: 'this shell', theirs: 'OpenSSH', rows: await rowsOf(trial, sshd) };
  } finally {
    await trial.end();
    await sshd.end();
  }
}

async function rowsOf(trial: Trial, sshd: Sshd): Promise<Row[]> {
  const ours: Run = async (...argv) => {
    const ran = await trial.run(['--tls-ca', trial.ca, '--no-stdin', 'exec', ...argv]);
    return { code: ran.status, stdout: ran.stdout.toString(), stderr: ran.stderr };
  };
  const theirs: Run = (...argv) => sshd.ssh(argv).ended;
  const ourLine: Line = (line) => ours('sh', '-c', line);
  const given = WORDS.map((word) => `\`${word}\``).join(', ');
  return [
    {
      what: 'stdout and stderr of one command',
      ours: await outputs(ourLine),
      theirs: await outputs(theirs),
    },
    {
      what: 'the exit status after `exit 3`, and after `kill -9 $$`',
      ours: await statuses(ourLine),
      theirs: await statuses(theirs),
    },
    { what: `the words ${given} arrive`, ours: await words(ours), theirs: await words(theirs) },
    await besideUnread(trial, sshd),
    await afterKill(trial, sshd),
  ];
}

async function outputs(run: Line): Promise<string> {
  const { stdout, stderr } = await run('echo out; echo err >&2');
  return stdout === 'out\n' && stderr === 'err\n' ? 'apart' : 'mixed';
}

async function statuses(run: Line): Promise<string> {
  const failed = await run('exit 3');
  const killed = await run('kill -9 $$');
  return `${failed.code}, ${killed.code}`;
}

async function words(run: Run): Promise<string> {
  const { stdout } = await run('printf', '%s|', ...WORDS);
  return stdout === WORDS.map((word) => `${word}|`).join('') ? 'as given' : 'changed by a shell';
}

/** Whether a command answers while the output of another one on the same connection is not read. */
async function besideUnread(trial: Trial, sshd: Sshd): Promise<Row> {
  const client = await trial.connect();
  const unread = client.start({ argv: ENDLESS });
  const given = unread.ended.catch(() => undefined); // It is cut off below.
  unread.stdout.on('error', () => undefined);
  await once(unread.stdout, 'readable'); // From here on nobody reads it.
  const { stdin, stdout, ended } = client.start({ argv: ['echo', 'hi'] });
  stdin.end();
  stdout.resume();
  const ours = await answers(ended);
  client.destroy();
  await given;

  const flags = ['-o', `ControlPath=${sshd.folder}/unread`];
  const master = sshd.ssh([], { flags: [...flags, '-M', '-N'] });
  const isUp = async (): Promise<boolean> =>
    (await sshd.ssh([], { flags: [...flags, '-O', 'check'] }).ended).code === 0;
  await until(isUp);
  const endless = sshd.process(ENDLESS, { flags });
  await once(endless.stdout ?? endless, 'readable');
  const theirs = await answers(sshd.ssh(['echo', 'hi'], { flags }).ended);
  endless.kill();
  await master.end();
  const what = 'another command on the connection, while the output of `yes` is not read';
  return { what, ours, theirs };
}

async function answers(ended: Promise<unknown>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('waits'), PATIENCE_MS);
  });
  return await Promise.race([ended.then(() => 'answers'), late]).finally(() => clearTimeout(timer));
}

/** What becomes of a quiet command when its client is killed. */
async function afterKill(trial: Trial, sshd: Sshd): Promise<Row> {
  const own = trial.process(['--tls-ca', trial.ca, 'exec', 'sh', '-c', 'echo $$; exec sleep 60']);
  const other = sshd.process([`echo $$; exec sleep 60`]);
  const what = 'the client is killed (SIGKILL): its command `sleep 60`';
  return { what, ours: await fate(own), theirs: await fate(other) };
}

async function fate(client: ChildProcess): Promise<string> {
  const [line] = (await once(client.stdout ?? client, 'data')) as [Buffer];
  const pid = Number(line.toString());
  client.kill('SIGKILL');
  const isGone = await until(() => !runs(pid), PATIENCE_MS).then(
    () => true,
    () => false,
  );
  if (isGone) {
    return 'is ended';
  }
  process.kill(pid, 'SIGKILL');
  return 'goes on';
}

function runs(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n';
  } catch {
    return false;
  }
}
