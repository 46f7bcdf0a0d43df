// What the chat and an IRC server do where they differ: found by trying, on this machine. Each fact is one
// experiment with both.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Caller } from '../chat/caller.ts';
import type { Stage } from '../support/stage.ts';
import { IrcUser } from './irc-user.ts';
import { serveIrc } from './ngircd.ts';
import type { Comparison } from './table.ts';

const LONG = 'a line of 2000 characters: the others hear';
const CHINESE = 'the name 小明';
const BEFORE = 'what was said before one came';

const FACTS = [LONG, CHINESE, BEFORE] as const;

type Facts = Readonly<Record<(typeof FACTS)[number], string>>;

const LENGTH = 2000;
const text = 'x'.repeat(LENGTH);
/** Time in ms that a server has to answer. */
const PATIENCE_MS = 5000;

export async function chatFacts(stage: Stage): Promise<Comparison> {
  const folder = mkdtempSync(join(tmpdir(), 'unstick-irc-'));
  try {
    const chat = await stage.serve('../chat/server.ts', [], { quiet: true });
    const irc = await serveIrc(stage, folder);
    const [ours, theirs] = [await factsOfChat(chat.port), await factsOfIrc(irc.port)];
    const rows = FACTS.map((what) => ({ what, ours: ours[what], theirs: theirs[what] }));
    return { ours: 'this chat', theirs: 'ngircd', rows };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function factsOfChat(port: number): Promise<Facts> {
  const anna = await Caller.in(port, 'anna', 'facts');
  const ben = await Caller.in(port, 'ben', 'facts');
  await anna.send({ type: 'say', room: 'facts', text });
  const { text: heard } = await ben.until('said');
  const ming = new Caller(port);
  await ming.send({ type: 'hello', nick: '小明' }, { type: 'join', room: 'facts' });
  const answer = await ming.next();
  const { lines } = await ming.until('joined');
  for (const { line } of [anna, ben, ming]) {
    line.destroy();
  }
  return {
    [LONG]: `${heard.length} of them`,
    [CHINESE]: answer?.type === 'welcome' ? 'is a name' : 'is refused',
    [BEFORE]: lines > 0 ? 'is shown' : 'is not shown',
  };
}

async function factsOfIrc(port: number): Promise<Facts> {
  const anna = await IrcUser.in(port, 'anna');
  const ben = await IrcUser.in(port, 'ben');
  const said = ben.hears(/ PRIVMSG /);
  const quit = ben.hears(/ QUIT /);
  anna.send(`PRIVMSG #lobby :${text}`);
  const heard = await within(Promise.race([said, quit]));
  ben.send('PRIVMSG #lobby :before');
  const ming = new IrcUser(port);
  const answer = within(ming.hears(/ (001|432) /));
  ming.send('NICK 小明', 'USER ming 0 * :ming');
  const isNamed = (await answer)?.includes(' 001 ') === true;
  const late = await IrcUser.in(port, 'late');
  const isShown = (await within(late.hears(/before/), PATIENCE_MS / 5)) !== undefined;
  for (const { socket } of [anna, ben, ming, late]) {
    socket.destroy();
  }
  const count = heard?.includes(' PRIVMSG ') === true ? heard.split('x').length - 1 : 0;
  return {
    [LONG]:
      heard?.includes(' QUIT ') === true ? 'none; its speaker is put out' : `${count} of them`,
    [CHINESE]: isNamed ? 'is a name' : 'is refused',
    [BEFORE]: isShown ? 'is shown' : 'is not shown',
  };
}

/** The line, or `undefined` if it does not come in time. */
async function within(line: Promise<string>, patience = PATIENCE_MS): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, patience, undefined);
  });
  return await Promise.race([line, late]).finally(() => clearTimeout(timer));
}
