// How much a hostile remote can cost a server, measured the same way for this library, ws, the HTTP/2 of Node
// (nghttp2) and OpenSSH, all with their default options. Prints a table in Markdown. --limit is the longest
// time to wait for the end of a connection (default 150 s), --only chooses rows by title.
//   npx tsx bench/strangers/run.ts [--limit SECONDS] [--only TEXT]

import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { isInstalled } from '../others/load.ts';
import { dial, flood, startServer } from './remote.ts';
import type { Dialled, Remotes } from './remote.ts';
import { startSshd } from './sshd.ts';
import type { Sshd } from './sshd.ts';

const { values } = parseArgs({
  options: { limit: { type: 'string', default: '150' }, only: { type: 'string', default: '' } },
});
/** Seconds after which a connection counts as never ended by the server. */
const LIMIT = Number(values.limit);
const MIB = 2 ** 20;
const NONE = '–';
const REQUESTS = 1024;
const PIECES = 60_000;
const FLOOD = 100_000;
const FLOOD_SECONDS = 30;
const CROWD = 1000;
/**
 * Number of connections for measuring sshd's memory. From the tenth not logged in, sshd refuses some at
 * random.
 */
const SSH_CROWD = 9;
const SETTLE_MS = 3000;

type Row = Readonly<Record<string, (remotes: Remotes) => Promise<string>>>;

function seconds(time: number | undefined): string {
  return time === undefined ? `not within ${LIMIT} s` : `${time.toFixed(time < 10 ? 1 : 0)} s`;
}

function mebibytes(bytes: number): string {
  return `${(Math.max(0, bytes) / MIB).toFixed(1)} MiB`;
}

async function admitted({ dial: connect, language }: Remotes): Promise<Dialled> {
  const one = await connect(language.whole);
  await wait(500);
  return one;
}

async function until(remotes: Remotes, first: Uint8Array | undefined): Promise<string> {
  return seconds(await (await remotes.dial(first)).ended(LIMIT));
}

/**
 * Floods from a remote that reads or does not. Returns how it ended, the calls of handlers, and the memory
 * held.
 */
async function flooded(
  remotes: Remotes,
  {
    count,
    thing,
    isReading,
  }: { count: number; thing: (i: number) => Uint8Array; isReading: boolean },
): Promise<string> {
  const one = await admitted(remotes);
  const before = await remotes.ask();
  if (!isReading) {
    one.socket.pause();
  }
  await flood(one, { count, thing, limit: FLOOD_SECONDS });
  const time = await one.ended(FLOOD_SECONDS);
  const after = await remotes.ask();
  one.socket.destroy();
  const fate = time === undefined ? 'stays' : `ended after ${time.toFixed(1)} s`;
  return `${fate}; ${after.calls - before.calls} calls; ${mebibytes(after.held - before.held)}`;
}

const rows: Row = {
  'says nothing: ended after': (remotes) => until(remotes, undefined),
  'half a handshake: ended after': (remotes) => until(remotes, remotes.language.half),
  'let in, then nothing: ended after': (remotes) => until(remotes, remotes.language.whole),
  'let in, then half a message: ended after': async (remotes) => {
    const one = await admitted(remotes);
    one.socket.write(remotes.language.halfMessage);
    return seconds(await one.ended(LIMIT));
  },
  '1024 requests of 64 KiB each, never reads: held, ended after': async (remotes) => {
    const one = await admitted(remotes);
    const before = await remotes.ask();
    one.socket.pause();
    await flood(one, { count: REQUESTS, thing: remotes.language.request, limit: FLOOD_SECONDS });
    await wait(SETTLE_MS);
    const { held } = await remotes.ask();
    const time = await endOfUnread(one);
    return `${mebibytes(held - before.held)}; ${seconds(time)}`;
  },
  '60 000 pieces of one byte that nobody reads: held': async (remotes) => {
    const { large, piece } = remotes.language;
    if (large === undefined || piece === undefined) {
      return NONE;
    }
    const thing = (i: number): Uint8Array => (i === 1 ? Buffer.concat([large, piece]) : piece);
    return flooded(remotes, { count: PIECES, thing, isReading: true });
  },
  '100 000 times begun and reset': async (remotes) => {
    const { reset } = remotes.language;
    if (reset === undefined) {
      return NONE;
    }
    return flooded(remotes, { count: FLOOD, thing: reset, isReading: true });
  },
  '100 000 pings, answers not read': async (remotes) => {
    const { ping } = remotes.language;
    if (ping === undefined) {
      return NONE;
    }
    return flooded(remotes, { count: FLOOD, thing: ping, isReading: false });
  },
  '1000 silent connections: let in, memory of each': async (remotes) => {
    const before = await remotes.ask();
    const crowd = await Promise.all(Array.from({ length: CROWD }, () => remotes.dial()));
    await wait(1000);
    const { resident } = await remotes.ask();
    const alive = crowd.filter((one) => !one.isOver()).length;
    for (const { socket } of crowd) {
      socket.destroy();
    }
    return `${alive}; ${Math.round((resident - before.resident) / CROWD / 1024)} KiB`;
  },
};

/**
 * Seconds until the server ends a remote that does not read. To notice a reset, the remote writes every
 * second.
 */
