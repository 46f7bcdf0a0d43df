// Compares the chat with IRC. The IRC server is ngircd.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Caller } from '../chat/caller.ts';
import type { Stage } from '../support/stage.ts';
import { IrcUser } from './irc-user.ts';
import { serveIrc } from './ngircd.ts';
import { memoryOf, seconds } from './measure.ts';
import { showSeconds } from './settings.ts';
import type { Settings } from './settings.ts';
import type { Comparison } from './table.ts';

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
  return {
    time: showSeconds(time),
    memory: `${before.toFixed(0)} → ${after.toFixed(0)} MiB`,
  };
}

async function irc(stage: Stage, folder: string, { idle, rounds }: Settings): Promise<Measured> {
  const { server, port } = await serveIrc(stage, folder);
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
  return {
    time: showSeconds(time),
    memory: `${before.toFixed(1)} → ${after.toFixed(1)} MiB`,
  };
}
