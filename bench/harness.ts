// Runs contenders against each other and compares their medians. Each contender has its own process, so
// that what the JIT compiler learned from one neither helps nor hurts another. They take turns, so that a
// machine that slows down slows all of them.
//   --quick        runs 3 turns instead of 7
//   --only TEXT    runs only contests whose title contains TEXT
//   --among NAME   runs only this contender and those that it is compared with; may be repeated
//   --cpu          measures processor time of the contender's process, which a busy machine hardly changes

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { judge, median, publish, rowOf } from './results.ts';
import type { Result, Target } from './results.ts';

/** Runs one turn. Returns how much was done in a second, or how long it took, in the contest's unit. */
export type Contender = () => number | Promise<number>;

export interface Contest {
  readonly title: string;
  readonly unit: string;
  /** The contender that the ratios are against. */
  readonly reference: string;
  readonly contenders: Readonly<Record<string, Contender>>;
  readonly targets?: readonly Target[];
}

const TURNS = 7;
const QUICK_TURNS = 3;
const CPU = '--cpu';
const byProcessor = process.argv.includes(CPU);
const WARM_UP_TURNS = byProcessor ? 1 : 2;

/**
 * Runs the contests of a module, publishes the results, and returns them. The parent starts a process for
 * each contender from the same module. In that process this function runs turns on demand, and returns no
 * results.
 */
export async function hold(moduleUrl: string, contests: readonly Contest[]): Promise<Result[]> {
  const { values } = parseArgs({
    options: {
      contest: { type: 'string' },
      contender: { type: 'string' },
      quick: { type: 'boolean' },
      only: { type: 'string' },
      among: { type: 'string', multiple: true },
      cpu: { type: 'boolean' },
    },
    strict: false,
  });
  if (typeof values.contender === 'string') {
    const { contest, contender } = values;
    const run = contests.find(({ title }) => title === contest)?.contenders[contender];
    if (run === undefined) {
      throw new Error(`There is no contender ${contender}.`);
    }
    answerWith(run);
    return [];
  }
  const turns = values.quick === true ? QUICK_TURNS : TURNS;
  const only = typeof values.only === 'string' ? values.only : '';
  const among = values.among?.filter((name) => typeof name === 'string');
  const results: Result[] = [];
  for (const contest of contests) {
    if (!contest.title.includes(only)) {
      continue;
    }
    const result = await compete(moduleUrl, among ? narrowed(contest, among) : contest, turns);
    publish(result);
    results.push(result);
  }
  return results;
}

/** The contest reduced to `names`, the reference, and the contenders that their targets name. */
function narrowed(contest: Contest, names: readonly string[]): Contest {
  const targets = contest.targets?.filter(({ name }) => names.includes(name)) ?? [];
  const kept = new Set([contest.reference, ...names, ...targets.map(({ of }) => of)]);
  const contenders = Object.entries(contest.contenders).filter(([name]) => kept.has(name));
  return { ...contest, contenders: Object.fromEntries(contenders), targets };
}

/** In a contender's process: runs one turn for each message of the parent, and answers with its figure. */
function answerWith(run: Contender): void {
  process.on('message', () => {
    void Promise.resolve()
      .then(run)
      .then((figure) => process.send?.(figure));
  });
  process.on('disconnect', () => process.exit());
}

async function compete(moduleUrl: string, contest: Contest, turns: number): Promise<Result> {
  const names = Object.keys(contest.contenders);
  const children = new Map<string, ChildProcess>();
  const figures = new Map<string, number[]>(names.map((name) => [name, []]));
  for (const name of names) {
    const words = [
      `--contest=${contest.title}`,
      `--contender=${name}`,
      ...(byProcessor ? [CPU] : []),
    ];
    children.set(name, fork(fileURLToPath(moduleUrl), words));
  }
  for (let turn = 0; turn < WARM_UP_TURNS + turns; turn++) {
    const order = turn % 2 === 0 ? names : names.toReversed();
    for (const name of order) {
      const child = children.get(name);
      if (child === undefined) {
        continue;
      }
      const figure = await turnOf(child, name);
      if (turn >= WARM_UP_TURNS) {
        figures.get(name)?.push(figure);
      }
    }
  }
  for (const child of children.values()) {
    child.disconnect();
  }
  return resultOf(contest, figures);
}

async function turnOf(child: ChildProcess, name: string): Promise<number> {
  const settled = new AbortController();
  const gone = once(child, 'exit', { signal: settled.signal }).then(
    () => {
      throw new Error(`The process of ${name} ended before its turn was over.`);
    },
    () => Number.NaN,
  );
  const answered = once(child, 'message').then(([figure]: unknown[]) => Number(figure));
  child.send('run');
  const figure = await Promise.race([answered, gone]);
  settled.abort();
  return figure;
}

function resultOf(contest: Contest, figures: ReadonlyMap<string, number[]>): Result {
  const medianOf = (name: string): number => median(figures.get(name) ?? []);
  const reference = medianOf(contest.reference);
  const rows = [...figures].map(([name, list]) => ({
    ...rowOf(name, list),
    ratio: median(list) / reference,
  }));
  const verdicts = (contest.targets ?? []).flatMap(({ ofFastest, ...target }) => {
    const candidates = ofFastest ?? [target.of ?? contest.reference];
    const of = candidates
      .filter((name) => figures.has(name))
      .reduce<string | undefined>(
        (best, name) => (best && medianOf(best) >= medianOf(name) ? best : name),
        undefined,
      );
    if (of === undefined || !figures.has(target.name)) {
      return [];
    }
    return [judge({ ...target, of }, medianOf(target.name) / medianOf(of))];
  });
  return { title: contest.title, unit: contest.unit, rows, verdicts };
}

/** Time in seconds that `work` takes; with --cpu, processor time. */
export async function seconds(work: () => unknown): Promise<number> {
  const start = process.hrtime.bigint();
  const used = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(used);
  return byProcessor ? (user + system) / 1e6 : Number(process.hrtime.bigint() - start) / 1e9;
}
