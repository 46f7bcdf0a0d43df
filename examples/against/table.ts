// The table of a comparison, and its place in a README: between two marks, so that only a run writes it.

import { readFileSync, writeFileSync } from 'node:fs';

export interface Row {
  readonly what: string;
  readonly ours: string;
  readonly theirs: string;
}

export interface Comparison {
  /** The names of both programs, as heads of columns. */
  readonly ours: string;
  readonly theirs: string;
  readonly rows: readonly Row[];
}

const BEGIN = '<!-- against: written by examples/against/run.ts -->';
const END = '<!-- against: end -->';

export function tableOf({ ours, theirs, rows }: Comparison): string {
  const lines = rows.map((row) => `| ${row.what} | ${row.ours} | ${row.theirs} |`);
  return [`|  | ${ours} | ${theirs} |`, '|---|---|---|', ...lines].join('\n');
}

/** Puts the text in the place of what stood between the marks of the file. */
export function writeBetweenMarks(file: string | URL, text: string): void {
  const page = readFileSync(file, 'utf8');
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) {
    throw new Error(`${String(file)} has no marks for the table.`);
  }
  writeFileSync(file, `${page.slice(0, from)}${BEGIN}\n\n${text}\n\n${page.slice(to)}`);
}