async function endOfUnread(one: Dialled): Promise<number | undefined> {
  const start = performance.now();
  const looking = setInterval(() => one.socket.write(''), 1000);
  while (!one.isOver() && performance.now() - start < LIMIT * 1000) {
    await wait(100);
  }
  clearInterval(looking);
  const over = one.isOver();
  one.socket.destroy();
  return over ? (performance.now() - start + SETTLE_MS) / 1000 : undefined;
}

/** Seconds until the process of a connection has ended; undefined if it has not within LIMIT. */
async function gone(isGone: () => boolean): Promise<number | undefined> {
  const start = performance.now();
  while (!isGone() && performance.now() - start < LIMIT * 1000) {
    await wait(100);
  }
  return isGone() ? (performance.now() - start) / 1000 : undefined;
}

const HALF_SSH = Buffer.from('SSH-2.0-Op');

/**
 * A number, once it has been the same for 5 s: sshd starts a process even for a connection that it refuses.
 */
async function settled(read: () => number): Promise<number> {
  let last = read();
  for (let same = 0; same < 10; same++) {
    await wait(500);
    if (read() !== last) {
      same = 0;
    }
    last = read();
  }
  return last;
}

async function stopped(sshd: Sshd, command: string): Promise<string> {
  const client = await sshd.client(command);
  const before = sshd.children();
  client.kill('SIGSTOP');
  await wait(SETTLE_MS);
  const { memory } = sshd.children();
  const time = await gone(() => sshd.children().count === 0);
  return command === 'echo; sleep 1000'
    ? seconds(time)
    : `${mebibytes(memory - before.memory)}; ${seconds(time)}`;
}

/** Each row has an sshd of its own, because a connection of sshd can be recognised only by its process. */
const sshRows: Readonly<Record<string, (sshd: Sshd) => Promise<string>>> = {
  'says nothing: ended after': async ({ port }) => seconds(await (await dial(port)).ended(LIMIT)),
  'half a handshake: ended after': async ({ port }) =>
    seconds(await (await dial(port, HALF_SSH)).ended(LIMIT)),
  'let in, then nothing: ended after': (sshd) => stopped(sshd, 'echo; sleep 1000'),
  '1024 requests of 64 KiB each, never reads: held, ended after': (sshd) =>
    stopped(sshd, 'cat /dev/zero'),
  '1000 silent connections: let in, memory of each': async ({ port, children }) => {
    const few = await Promise.all(Array.from({ length: SSH_CROWD }, () => dial(port)));
    await wait(1000);
    const { count, memory } = children();
    const rest = await Promise.all(Array.from({ length: CROWD - SSH_CROWD }, () => dial(port)));
    const all = [...few, ...rest];
    // Count processes: a connection that waits in the kernel's backlog is open, but sshd has not accepted it.
    const alive = await settled(() => children().count);
    for (const { socket } of all) {
      socket.destroy();
    }
    return `${alive}; ${Math.round(memory / count / 1024)} KiB`;
  },
};

type Cells = Record<string, string>;

const versions = new Set([
  `Node ${process.versions.node}`,
  `nghttp2 ${process.versions['nghttp2']}`,
]);
type Measure = () => Promise<string>;

async function measured(name: string, measure: Row[string]): Promise<string> {
  const remotes = await startServer(name);
  const cell = await measure(remotes);
  remotes.stop();
  return cell;
}

async function measuredSshd(measure: (sshd: Sshd) => Promise<string>): Promise<string> {
  const sshd = await startSshd();
  if (sshd === undefined) {
    return 'no sshd here';
  }
  versions.add(sshd.version);
  const cell = await measure(sshd);
  sshd.stop();
  return cell;
}

const names = ['serve', 'peers', ...(isInstalled('ws') ? ['ws'] : []), 'http2'];
const columns: Record<string, Cells> = {};
const titles = Object.keys(rows).filter((title) => title.includes(values.only));
const jobs = titles.flatMap((title) => {
  const ours = names.map((name): [string, Measure] => [
    name,
    () => measured(name, rows[title] ?? (() => Promise.resolve(NONE))),
  ]);
  const ssh = sshRows[title];
  if (ssh !== undefined) {
    ours.push(['sshd', () => measuredSshd(ssh)]);
  }
  return ours.map(([name, measure]) => ({ title, name, measure }));
});

async function hold({ title, name, measure }: (typeof jobs)[number]): Promise<void> {
  const cell = await measure();
  (columns[name] ??= {})[title] = cell;
  console.error(`${name}, ${title}: ${cell}`);
}

// Rows that only wait for an end run at the same time. The others use the processor, so they run one by one.
const isWaiting = ({ title }: { readonly title: string }): boolean => title.includes('ended after');
for (const job of jobs) {
  if (!isWaiting(job)) {
    await hold(job);
  }
}
await Promise.all(jobs.filter(isWaiting).map(hold));

const all = [...names, 'sshd'];
console.log([...versions].join(', '));
console.log(`| a remote | ${all.join(' | ')} |\n|${' --- |'.repeat(all.length + 1)}`);
for (const title of titles) {
  console.log(`| ${title} | ${all.map((name) => columns[name]?.[title] ?? NONE).join(' | ')} |`);
}
process.exit();
