// The table of a comparison.

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

export function tableOf({ ours, theirs, rows }: Comparison): string {
  const lines = rows.map((row) => `| ${row.what} | ${row.ours} | ${row.theirs} |`);
  return [`|  | ${ours} | ${theirs} |`, '|---|---|---|', ...lines].join('\n');
}
