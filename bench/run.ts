// `npm run bench` runs the benchmarks one after the other; `npm run bench -- decode send` only those named.
//   --quick           runs fewer turns
//   --only TEXT       runs only contests whose title contains TEXT
//   --cpu             compares processor time
//   --json            prints nothing but the results, as JSON
//   --evidence FILE   is for the benchmark `guess`, which runs only if it is named
//   --check           runs check.ts instead, without the other options: fails if a ratio is too low

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
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
const ONLY_BY_NAME = ['guess'];

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

function runAll(names: readonly string[], words: readonly string[], asJson: boolean): void {
  const folder = mkdtempSync(join(tmpdir(), 'unstick-bench-'));
  const into = join(folder, 'results');
  const [before = 0] = loadavg();
  try {
    for (const name of names) {
      const went = run(name, [...words, `--into=${into}`], asJson ? 'ignore' : 'inherit');
      if (!went) {
        process.exitCode = 1;
      }
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

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    cpu: { type: 'boolean', default: false },
    only: { type: 'string' },
    evidence: { type: 'string' },
  },
});
const known = [...files, ...ONLY_BY_NAME];
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}; there are ${known.join(', ')}.`);
  process.exitCode = 2;
} else if (values.check) {
  if (!run('check', [], 'inherit')) {
    process.exitCode = 1;
  }
} else {
  if (!isInstalled('ws')) {
    console.error(
      'Packages of others are not compared: to install them, run npm ci --prefix bench --ignore-scripts',
    );
  }
  const words = [
    ...(values.quick ? ['--quick'] : []),
    ...(values.cpu ? ['--cpu'] : []),
    ...(values.only === undefined ? [] : [`--only=${values.only}`]),
    ...(values.evidence === undefined ? [] : [`--evidence=${values.evidence}`]),
  ];
  runAll(positionals.length > 0 ? positionals : files, words, values.json);
}
