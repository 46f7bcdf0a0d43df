// Compares the speed of the file transfer with that of a bare script (speed/bare.ts), which copies the same
// file over a raw socket and hashes on both sides. The two take turns, so that other load of the machine
// slows both. Prints the ratios of the times, and of the processor times (Linux only), which other load
// changes less. A processor time is that of both sides together, less that of a file of one byte: the start
// of the programs and the login do not count.
//
//   npx tsx examples/file-transfer/speed.ts --size 1GiB --rounds 5 --in /dev/shm

import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { Complaint, runProgram } from '../support/program.ts';
import { Stage } from '../support/stage.ts';
import type { StartedProgram } from '../support/stage.ts';
import { parseSize, showSize } from './both/sizes.ts';
import { Users } from './server/users.ts';
import { writeNoise } from './testing/break-and-resume.ts';

const user = { name: 'alice', password: 'correct horse' };
const peak = fileURLToPath(new URL('speed/peak.mjs', import.meta.url));
const env = { FILES_PASSWORD: user.password, NODE_OPTIONS: `--import=${peak}` };
const PATIENCE_MS = 600_000;

/** Places of the processor times in /proc/PID/stat, after the name of the program. Linux counts 100 a second. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;
const TICKS_PER_SECOND = 100;

/** How long a copy took, and the processor time of both sides, in seconds. */
interface Times {
  readonly wall: number;
  readonly processor: number;
}

/** What a program says it took. */
async function timesOf(program: StartedProgram): Promise<Times> {
  const [, wall] = await program.line(/in ([\d.]+) s/, { patience: PATIENCE_MS });
  return { wall: Number(wall), processor: processorTimeIn((await program.ended).stderr) };
}

function processorTimeIn(stderr: string): number {
  return Number(/processor time ([\d.]+) s/.exec(stderr)?.[1]);
}

/** Processor time of a process until now, in seconds; NaN if the system has no /proc. */
function processorTimeOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(stat[USER_TICKS]) + Number(stat[SYSTEM_TICKS])) / TICKS_PER_SECOND;
  } catch {
    return Number.NaN;
  }
}

class Contest {
  readonly #stage: Stage;
  readonly #directory: string;
  readonly #port: number;
  readonly #serverPid: number;

  constructor(
    stage: Stage,
    { directory, port, serverPid }: { directory: string; port: number; serverPid: number },
  ) {
    this.#stage = stage;
    this.#directory = directory;
    this.#port = port;
    this.#serverPid = serverPid;
  }

  async bare(name: string, ...sync: string[]): Promise<Times> {
    const copy = join(this.#directory, 'copy');
    const receiver = this.#stage.start('speed/bare.ts', ['receive', copy, ...sync], { env });
    const [, port = ''] = await receiver.line(/listening on \S*:(\d+)/);
    const path = join(this.#directory, name);
    const sender = this.#stage.start('speed/bare.ts', ['send', path, port], { env });
    const { wall, processor } = await timesOf(sender);
    const { stderr } = await receiver.ended;
    await rm(copy);
    return { wall, processor: processor + processorTimeIn(stderr) };
  }

  put(name: string): Promise<Times> {
    return this.#client('put', name);
  }

  /**
   * Fetches the file. Removes both copies afterwards: on tmpfs, replacing a file costs the time to free its
   * memory.
   */
  async get(name: string): Promise<Times> {
    const times = await this.#client('get', name, '--as', 'got');
    await rm(join(this.#directory, 'got'));
    await rm(join(this.#directory, 'root/homes', user.name, name));
    return times;
  }

  async #client(...words: string[]): Promise<Times> {
    const flags = ['--port', this.#port, '--user', user.name, '--directory', this.#directory];
    const before = processorTimeOf(this.#serverPid);
    const client = this.#stage.start('client.ts', [...flags, ...words], { env });
    const { wall, processor } = await timesOf(client);
    return { wall, processor: processor + processorTimeOf(this.#serverPid) - before };
  }
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function compare(stage: Stage, directory: string, rounds: number): Promise<void> {
  await new Users(join(directory, 'root')).add(user.name, user.password, { quota: 2 ** 40 });
  const root = ['--root', join(directory, 'root')];
  const { server, port } = await stage.serve('server.ts', root, { env });
  const contest = new Contest(stage, { directory, port, serverPid: server.child.pid ?? 0 });
  const contestants = {
    'bare script': (name: string) => contest.bare(name),
    'bare script, fsync': (name: string) => contest.bare(name, 'sync'),
    put: (name: string) => contest.put(name),
    get: (name: string) => contest.get(name),
  };
  await writeFile(join(directory, 'tiny'), '.');
  const starts = new Map<string, number>();
  for (const [name, run] of Object.entries(contestants)) {
    starts.set(name, (await run('tiny')).processor);
  }
  const times = new Map<string, Times[]>();
  for (let round = 1; round <= rounds; round++) {
    for (const [name, run] of Object.entries(contestants)) {
      const { wall, processor } = await run('big');
      const own = { wall, processor: processor - (starts.get(name) ?? Number.NaN) };
      times.set(name, [...(times.get(name) ?? []), own]);
    }
    console.log(`round ${round}: ${Array.from(times, showLast).join(', ')}`);
  }
  report('time', times, ({ wall }) => wall);
  report('processor time', times, ({ processor }) => processor);
  const { stderr } = await server.end();
  console.log(`server: ${stderr.trim()}`);
}

function showLast([name, all]: readonly [string, readonly Times[]]): string {
  const last = all.at(-1);
  return `${name} ${last?.wall.toFixed(2)} s (processors ${last?.processor.toFixed(2)} s)`;
}

function report(
  what: string,
  times: ReadonlyMap<string, readonly Times[]>,
  pick: (one: Times) => number,
): void {
  const of = (name: string): number[] => (times.get(name) ?? []).map(pick);
  for (const name of ['put', 'get']) {
    const own = of(name);
    const against = (other: readonly number[]): string => {
      const ratios = own.map((seconds, round) => (other[round] ?? Number.NaN) / seconds);
      const best = Math.min(...other) / Math.min(...own);
      const each = ratios.map((ratio) => ratio.toFixed(2)).join(' ');
      return `${middle(ratios).toFixed(2)}x (${each}; best against best ${best.toFixed(2)})`;
    };
    const [plain, synced] = [against(of('bare script')), against(of('bare script, fsync'))];
    console.log(`${what} of ${name}: ${plain} of the bare script, ${synced} with its fsync`);
  }
}

const program = new Command('speed.ts')
  .option('--size <size>', 'size of the file', '1GiB')
  .option('--rounds <n>', 'number of rounds', '5')
  .option('--in <directory>', 'where the files go', tmpdir())
  .action(async (flags: { size: string; rounds: string; in: string }) => {
    const size = parseSize(flags.size);
    if (size === undefined) {
      throw new Complaint(`--size ${flags.size} is not a size; write it like 500MB or 1GiB.`);
    }
    const directory = await mkdtemp(join(flags.in, 'unstick-speed-'));
    const stage = new Stage(fileURLToPath(new URL('.', import.meta.url)));
    process.once('SIGINT', () => void stage.end()); // Pending calls fail, and all files are removed.
    try {
      await writeNoise(join(directory, 'big'), size);
      console.log(`${showSize(size)} in ${flags.in}, ${flags.rounds} rounds`);
      await compare(stage, directory, Number(flags.rounds));
    } finally {
      await stage.end();
      await rm(directory, { recursive: true, force: true });
    }
  });

await runProgram(async () => void (await program.parseAsync()));
