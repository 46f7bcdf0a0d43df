// The remote shell against ssh: both run a command on this machine, over loopback.

import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import type { Ran } from '../remote-shell/testing/trial.ts';
import { Trial } from '../remote-shell/testing/trial.ts';
import { cert, key } from '../../test/support/self-signed.ts';
import { endProcess } from '../support/processes.ts';
import type { Stage } from '../support/stage.ts';
import { memoryOf, network, seconds, until } from './measure.ts';
import type { Settings } from './settings.ts';
import { perSecond, showSeconds } from './settings.ts';
import { Sshd } from './sshd.ts';
import type { Comparison, Row } from './table.ts';

/** Both sides encrypt, as ssh always does. */
export async function againstSsh(stage: Stage, settings: Settings): Promise<Comparison> {
  const sshd = await Sshd.start(stage);
  const trial = await Trial.startWithTls({ cert, key }, ['--max-connections', '256']);
  try {
    const rows = [
      await firstOutput(trial, sshd, settings),
      await nextOutput(trial, sshd, settings),
      await muchOutput(trial, sshd, settings),
      await idleUsers(trial, sshd, settings),
      await stalled(trial, sshd, settings),
    ];
    return { ours: 'this shell, TLS', theirs: 'OpenSSH', rows };
  } finally {
    await trial.end();
    await sshd.end();
  }
}

function run(trial: Trial, ...argv: string[]): Promise<Ran> {
  return trial.run(['--tls-ca', trial.ca, '--no-stdin', 'exec', ...argv]);
}

async function firstOutput(trial: Trial, sshd: Sshd, { rounds }: Settings): Promise<Row> {
  const ours = await seconds(rounds, () => run(trial, 'echo', 'hi'));
  const theirs = await seconds(rounds, () => sshd.ssh(['echo', 'hi']).ended);
  const what = 'a program that runs `echo hi`, from its start to its end';
  return { what, ours: showSeconds(ours), theirs: showSeconds(theirs) };
}

/** Measures a command on an open connection: of an ssh master, and of our client in this process. */
async function nextOutput(trial: Trial, sshd: Sshd, { rounds }: Settings): Promise<Row> {
  const flags = ['-o', `ControlPath=${sshd.folder}/master`];
  const master = sshd.ssh([], { flags: [...flags, '-M', '-N'] });
  await until(
    async () => (await sshd.ssh([], { flags: [...flags, '-O', 'check'] }).ended).code === 0,
  );
  const client = await trial.connect();
  const ours = await seconds(rounds * 5, async () => {
    const { stdin, stdout, ended } = client.start({ argv: ['echo', 'hi'] });
    stdin.end();
    stdout.resume();
    await ended;
  });
  const theirs = await seconds(rounds * 5, () => sshd.ssh(['echo', 'hi'], { flags }).ended);
  await master.end();
  await trial.disconnect();
  const what =
    '`echo hi` on a connection that is open (ssh: a new program for each, ControlMaster)';
  return { what, ours: showSeconds(ours), theirs: showSeconds(theirs) };
}

async function muchOutput(trial: Trial, sshd: Sshd, { rounds, size }: Settings): Promise<Row> {
  const head = ['head', '-c', String(size), '/dev/zero'];
  const check = async (program: ChildProcess): Promise<void> => {
    let length = 0;
    program.stdout?.on('data', (piece: Buffer) => (length += piece.length));
    await once(program, 'close');
    if (length !== size) {
      throw new Error(`${length} bytes came instead of ${size}.`);
    }
  };
  const own = ['--tls-ca', trial.ca, '--no-stdin', 'exec', ...head];
  const ours = await seconds(rounds, () => check(trial.process(own)));
  const theirs = await seconds(rounds, () => check(sshd.process(head)));
  const what = `${settingsSize(size)} of output of one command`;
  return { what, ours: perSecond(size, ours), theirs: perSecond(size, theirs) };
}

async function idleUsers(trial: Trial, sshd: Sshd, { idle }: Settings): Promise<Row> {
  const pid = trial.server.pid ?? 0;
  const before = [memoryOf(pid), memoryOf(sshd.pid)] as const;
  for (let n = 0; n < idle; n++) {
    await trial.connect();
  }
  const crowd = Array.from({ length: idle }, () => sshd.ssh(['echo in; cat']));
  await Promise.all(crowd.map((one) => one.line('in')));
  const after = [memoryOf(pid), memoryOf(sshd.pid)] as const;
  await Promise.all(crowd.map((one) => one.end()));
  await trial.disconnect();
  const show = (at: 0 | 1): string => `${before[at].toFixed(0)} → ${after[at].toFixed(0)} MiB`;
  return {
    what: `memory of the server, with 0 and ${idle} idle users`,
    ours: show(0),
    theirs: show(1),
  };
}

/** Measures how soon each client ends when the network stalls. Both run with their default options. */
async function stalled(trial: Trial, sshd: Sshd, { patience }: Settings): Promise<Row> {
  const words = ['sh', '-c', 'echo on; exec sleep 1000'];
  const [near, far] = await Promise.all([network(trial.port), network(sshd.port)]);
  const client = trial.process([
    '--port',
    String(near.port),
    '--tls-ca',
    trial.ca,
    'exec',
    ...words,
  ]);
  await new Promise((resolve) => client.stdout?.once('data', resolve));
  const other = sshd.ssh(['echo on; exec sleep 1000'], { port: far.port });
  await other.line('on');
  near.stall();
  far.stall();
  const [ours, theirs] = await Promise.all([
    endOf(() => client.exitCode !== null, patience),
    endOf(() => other.child.exitCode !== null, patience),
  ]);
  await Promise.all([endProcess(client), other.end()]);
  near.close();
  far.close();
  return { what: 'the network stalls: the client says so', ours, theirs };
}

async function endOf(hasEnded: () => boolean, patience: number): Promise<string> {
  const begun = performance.now();
  const isOver = (): boolean => performance.now() - begun > 1000 * patience;
  await until(() => hasEnded() || isOver(), 2000 * patience);
  return hasEnded()
    ? `after ${((performance.now() - begun) / 1000).toFixed(0)} s`
    : `not within ${patience} s`;
}

function settingsSize(size: number): string {
  return `${size / 2 ** 20} MiB`;
}
