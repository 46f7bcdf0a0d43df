// Runs contenders against each other and prints ratios. Each contender lives in a process of its own,
// so that none profits or suffers from what the compiler learned of another; they take turns, so that
// a machine that slows down slows all of them; medians are compared, and the spread is shown.

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** One turn: how much was done in a second, in the contest's unit. */
export type Contender = () => number | Promise<number>;

export interface Contest {
  readonly title: string;
  /** What a contender's number counts, such as 'M frames/s'. */
  readonly unit: string;
  /** The contender that the ratios are against. */
  readonly reference: string;
  readonly contenders: Readonly<Record<string, Contender>>;
  /** What the project wants of each ratio; printed beside it. */
  readonly targets?: Readonly<Record<string, number>>;
}

export interface Row {
  readonly contest: string;
  readonly contender: string;
  readonly unit: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly ratio: number;
  readonly target?: number;
}

const WARM_UP_TURNS = 2;

/** Holds the contests of a module: the parent starts a process for each contender, which call back here. */
export async function hold(moduleUrl: string, contests: readonly Contest[]): Promise<void> {
  const { values } = parseArgs({
    options: {
      contest: { type: 'string' },
      contender: { type: 'string' },
      quick: { type: 'boolean' },
      json: { type: 'boolean' },
      only: { type: 'string' },
    },
    strict: false,
  });
  if (typeof values.contender === 'string') {
    const { contest, contender } = values;
    const run = contests.find(({ title }) => title === contest)?.contenders[contender];
    if (run === undefined) throw new Error(`There is no contender ${contender}.`);
    process.on('message', () => {
      void Promise.resolve(run()).then((figure) => process.send?.(figure));
    });
    process.on('disconnect', () => process.exit());
    return;
  }
  const turns = values.quick === true ? 3 : 7;
  const only = typeof values.only === 'string' ? values.only : '';
  const rows: Row[] = [];
  for (const contest of contests) {
    if (!contest.title.includes(only)) continue;
    rows.push(...(await compete(moduleUrl, contest, turns)));
    if (values.json !== true) print(rows.filter((row) => row.contest === contest.title));
  }
  if (values.json === true) console.log(JSON.stringify(rows, undefined, 1));
}

async function compete(moduleUrl: string, contest: Contest, turns: number): Promise<Row[]> {
  const names = Object.keys(contest.contenders);
  const children = new Map<string, ChildProcess>();
  const figures = new Map<string, number[]>(names.map((name) => [name, []]));
  for (const name of names) {
    const turn = [`--contest=${contest.title}`, `--contender=${name}`];
    children.set(name, fork(fileURLToPath(moduleUrl), turn));
  }
  for (let turn = 0; turn < WARM_UP_TURNS + turns; turn++) {
    const order = turn % 2 === 0 ? names : names.toReversed();
    for (const name of order) {
      const child = children.get(name);
      if (child === undefined) continue;
      child.send('run');
      const [figure]: number[] = await once(child, 'message');
      if (turn >= WARM_UP_TURNS && figure !== undefined) figures.get(name)?.push(figure);
    }
  }
  for (const child of children.values()) child.disconnect();
  return rowsOf(contest, figures);
}

function rowsOf(contest: Contest, figures: ReadonlyMap<string, number[]>): Row[] {
  const reference = median(figures.get(contest.reference) ?? []);
  return [...figures].map(([contender, list]) => {
    const target = contest.targets?.[contender];
    return {
      contest: contest.title,
      contender,
      unit: contest.unit,
      median: median(list),
      low: Math.min(...list),
      high: Math.max(...list),
      ratio: median(list) / reference,
      ...(target === undefined ? {} : { target }),
    };
  });
}

function print(rows: readonly Row[]): void {
  const [first] = rows;
  if (first === undefined) return;
  console.log(`\n${first.contest}  (${first.unit}, median of turns, and ratio)`);
  for (const { contender, median: middle, low, high, ratio, target } of rows) {
    const wanted = target === undefined ? '' : `  wanted ${target.toFixed(2)}`;
    console.log(
      `  ${contender.padEnd(34)}${middle.toFixed(3).padStart(10)}  ${ratio.toFixed(2).padStart(6)} ×` +
        `  ${low.toFixed(2)} … ${high.toFixed(2)}${wanted}`,
    );
  }
}

export function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[list.length >> 1] ?? Number.NaN;
}

/** Seconds that `work` takes. */
export async function seconds(work: () => unknown): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}
