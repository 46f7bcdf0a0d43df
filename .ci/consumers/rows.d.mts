// Types of rows.mjs, for the test of docs/runtimes.md.

export interface Row {
  readonly name: string;
  readonly command: readonly string[];
  readonly says: RegExp;
  readonly fails?: boolean;
}

export const ROWS: readonly Row[];
export const ELSEWHERE: readonly { readonly name: string; readonly file: string }[];
