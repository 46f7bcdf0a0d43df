// `npm run bench -- --check` tells whether something has become much slower. It compares the ratios of a few
// quick contests with floors.json. The ratios are of processor time, so that other work on the machine does
// not count. Each floor is about half of the measured ratio, so a lost fast path fails, and noise does not. A
// contest with a ratio below its floor runs again, up to three times.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readResults } from './results.ts';
import type { Result } from './results.ts';

interface Floor {
  readonly name: string;
  /** Contender that the ratio is against. Default: the contest's reference. */
  readonly of?: string;
  readonly floor: number;
}

interface Checked {
  readonly file: string;
  readonly contest: string;
  readonly floors: readonly Floor[];
}

const RETRIES = 3;
const floors = new URL('floors.json', import.meta.url);

/** Runs one contest, only between the contenders that its floors name. */
function holdAgain({ file, contest, floors: wanted }: Checked): Result {
  const folder = mkdtempSync(join(tmpdir(), 'unstick-bench-'));
  try {
    const into = join(folder, 'results');
    const names = wanted.flatMap(({ name, of }) => (of === undefined ? [name] : [name, of]));
    const among = [...new Set(names)].map((name) => `--among=${name}`);
    const { status } = spawnSync(
      process.execPath,
      [
        ...process.execArgv,
        fileURLToPath(new URL(file, import.meta.url)),
        '--quick',
        '--cpu',
        `--only=${contest}`,
        `--into=${into}`,
        ...among,
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const [result] = status === 0 ? readResults(into) : [];
    if (result === undefined) {
      throw new Error(
        `The contest "${contest}" in ${file} failed, or there is none of this title.`,
      );
    }
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function ratioOf({ rows }: Result, { name, of }: Floor): number {
  const ratio = (wanted: string): number =>
    rows.find((row) => row.name === wanted)?.ratio ?? Number.NaN;
  return of === undefined ? ratio(name) : ratio(name) / ratio(of);
}

/**
 * Runs a contest, and again if a ratio is below its floor. Prints all ratios. Returns those that fail.
 */
function check(checked: Checked): string[] {
  let missed: string[] = [];
  for (let turn = 0; turn <= RETRIES; turn++) {
    const result = holdAgain(checked);
    missed = [];
    for (const floor of checked.floors) {
      const ratio = ratioOf(result, floor);
      const what = `${checked.contest}: ${floor.name}, against ${floor.of ?? 'the reference'}`;
      const line = `${what.padEnd(84)}${ratio.toFixed(2).padStart(7)} ×   floor ${floor.floor}`;
      console.log(ratio >= floor.floor ? line : `${line}   BELOW`);
      if (!(ratio >= floor.floor)) {
        missed.push(line);
      }
    }
    if (missed.length === 0) {
      break;
    }
  }
  return missed;
}

const all: Checked[] = JSON.parse(readFileSync(floors, 'utf8'));
const missed = all.flatMap(check);
if (missed.length > 0) {
  console.error(`\n${missed.length} ratios below their floors:\n${missed.join('\n')}`);
  process.exitCode = 1;
} else {
  console.log('\nEvery ratio is above its floor.');
}
