// Compares the speed of the file transfer with that of a bare script (speed/bare.ts), which copies the same
// file over a raw socket and hashes on both sides. The two take turns, so that other load of the machine
// slows both. Prints the ratios.
//
//   npx tsx examples/file-transfer/speed.ts --size 1GiB --rounds 5 --in /dev/shm

import { mkdtemp, rm } from 'node:fs/promises';
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
const env = { FILES_PASSWORD: user.password };
const PATIENCE_MS = 600_000;

/** The seconds that a program says it took. */
async function secondsOf(program: StartedProgram): Promise<number> {
  const [, seconds] = await program.line(/in ([\d.]+) s/, { patience: PATIENCE_MS });
  await program.ended;
  return Number(seconds);
}

class Contest {
  readonly #stage: Stage;
  readonly #directory: string;
  readonly #port: number;

  constructor(stage: Stage, directory: string, port: number) {
    this.#stage = stage;
    this.#directory = directory;
    this.#port = port;
  }

  async bare(...sync: string[]): Promise<number> {
    const copy = join(this.#directory, 'copy');
    const receiver = this.#stage.start('speed/bare.ts', ['receive', copy, ...sync]);
    const [, port = ''] = await receiver.line(/listening on \S*:(\d+)/);
    const big = join(this.#directory, 'big');
    const seconds = await secondsOf(this.#stage.start('speed/bare.ts', ['send', big, port]));
    await receiver.ended;
    await rm(copy);
    return seconds;
  }

  put(): Promise<number> {
    return this.#client('put', 'big');
  }

  /**
   * Fetches the file. Removes both copies afterwards: on tmpfs, replacing a file costs the time to free its
   * memory.
   */
  async get(): Promise<number> {
    const seconds = await this.#client('get', 'big', '--as', 'got');
    await rm(join(this.#directory, 'got'));
    await rm(join(this.#directory, 'root/homes', user.name, 'big'));
    return seconds;
  }

  async #client(...words: string[]): Promise<number> {
    const flags = ['--port', this.#port, '--user', user.name, '--directory', this.#directory];
    return await secondsOf(this.#stage.start('client.ts', [...flags, ...words], { env }));
  }
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function compare(stage: Stage, directory: string, rounds: number): Promise<void> {
  await new Users(join(directory, 'root')).add(user.name, user.password, { quota: 2 ** 40 });
  const withPeak = { env: { NODE_OPTIONS: `--import=${peak}` } };
  const { server, port } = await stage.serve('server.ts', ['--root', join(directory, 'root')], {
    ...withPeak,
  });
  const contest = new Contest(stage, directory, port);
  const contestants = {
    'bare script': () => contest.bare(),
    'bare script, fsync': () => contest.bare('sync'),
    put: () => contest.put(),
    get: () => contest.get(),
  };
  const times = new Map<string, number[]>();
  for (let round = 1; round <= rounds; round++) {
    for (const [name, run] of Object.entries(contestants)) {
      const seconds = await run();
      times.set(name, [...(times.get(name) ?? []), seconds]);
    }
    const row = Array.from(times, ([name, all]) => `${name} ${all.at(-1)?.toFixed(2)} s`);
    console.log(`round ${round}: ${row.join(', ')}`);
  }
  report(times);
  const { stderr } = await server.end();
  console.log(`server: ${stderr.trim()}`);
}

function report(times: ReadonlyMap<string, readonly number[]>): void {
  const [bare = [], synced = []] = times.values();
  for (const name of ['put', 'get']) {
    const own = times.get(name) ?? [];
    const against = (other: readonly number[]): string => {
      const ratios = own.map((seconds, round) => (other[round] ?? Number.NaN) / seconds);
      const best = Math.min(...other) / Math.min(...own);
      const each = ratios.map((ratio) => ratio.toFixed(2)).join(' ');
      return `${middle(ratios).toFixed(2)}x (${each}; best against best ${best.toFixed(2)})`;
    };
    console.log(`${name}: ${against(bare)} of the bare script, ${against(synced)} with its fsync`);
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
