// The commands of the user, for the command line (one command) and for the prompt. The package commander
// parses them. The caller's `run` gets each command as a job.

import { resolve } from 'node:path';
import type { Command } from 'commander';
import { fromTyped } from '../both/shown-name.ts';
import { showSize } from '../both/sizes.ts';
import { countOf, entryOf, textOf } from '../both/wire.ts';
import type { Entry } from '../both/wire.ts';
import { entriesIn } from './listing.ts';
import { fetching, moveAll, sending } from './many.ts';
import { ask } from './transfer.ts';
import type { Session, TransferFlags } from './transfer.ts';

export type Job = (session: Session) => Promise<void>;

async function say(session: Session, name: string, path?: string): Promise<void> {
  const answer = await ask(session.peer, name, path === undefined ? {} : { path });
  session.talk.say(textOf(answer, 'path'));
}

async function list({ peer, talk }: Session, path: string): Promise<void> {
  for await (const entry of entriesIn(peer, path)) {
    talk.say(lineOf(entry));
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

async function remove(session: Session, path: string, { r }: TreeFlags): Promise<void> {
  const answer = await ask(session.peer, 'rm', { path, recursive: r === true });
  session.talk.say(textOf(answer, 'path'));
}

async function rename({ peer, talk }: Session, path: string, to: string): Promise<void> {
  talk.say(textOf(await ask(peer, 'mv', { path, to }), 'path'));
}

interface TreeFlags {
  readonly r?: boolean;
}

/** Adds the commands to `program`. */
export function addCommands(program: Command, run: (job: Job) => void | Promise<void>): Command {
  const simple = (words: string, about: string, job: (path: string) => Job): void => {
    program
      .command(words)
      .description(about)
      .action((path: string | undefined) => run(job(fromTyped(path ?? ''))));
  };
  simple('pwd', 'where you are', () => (session) => say(session, 'pwd'));
  program
    .command('ls [path]')
    .description('what is there: size, time, name')
    .option('-l', 'accepted and ignored: the list is always long')
    .action((path?: string) => run((session) => list(session, fromTyped(path ?? '.'))));
  simple('stat <path>', 'one entry', (path) => (session) => stat(session, path));
  simple('mkdir <path>', 'makes a directory', (path) => (session) => say(session, 'mkdir', path));
  program
    .command('rm <path>')
    .description('removes a file, or an empty directory')
    .option('-r', 'removes a directory with all that is in it')
    .action((path: string, flags: TreeFlags) =>
      run((session) => remove(session, fromTyped(path), flags)),
    );
  program
    .command('mv <path> <to>')
    .description('renames or moves a file or a directory')
    .action((path: string, to: string) =>
      run((session) => rename(session, fromTyped(path), fromTyped(to))),
    );
  simple('quota', 'how much you use', () => quota);
  simple('discard', 'removes unfinished uploads', () => discard);
  addTransfers(program, run);
  return program;
}

function addTransfers(program: Command, run: (job: Job) => void | Promise<void>): void {
  const moves = { get: ['fetches files', fetching], put: ['sends files', sending] } as const;
  for (const [name, [about, move]] of Object.entries(moves)) {
    program
      .command(`${name} <files...>`)
      .description(
        `${about}, several at once; in a name, * stands for any text, ? for one character`,
      )
      .option('--yes', 'overwrite without asking')
      .option('--resume', 'go on where an earlier attempt broke off')
      .option('--md5', 'computes MD5, too, which shows damage but no malice')
      .option('--as <name>', 'the name of the copy')
      .option('-r', 'takes directories, with all that is in them')
      .action((names: string[], flags: TransferFlags) =>
        run((session) => moveAll(session, move, { names, flags })),
      );
  }
}

/** Adds commands about the current directories, which last as long as a connection: only for the prompt. */
export function addPlaces(program: Command, run: (job: Job) => void | Promise<void>): void {
  program
    .command('cd [path]')
    .description('goes to a directory; without one, home')
    .action((path?: string) => run((session) => say(session, 'cd', fromTyped(path ?? '/'))));
  program
    .command('lpwd')
    .description('the local folder')
    .action(() => run(async ({ talk, directory }) => talk.say(resolve(directory))));
}
