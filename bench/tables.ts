// Writes results into the tables of docs/performance-findings.md, with a column or a figure for each version
// of Node:
//   npm run bench -- --json > v20.json     (with Node 20, then with others)
//   npx tsx bench/tables.ts v20.json v24.json
// Files of one version are taken together, and a later result of a contest replaces an earlier one. A table of
// which no file has a result stays as it is.

import { readFileSync, writeFileSync } from 'node:fs';
import type { Result, Row, Verdict } from './results.ts';

interface Run {
  readonly node: string;
  readonly results: readonly Result[];
}

/**
 * The tables. `title` matches the contests of a table, and its group, which differs, is the head of a column.
 */
const groups: readonly { readonly mark: string; readonly title: RegExp }[] = [
  { mark: 'languages in place', title: /^from C, (\S+ \S+) payloads, shown in place$/ },
  { mark: 'languages values', title: /^from C, (\S+ \S+) payloads, a value for each frame$/ },
  { mark: 'languages echo', title: /^from C, echo of 64 B, (p\d+)$/ },
  { mark: 'decode', title: /^decode (\S+ \S+) payloads$/ },
  { mark: 'streams', title: /^streams of (\S+ \S+) payloads$/ },
  { mark: 'formats', title: /^formats, (.+)$/ },
  { mark: 'encode', title: /^encode (\S+ \S+) payloads$/ },
  { mark: 'decode messages', title: /^decode messages with (.+) bodies$/ },
  { mark: 'encode messages', title: /^encode messages with (.+) bodies$/ },
  { mark: 'receive', title: /^receive (\S+ \S+) payloads over loopback$/ },
  { mark: 'bodies', title: /^receive message bodies of (.+) over loopback$/ },
  { mark: 'send', title: /^send (\S+ \S+) payloads over loopback$/ },
  { mark: 'echo', title: /^echo of 64 B, (p\d+)/ },
  { mark: 'connections', title: /^receive from (\d+) connections$/ },
  { mark: 'memory', title: /^\d+ idle connections, (\w+)$/ },
];

const path = new URL('../docs/performance-findings.md', import.meta.url);
const runs = merged(
  process.argv.slice(2).map((file): Run => JSON.parse(readFileSync(file, 'utf8'))),
);

/** One run for each version of Node, in the order in which they were given. */
function merged(given: readonly Run[]): Run[] {
  const versions = new Map<string, Map<string, Result>>();
  for (const { node, results } of given) {
    const byTitle = versions.get(node) ?? new Map<string, Result>();
    for (const result of results) {
      byTitle.set(result.title, result);
    }
    versions.set(node, byTitle);
  }
  return [...versions].map(([node, byTitle]) => ({ node, results: [...byTitle.values()] }));
}

function digits(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) {
    return '';
  }
  return value < 0.095 ? value.toPrecision(1) : value.toFixed(value < 10 ? 2 : 1);
}

/** A cell with one figure for each run. */
function cell(figures: readonly (number | undefined)[]): string {
  return figures.some((figure) => figure !== undefined) ? figures.map(digits).join(' · ') : '';
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function rowsOf(run: Run, contest: string): readonly Row[] {
  return run.results.find((result) => result.title === contest)?.rows ?? [];
}

/** The table of the contests with such a title. undefined if no run has one. */
function tableOf(title: RegExp): string | undefined {
  const contests = [
    ...new Set(runs.flatMap(({ results }) => results.map((result) => result.title))),
  ].filter((name) => title.test(name));
  if (contests.length === 0) {
    return undefined;
  }
  const names = new Set(
    runs.flatMap((run) => contests.flatMap((contest) => rowsOf(run, contest).map((r) => r.name))),
  );
  const columns = contests.map((contest) => title.exec(contest)?.[1] ?? contest);
  const rows = [...names].map((name) =>
    line([
      name,
      ...contests.map((contest) =>
        cell(runs.map((run) => rowsOf(run, contest).find((row) => row.name === name)?.ratio)),
      ),
    ]),
  );
  return [line(['', ...columns]), line(['---', ...columns.map(() => '---')]), ...rows].join('\n');
}

const wanted = ({ atLeast, atMost }: Verdict): string =>
  atLeast === undefined ? `≤ ${digits(atMost)}` : `≥ ${digits(atLeast)}`;

/** The table of all targets, with the figure of each run. */
function targetsTable(): string {
  const [first] = runs;
  const rows = first?.results.flatMap(({ title, verdicts }) =>
    verdicts.map((verdict, i) => {
      const found = runs.map((run) => {
        const same = run.results.find((result) => result.title === title)?.verdicts[i];
        return same === undefined ? '' : `${digits(same.value)}${same.holds ? '' : ' **missed**'}`;
      });
      const what =
        verdict.of === undefined ? verdict.name : `${verdict.name}, against ${verdict.of}`;
      return line([title, what, wanted(verdict), ...found]);
    }),
  );
  const heads = ['contest', 'what', 'wanted', ...runs.map(({ node }) => `Node ${node}`)];
  return [line(heads), line(heads.map(() => '---')), ...(rows ?? [])].join('\n');
}

/** The text with a new table between the two marks. */
function filled(text: string, mark: string, table: string): string {
  const [begin, end] = [`<!-- ${mark}: begin -->`, `<!-- ${mark}: end -->`];
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`docs/performance-findings.md has no ${begin} and ${end}.`);
  }
  return `${before}${begin}\n${table}\n${end}${after}`;
}

let text = readFileSync(path, 'utf8');
for (const { mark, title } of groups) {
  const table = tableOf(title);
  text = table === undefined ? text : filled(text, mark, table);
}
writeFileSync(path, filled(text, 'targets', targetsTable()));
