// An OpenSSH server on a port of loopback, with a configuration, keys and a folder of its own, and the ssh
// client. The user must be allowed to start sshd, which usually only root is.

import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../test/support/free-port.ts';

export interface Sshd {
  readonly port: number;
  readonly version: string;
  /** The number of connections, and the memory (Pss) of all their processes in bytes. */
  readonly children: () => { readonly count: number; readonly memory: number };
  /** Starts a client with a command. Resolves when the command has printed something. */
  readonly client: (command: string) => Promise<ChildProcess>;
  readonly stop: () => void;
}

const PROGRAM = '/usr/sbin/sshd';

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === pid)
    .map(Number);
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[1]);
  } catch {
    return undefined;
  }
}

function proportional(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function family(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...family(child)]);
}

/** Kills a process that this file started. It may have ended already. */
function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Starts sshd. Returns undefined if it cannot be started here. */
export async function startSshd(): Promise<Sshd | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'unstick-sshd-'));
  const port = await freePort();
  const at = (name: string): string => join(folder, name);
  let version: string;
  try {
    for (const name of ['host', 'user']) {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)]);
    }
    version = execFileSync('sh', ['-c', `${PROGRAM} -V 2>&1`], { encoding: 'latin1' }).trim();
    mkdirSync('/run/sshd', { recursive: true });
  } catch {
    return undefined;
  }
  copyFileSync(at('user.pub'), at('authorized'));
  chmodSync(at('authorized'), 0o600);
  const settings = [
    `HostKey ${at('host')}`,
    `AuthorizedKeysFile ${at('authorized')}`,
    'StrictModes no',
    'PermitRootLogin yes',
    'ListenAddress 127.0.0.1',
    `PidFile ${at('pid')}`,
    `Port ${port}`,
  ];
  writeFileSync(at('config'), settings.join('\n'));
  const server = spawn(PROGRAM, ['-D', '-e', '-f', at('config')], { stdio: 'ignore' });
  await wait(1000);
  const pid = server.pid;
  if (pid === undefined || server.exitCode !== null) {
    return undefined;
  }
  const clients: ChildProcess[] = [];
  return {
    port,
    version,
    children: () => ({
      count: childrenOf(pid).length,
      memory: family(pid).reduce((sum, one) => sum + proportional(one), 0),
    }),
    client: async (command) => {
      const options = [
        'UserKnownHostsFile=/dev/null',
        'StrictHostKeyChecking=no',
        'LogLevel=ERROR',
      ];
      const words = options.flatMap((one) => ['-o', one]);
      const where = ['-p', String(port), '-i', at('user'), `${userInfo().username}@127.0.0.1`];
      const client = spawn('ssh', ['-F', 'none', ...words, ...where, command]);
      clients.push(client);
      await once(client.stdout, 'data');
      return client;
    },
    stop: () => {
      for (const client of clients) {
        client.kill('SIGKILL');
      }
      for (const one of family(pid)) {
        end(one);
      }
      server.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
