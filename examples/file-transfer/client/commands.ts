// The commands of the user, as commander commands: one on the command line, or several at the prompt. `run`
// runs one.

import type { Command } from 'commander';
import { Refusal } from '../both/refusal.ts';
import { showSize } from '../both/sizes.ts';
import { countOf, entriesOf, entryOf, flagOf, textOf } from '../both/wire.ts';
import type { Entry } from '../both/wire.ts';
import { get } from './get.ts';
import { put } from './put.ts';
import { ask } from './transfer.ts';
import type { Session, TransferFlags } from './transfer.ts';

export type Job = (session: Session) => Promise<void>;

async function say(session: Session, name: string, path?: string): Promise<void> {
  const answer = await ask(session.peer, name, path === undefined ? {} : { path });
  session.talk.say(textOf(answer, 'path'));
}

async function list({ peer, talk }: Session, path: string): Promise<void> {
  let after = '';
  for (;;) {
    const { result, body } = await peer.request('ls', { path, after });
    const entries = entriesOf(JSON.parse(Buffer.from(body).toString()));
    for (const entry of entries) {
      talk.say(lineOf(entry));
    }
    after = entries.at(-1)?.name ?? '';
    if (!flagOf(Object(result), 'isMore')) {
      return;
    }
  }
}

function lineOf({ name, kind, size, modified }: Entry): string {
  const when = new Date(modified).toISOString().slice(0, 16).replace('T', ' ');
  const mark = { file: '', directory: '/', link: ' (link)', other: ' (no file)' }[kind];
  return `${String(size).padStart(14)}  ${when}  ${name}${mark}`;
}

async function stat({ peer, talk }: Session, path: string): Promise<void> {
  talk.say(lineOf(entryOf(await ask(peer, 'stat', { path }))));
}

async function quota({ peer, talk }: Session): Promise<void> {
  const answer = await ask(peer, 'quota', {});
  const [limit, used] = [countOf(answer, 'limit'), countOf(answer, 'used')];
  const [reserved, unfinished] = [countOf(answer, 'reserved'), countOf(answer, 'unfinished')];
  const free = Math.max(0, limit - used - reserved);
  talk.say(
    `${used} of ${limit} bytes used (${unfinished} by unfinished uploads), ${reserved} reserved, ${free} free`,
  );
}

async function discard({ peer, talk }: Session): Promise<void> {
  const freed = countOf(await ask(peer, 'discard', {}), 'freed');
  talk.say(`${showSize(freed)} of unfinished uploads removed`);
}

type Move = (session: Session, name: string, flags: TransferFlags) => Promise<void>;

/** Runs several at once. A failed one is reported, and the others go on. */
function moveAll(move: Move, names: readonly string[], flags: TransferFlags): Job {
  return async (session) => {
    if (flags.as !== undefined && names.length > 1) {
      throw new Refusal('E_NAME', '--as is for one file.');
    }
    const results = await Promise.allSettled(names.map((name) => move(session, name, flags)));
    const failures = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    if (failures.length === 1) {
      throw failures[0];
    }
    if (failures.length > 1) {
      throw new AggregateError(failures);
    }
  };
}

/** Adds the commands to `program`. */
export function addCommands(program: Command, run: (job: Job) => void | Promise<void>): Command {
  const simple = (words: string, about: string, job: (path: string) => Job): void => {
    program
      .command(words)
      .description(about)
      .action((path: string) => run(job(path)));
  };
  simple('pwd', 'where you are', () => (session) => say(session, 'pwd'));
  simple('ls [path]', 'what is there', (path) => (session) => list(session, path ?? '.'));
  simple('stat <path>', 'one entry', (path) => (session) => stat(session, path));
  simple('mkdir <path>', 'makes a directory', (path) => (session) => say(session, 'mkdir', path));
  simple('rm <path>', 'removes a file, or an empty directory', (path) => (session) => {
    return say(session, 'rm', path);
  });
  simple('quota', 'how much you use', () => quota);
  simple('discard', 'removes unfinished uploads', () => discard);
  const moves = { get: ['fetches files', get], put: ['sends files', put] } as const;
  for (const [name, [about, move]] of Object.entries(moves)) {
    program
      .command(`${name} <files...>`)
      .description(`${about}, several at once`)
      .option('--yes', 'overwrite without asking')
      .option('--resume', 'go on where an earlier attempt broke off')
      .option('--md5', 'MD5 as well: against damage, not against malice')
      .option('--as <name>', 'the name at the other end')
      .action((names: string[], flags: TransferFlags) => run(moveAll(move, names, flags)));
  }
  return program;
}

/** `cd` lasts as long as the connection, so only the prompt has it. */
export function addPlaces(program: Command, run: (job: Job) => void | Promise<void>): void {
  program
    .command('cd [path]')
    .description('goes to a directory; without one, home')
    .action((path?: string) => run((session) => say(session, 'cd', path ?? '/')));
}
