// Compares the chat with IRC. The IRC server is ngircd; its users are raw connections that answer PING.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Caller } from '../chat/caller.ts';
import type { Stage } from '../support/stage.ts';
import { freePort, memoryOf, seconds, until } from './measure.ts';
import { showSeconds } from './settings.ts';
import type { Settings } from './settings.ts';
import { listens } from './sshd.ts';
import type { Comparison } from './table.ts';

const NGIRCD = '/usr/sbin/ngircd';

/** A user of IRC, in one channel. */
class IrcUser {
  readonly socket: Socket;
  readonly #waiting: { readonly pattern: RegExp; readonly resolve: () => void }[] = [];

  private constructor(port: number) {
    this.socket = connect(port, '127.0.0.1').on('error', () => undefined);
    createInterface({ input: this.socket }).on('line', (line) => {
      if (line.startsWith('PING')) {
        this.send(line.replace('PING', 'PONG'));
      }
      const at = this.#waiting.findIndex(({ pattern }) => pattern.test(line));
      if (at >= 0) {
        this.#waiting.splice(at, 1)[0]?.resolve();
      }
    });
  }

  static async in(port: number, nick: string): Promise<IrcUser> {
    const user = new IrcUser(port);
    const joined = user.hears(/ 366 /);
    user.send(`NICK ${nick}`, `USER ${nick} 0 * :${nick}`, 'JOIN #lobby');
    await joined;
    return user;
  }

  send(...lines: string[]): void {
    this.socket.write(lines.map((line) => `${line}\r\n`).join(''));
  }

  hears(pattern: RegExp): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ pattern, resolve }));
  }
}

export async function againstIrc(stage: Stage, settings: Settings): Promise<Comparison> {
  const folder = mkdtempSync(join(tmpdir(), 'unstick-irc-'));
  try {
    const ours = await chat(stage, settings);
    const theirs = await irc(stage, folder, settings);
    const { idle } = settings;
    const rows = [
      { what: `a line reaches ${idle} people in one room`, ours: ours.time, theirs: theirs.time },
      {
        what: `memory of the server, with 0 and ${idle} idle users`,
        ours: ours.memory,
        theirs: theirs.memory,
      },
    ];
    return { ours: 'this chat', theirs: 'ngircd', rows };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Measured {
  readonly time: string;
  readonly memory: string;
}

async function chat(stage: Stage, { idle, rounds }: Settings): Promise<Measured> {
  const { server, port } = await stage.serve('../chat/server.ts', [], { quiet: true });
  const pid = server.child.pid ?? 0;
  const before = memoryOf(pid);
  const crowd: Caller[] = [];
  for (let n = 0; n < idle; n++) {
    crowd.push(await Caller.in(port, `u${n}`, 'lobby'));
  }
  const after = memoryOf(pid);
  const [speaker] = crowd;
  const time = await seconds(rounds, async () => {
    const heard = crowd.map((one) => one.until('said'));
    await speaker?.send({ type: 'say', room: 'lobby', text: 'hello' });
    await Promise.all(heard);
  });
  crowd.forEach(({ line }) => line.destroy());
  await server.end();
  return { time: showSeconds(time), memory: `${before.toFixed(0)} → ${after.toFixed(0)} MiB` };
}

async function irc(stage: Stage, folder: string, { idle, rounds }: Settings): Promise<Measured> {
  const port = await freePort();
  const config = join(folder, 'ngircd.conf');
  writeFileSync(config, configOf(port));
  const server = stage.command(NGIRCD, ['-n', '-f', config], { quiet: true });
  await until(() => listens(port));
  const pid = server.child.pid ?? 0;
  const before = memoryOf(pid);
  const crowd: IrcUser[] = [];
  for (let n = 0; n < idle; n++) {
    crowd.push(await IrcUser.in(port, `u${n}`));
  }
  const after = memoryOf(pid);
  const [speaker, ...others] = crowd;
  // IRC does not send a line back to its speaker.
  const time = await seconds(rounds, async () => {
    const heard = others.map((one) => one.hears(/ PRIVMSG /));
    speaker?.send('PRIVMSG #lobby :hello');
    await Promise.all(heard);
  });
  crowd.forEach(({ socket }) => socket.destroy());
  await server.end();
  return { time: showSeconds(time), memory: `${before.toFixed(1)} → ${after.toFixed(1)} MiB` };
}

function configOf(port: number): string {
  return `[Global]
Name = irc.local
Info = comparison
Listen = 127.0.0.1
Ports = ${port}
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
[Options]
DNS = no
Ident = no
PAM = no
`;
}
