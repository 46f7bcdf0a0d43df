#!/usr/bin/env node
// Run `unstick prove` against the servers of a manifest and compare each verdict with the truth.
// The truth is what a careful reader of the source would say; the manifest argues it (README.md).

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  RIGHT_VERDICTS,
  build,
  eachOf,
  fill,
  freePort,
  inFolder,
  missingProgram,
  randomFrom,
  readManifest,
  sendOptions,
  start,
  stopOnSignals,
} from './targets.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const USAGE = `usage: node test/targets/run.mjs [options]
  --unstick COMMAND  how to run unstick (node dist/cli/main.js)
  --only NAME        run this target alone (repeatable)
  --sample N         run N targets that the seed chooses
  --seed N           seed of the prover and of the sample (7)
  --jobs N           targets at the same time (2)
  --limit SECONDS    time until a target counts as one without a verdict (240)
  --targets FOLDER   folder of the manifest (test/targets)
  --verbose          print right verdicts too
  --evidence FILE    write the figures between the marks "targets: begin" and "targets: end" of a
                     markdown file, or into a new file
Exit code: 0 when every verdict is right.`;
const VERDICTS = { 0: 'SAFE', 1: 'BROKEN', 3: 'INCONCLUSIVE' };
const CLASSES = { BROKEN: 'broken', NOT_SAFE: 'broken', SAFE: 'right' };
const OTHER_CLASS = 'right, but cannot be judged by its answers';
const MARKS = /(<!-- targets: begin[^>]*-->\n)[^]*?(<!-- targets: end -->)/;

function readOptions() {
  const string = (value) => ({ type: 'string', default: value });
  const { values } = parseArgs({
    options: {
      unstick: string(`node ${path.resolve(HERE, '../../dist/cli/main.js')}`),
      only: { type: 'string', multiple: true, default: [] },
      sample: string('Infinity'),
      seed: string('7'),
      jobs: string('2'),
      limit: string('240'),
      targets: string(HERE),
      evidence: { type: 'string' },
      verbose: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  return values;
}

/** N of the targets, in the order of the manifest. */
function sampleOf(targets, count, seed) {
  const random = randomFrom(seed);
  const keys = new Map(targets.map((target) => [target, random()]));
  const chosen = new Set([...targets].sort((a, b) => keys.get(a) - keys.get(b)).slice(0, count));
  return targets.filter((target) => chosen.has(target));
}

/** Run the prover on one target; gives its verdict and the seconds that it took. */
async function judge(target, options) {
  return await inFolder(async (tmp) => {
    const words = { tmp, dir: path.resolve(options.targets), port: await freePort() };
    await build(target, words);
    const command = [
      ...options.unstick.split(' '),
      ...['prove', '--to', `127.0.0.1:${words.port}`, '--spawn', fill(target.spawn, words)],
      ...['--seed', options.seed, '--json'],
      ...sendOptions(target, words),
      ...(target.options ?? []),
    ];
    const started = Date.now();
    const { exited, stop } = start(command, { cwd: tmp });
    let isLate = false;
    const timers = [
      setTimeout(() => {
        isLate = true;
        stop('SIGTERM'); // so that the prover ends the server that it started
      }, options.limit * 1000),
      setTimeout(() => stop('SIGKILL'), options.limit * 1000 + 5000),
    ];
    const code = await exited;
    timers.forEach(clearTimeout);
    const verdict = isLate
      ? `no verdict in ${options.limit} s`
      : (VERDICTS[code] ?? `exit code ${code}`);
    return { target, verdict, seconds: (Date.now() - started) / 1000 };
  });
}

function isRight({ target, verdict }) {
  return RIGHT_VERDICTS[target.want].includes(verdict);
}

/** Results by class: the name of the class, how many are right, how many wrong. */
function countsOf(results) {
  return ['broken', 'right', OTHER_CLASS]
    .map((name) => {
      const own = results.filter(({ target }) => (CLASSES[target.want] ?? OTHER_CLASS) === name);
      const right = own.filter(isRight).length;
      return { name, right, wrong: own.length - right };
    })
    .filter(({ right, wrong }) => right + wrong > 0);
}

function evidenceOf(results, skipped) {
  const languages = [...new Set(results.map(({ target }) => target.language))].join(', ');
  const lines = [
    `${results.length} servers (${languages}).`,
    '',
    '| servers that are | right verdict | wrong verdict |',
    '|---|---|---|',
    ...countsOf(results).map(({ name, right, wrong }) => `| ${name} | ${right} | ${wrong} |`),
    '',
  ];
  const wrong = results.filter((result) => !isRight(result));
  if (wrong.length > 0) {
    lines.push('| judged wrongly | kind | verdict | the truth |', '|---|---|---|---|');
    for (const { target, verdict } of wrong) {
      const why = target.why?.replaceAll('|', '\\|') ?? '';
      lines.push(
        `| ${target.name} (${target.language}) | ${target.kind} | ${verdict} | ${target.want}: ${why} |`,
      );
    }
    lines.push('');
  }
  if (skipped.length > 0) {
    lines.push(`Not run, as their language was not there: ${skipped.join(', ')}.`, '');
  }
  return lines.join('\n');
}

function writeEvidence(file, text) {
  let before = '';
  try {
    before = readFileSync(file, 'utf8');
  } catch {
    // A new file.
  }
  const after = MARKS.test(before)
    ? before.replace(MARKS, (_, begin, end) => `${begin}\n${text}\n${end}`)
    : text;
  writeFileSync(file, after);
}

function report(result, progress, isVerbose) {
  const { target, verdict, seconds } = result;
  const took = `(${seconds.toFixed(0)} s)`;
  if (!isRight(result)) {
    console.log(`${target.name}: ${verdict}, the truth is ${target.want} ${took}`);
    console.log(`    ${target.why ?? ''}`);
  } else if (isVerbose) {
    console.log(`${progress} ${target.name}: ${verdict} ${took}`);
  }
}

async function main() {
  const options = readOptions();
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const all = readManifest(options.targets, options.only);
  const targets = sampleOf(all, Number(options.sample), Number(options.seed));
  const skipped = targets.filter((target) => missingProgram(target) !== undefined);
  const order = new Map(targets.map((target, index) => [target, index]));
  const results = [];
  const playable = targets.filter((target) => !skipped.includes(target));
  await eachOf(playable, Number(options.jobs), async (target) => {
    const result = await judge(target, options);
    results.push(result);
    report(result, `${results.length} of ${playable.length}`, options.verbose);
  });
  results.sort((a, b) => order.get(a.target) - order.get(b.target));
  for (const target of skipped) {
    console.log(`${target.name}: not run, ${missingProgram(target)} is not there`);
  }
  for (const { name, right, wrong } of countsOf(results)) {
    console.log(`${name}: ${right} right, ${wrong} wrong`);
  }
  if (options.evidence !== undefined) {
    writeEvidence(
      options.evidence,
      evidenceOf(
        results,
        skipped.map(({ name }) => name),
      ),
    );
  }
  process.exitCode = results.every(isRight) ? 0 : 1;
}

stopOnSignals();
await main();
