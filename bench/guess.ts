// How often the guess of a framing is right: on captures of real protocols, each with its own format left out, on
// conversations that it records itself, on streams of every row of `formats` and of random options, and on bytes that
// have no frames.
//
//   npm run bench -- guess                                     prints the tables
//   npm run bench -- guess --evidence docs/guessing.md         writes them between the marks of the page
//   npx tsx bench/guess.ts --quick --parts real,negatives      fewer cases, and some of the parts
//
// It needs tshark, and fetches the captures from Debian's source packages. The part `recorded` needs the servers and
// clients of guess/recorded/, and says which packages are missing.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { knownCases, newCases } from './guess/cases.ts';
import { measureNegatives, measureRandom, measureReal, measureRows } from './guess/measure.ts';
import { recordedCases } from './guess/recorded.ts';
import { reportOf } from './guess/report.ts';
import { measureTime } from './guess/time.ts';
import { publish } from './results.ts';

const { values } = parseArgs({
  strict: false,
  options: {
    evidence: { type: 'string' },
    details: { type: 'string' },
    quick: { type: 'boolean' },
    parts: { type: 'string', default: 'real,new,recorded,negatives,random,rows,time' },
    seed: { type: 'string', default: '1' },
  },
});
/** With --quick: maximum number of conversations of one protocol, and number of streams of random options. */
const QUICK_CASES = 3;
const QUICK_STREAMS = 20;

const seed = Number(values.seed);
const progress = (text: string): void => void process.stderr.write(`guess: ${text}\n`);

/** A protocol that could not be recorded is missing in the tables, so the run fails. */
function complain(problem: string): void {
  progress(`not measured: ${problem}`);
  process.exitCode = 1;
}

const isQuick = values.quick === true;
const most = isQuick ? QUICK_CASES : undefined;
/** Whether a part of the evaluation is asked for: all are, unless --parts names some. */
const has = (part: string): boolean => String(values.parts).split(',').includes(part);
/** Needed for all parts that compare with them or count them. */
const cases = ['real', 'new', 'negatives'].some(has) ? await knownCases(most) : [];
const figures = {
  cases,
  seed,
  commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
  time: has('time') ? measureTime() : {},
  real: has('real') ? measureReal(cases, progress, isQuick) : [],
  fresh: has('new') ? measureReal(await newCases(cases, most), progress, isQuick) : [],
  recorded: has('recorded')
    ? measureReal(await recordedCases(complain, most), progress, isQuick)
    : [],
  negatives: has('negatives') ? measureNegatives(cases, seed, progress) : [],
  random: has('random') ? measureRandom(seed, progress, isQuick ? QUICK_STREAMS : undefined) : {},
  rows: has('rows') ? measureRows(seed, progress, isQuick) : {},
};
const { markdown, verdicts } = reportOf(figures);
console.log(markdown);
publish({ title: 'guess', unit: 'share that is right', rows: [], verdicts });

if (typeof values.details === 'string') {
  const { cases: _cases, ...details } = figures;
  writeFileSync(values.details, JSON.stringify(details));
}
if (typeof values.evidence === 'string') {
  const MARKS = /(<!-- guess: begin[^>]*-->\n)[^]*?(<!-- guess: end -->)/;
  const page = readFileSync(values.evidence, 'utf8');
  if (!MARKS.test(page)) {
    throw new Error(`${values.evidence} has no marks "guess: begin" and "guess: end".`);
  }
  writeFileSync(
    values.evidence,
    page.replace(MARKS, (_, begin: string, end: string) => `${begin}\n${markdown}\n${end}`),
  );
}
