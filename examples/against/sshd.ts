// An OpenSSH server that runs as this user on loopback with new keys, and the clients ssh and sftp.

import { execFileSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { startProcess } from '../support/processes.ts';
import type { Stage, StartedProgram } from '../support/stage.ts';
import { until } from './measure.ts';
import { freePort } from '../../test/support/free-port.ts';

const SSHD = '/usr/sbin/sshd';

export class Sshd {
  readonly folder: string;
  readonly port: number;
  readonly #stage: Stage;
  readonly #server: StartedProgram;

  private constructor(stage: Stage, folder: string, port: number) {
    this.#stage = stage;
    this.folder = folder;
    this.port = port;
    this.#server = stage.command(SSHD, ['-D', '-e', '-f', join(folder, 'config')], { quiet: true });
  }

  static async start(stage: Stage): Promise<Sshd> {
    const folder = mkdtempSync(join(tmpdir(), 'unstick-sshd-'));
    const port = await freePort();
    for (const name of ['host', 'user']) {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
    }
    copyFileSync(join(folder, 'user.pub'), join(folder, 'authorized'));
    if (userInfo().uid === 0) {
      mkdirSync('/run/sshd', { recursive: true, mode: 0o755 }); // Debian's sshd insists on it.
    }
    writeFileSync(join(folder, 'config'), configOf(folder, port));
    const sshd = new Sshd(stage, folder, port);
    await until(() => listens(port));
    return sshd;
  }

  get pid(): number {
    return this.#server.child.pid ?? 0;
  }

  /** Starts ssh with `words` as the arguments after the host. */
  ssh(words: readonly string[], { port = this.port, flags = [] as string[] } = {}): StartedProgram {
    const where = ['-p', port, `${userInfo().username}@127.0.0.1`];
    return this.#stage.command('ssh', [...this.#options(), ...flags, ...where, ...words], {
      quiet: true,
    });
  }

  /** Starts ssh likewise, as a plain process whose output is bytes. */
  process(words: readonly string[], { flags = [] as string[] } = {}): ChildProcess {
    const where = ['-p', String(this.port), `${userInfo().username}@127.0.0.1`];
    const all = [...this.#options(), ...flags, ...where, ...words];
    return startProcess('ssh', all, { stdio: 'pipe' });
  }

  /** Starts sftp with these lines as its commands. */
  startSftp(lines: readonly string[], flags: readonly string[] = []): StartedProgram {
    const where = ['-P', this.port, '-b', '-', `${userInfo().username}@127.0.0.1`];
    const all = [...this.#options(), '-q', ...flags, ...where];
    const client = this.#stage.command('sftp', all, { quiet: true });
    client.type(`${lines.join('\n')}\n`);
    client.endInput();
    return client;
  }

  /** Runs these lines as commands of one sftp connection. Throws if a command fails. */
  async sftp(lines: readonly string[]): Promise<void> {
    const { code, stderr } = await this.startSftp(lines).ended;
    if (code !== 0) {
      throw new Error(`sftp: ${stderr}`);
    }
  }

  async end(): Promise<void> {
    await this.#server.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #options(): string[] {
    const own = ['BatchMode=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null'];
    const options = [...own, 'LogLevel=ERROR', `IdentityFile=${join(this.folder, 'user')}`];
    return ['-F', 'none', ...options.flatMap((option) => ['-o', option])];
  }
}

function configOf(folder: string, port: number): string {
  return `Port ${port}
ListenAddress 127.0.0.1
HostKey ${join(folder, 'host')}
AuthorizedKeysFile ${join(folder, 'authorized')}
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
MaxStartups 1000
Subsystem sftp internal-sftp
`;
}

/** Whether a program accepts connections on this port. */
export async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  const is = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'close').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return is;
}
