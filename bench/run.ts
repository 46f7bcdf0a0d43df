// `npm run bench` runs the benchmarks one after the other, or only those named. `--help` lists the options.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { isInstalled } from './others/load.ts';
import { readResults, verdictText } from './results.ts';
import type { Result } from './results.ts';

const files = [
  'decode',
  'streams',
  'formats',
  'delimited',
  'checksums',
  'encode',
  'messages',
  'receive',
  'serve',
  'send',
  'echo',
  'growth',
  'connections',
  'peers',
  'cores',
  'memory',
  'footprint',
];

/** Benchmarks that run only if they are named, because they need more than this package. */
const ONLY_BY_NAME = ['languages', 'guess'];

/** Runs a file of this folder; false if it failed. */
function run(name: string, words: readonly string[], output: 'inherit' | 'ignore'): boolean {
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const { status } = spawnSync(process.execPath, [...process.execArgv, file, ...words], {
    stdio: ['ignore', output, 'inherit'],
  });
  return status === 0;
}

/**
 * Says whether other programs were at work. The load before the first benchmark is theirs alone; a load of a
 * benchmark itself is at most two processes.
 */
function busyness(before: number, after: number): string {
  const isBusy = before > 0.5 || after > 2.5;
  const figures = `load ${before.toFixed(1)} before, ${after.toFixed(1)} after, ${availableParallelism()} cores`;
  return isBusy
    ? `THE MACHINE WAS BUSY (${figures}): trust no figure that is near its target.`
    : `The machine was quiet (${figures}).`;
}

function runAll(
  names: readonly string[],
  wordsOf: (name: string) => readonly string[],
  asJson: boolean,
): void {
  const folder = mkdtempSync(join(tmpdir(), 'unstick-bench-'));
  const into = join(folder, 'results');
  const [before = 0] = loadavg();
  try {
    for (const name of names) {
      const went = run(name, [...wordsOf(name), `--into=${into}`], asJson ? 'ignore' : 'inherit');
      if (!went) {
        process.exitCode = 1;
      }
    }
    if (!existsSync(into)) {
      console.error('No contest has a title that contains the text of --only.');
      process.exitCode = 2;
      return;
    }
    const results = readResults(into);
    const [after = 0] = loadavg();
    const machine = busyness(before, after);
    if (asJson) {
      console.log(JSON.stringify({ node: process.versions.node, machine, results }, undefined, 1));
    } else {
      summarize(results);
      console.log(`\nNode ${process.versions.node}. ${machine}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function summarize(results: readonly Result[]): void {
  console.log('\nThe targets of the project, and the measured figures');
  for (const { title, verdicts } of results) {
    for (const verdict of verdicts) {
      console.log(`  ${verdictText(verdict)}  (${title})`);
    }
  }
}

const known = [...files, ...ONLY_BY_NAME];

function positiveCount(text: string): string {
  if (!/^[1-9]\d*$/.test(text)) {
    throw new InvalidArgumentError('It is not a whole number above zero.');
  }
  return text;
}

interface Words {
  readonly quick: boolean;
  readonly only: string | undefined;
  readonly cpu: boolean;
  readonly json: boolean;
  readonly connections: string | undefined;
  readonly evidence: string | undefined;
  readonly check: boolean;
}

await new Command('npm run bench --')
  .description(
    'Measures this package, others, and loops written by hand, and says which targets hold.',
  )
  .argument(
    '[name...]',
    `the benchmarks to run: ${known.join(', ')} (default: all but ${ONLY_BY_NAME.join(' and ')})`,
  )
  .option('--quick', 'run fewer turns', false)
  .option('--only <text>', 'run only contests whose title contains the text')
  .option('--cpu', 'compare processor time', false)
  .option('--json', 'print nothing but the results, as JSON', false)
  .option(
    '--connections <n>',
    'open so many idle connections (only for the benchmark memory)',
    positiveCount,
  )
  .option('--evidence <file>', 'write the result into this page (only for the benchmark guess)')
  .option(
    '--check',
    'fail if a ratio is below its floor; takes no names and no other options',
    false,
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .action((names: readonly string[], words: Words, command: Command) => {
    const unknown = names.filter((name) => !known.includes(name));
    if (unknown.length > 0) {
      command.error(`There is no benchmark ${unknown.join(', ')}; there are ${known.join(', ')}.`);
    }
    if (words.check) {
      process.exitCode = run('check', [], 'inherit') ? 0 : 1;
      return;
    }
    if (!isInstalled('ws')) {
      console.error(
        'Packages of others are not compared: to install them, run npm ci --prefix bench --ignore-scripts',
      );
    }
    const forAll = [
      ...(words.quick ? ['--quick'] : []),
      ...(words.cpu ? ['--cpu'] : []),
      ...(words.only === undefined ? [] : [`--only=${words.only}`]),
      ...(words.evidence === undefined ? [] : [`--evidence=${words.evidence}`]),
    ];
    const forMemory = words.connections === undefined ? [] : [`--connections=${words.connections}`];
    runAll(
      names.length > 0 ? names : files,
      (name) => (name === 'memory' ? [...forAll, ...forMemory] : forAll),
      words.json,
    );
  })
  .parseAsync();
