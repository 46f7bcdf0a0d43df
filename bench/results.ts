// The results of a benchmark, as values and as printed tables. With `--into FILE` every result is appended to
// that file, too, as one line of JSON for run.ts and check.ts.

import { appendFileSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

export interface Row {
  readonly name: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** The median divided by the reference's median. Missing if the figure stands alone. */
  readonly ratio?: number;
}

/** What the project wants of a ratio, or of a figure that stands alone. */
export interface Target {
  readonly name: string;
  /** Contender that `name` is compared with. Default: the contest's reference. */
  readonly of?: string;
  /** Instead of `of`: compare with the contender of these that has the largest figure. */
  readonly ofFastest?: readonly string[];
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Verdict extends Omit<Target, 'ofFastest'> {
  readonly value: number;
  readonly holds: boolean;
}

export interface Result {
  readonly title: string;
  /** What a figure counts, such as 'M frames/s'. */
  readonly unit: string;
  readonly rows: readonly Row[];
  readonly verdicts: readonly Verdict[];
}

export function judge(target: Omit<Target, 'ofFastest'>, value: number): Verdict {
  const { atLeast = -Infinity, atMost = Infinity } = target;
  return { ...target, value, holds: value >= atLeast && value <= atMost };
}

/** The row of a figure without a ratio, from one or several measurements. */
export function rowOf(name: string, list: readonly number[]): Row {
  return { name, median: median(list), low: Math.min(...list), high: Math.max(...list) };
}

export function publish(result: Result): void {
  const { values } = parseArgs({ options: { into: { type: 'string' } }, strict: false });
  if (typeof values.into === 'string') {
    appendFileSync(values.into, `${JSON.stringify(result)}\n`);
  }
  const { title, unit, rows, verdicts } = result;
  console.log(`\n${title}  (${unit}; median, ratio, spread)`);
  for (const row of rows) {
    console.log(`  ${rowText(row)}`);
  }
  for (const verdict of verdicts) {
    console.log(`  ${verdictText(verdict)}`);
  }
}

/** The results that `publish` appended to a file. */
export function readResults(file: string): Result[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line): Result => JSON.parse(line));
}

export function verdictText({ name, of, atLeast, atMost, value, holds }: Verdict): string {
  const wanted = atLeast === undefined ? `at most ${String(atMost)}` : `at least ${atLeast}`;
  const against = of === undefined ? '' : ` against ${of}`;
  return `${holds ? 'holds ' : 'MISSED'}  ${name}${against}: ${digits(value)}, wanted ${wanted}`;
}

function rowText({ name, median: middle, low, high, ratio }: Row): string {
  const against = ratio === undefined ? ''.padStart(10) : `${digits(ratio)} ×`.padStart(10);
  const spread = low === high ? '' : `  ${digits(low)} … ${digits(high)}`;
  return `${name.padEnd(44)}${digits(middle).padStart(10)}${against}${spread}`;
}

/** A number with three significant digits: ratios of 0.005 and counts of 4600 are in the same column. */
function digits(value: number): string {
  if (!Number.isFinite(value) || value === 0) {
    return String(value);
  }
  const places = 2 - Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.min(Math.max(places, 0), 4));
}

export function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[list.length >> 1] ?? Number.NaN;
}
