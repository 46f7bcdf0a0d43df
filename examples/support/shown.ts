// Prints text of remotes: file names, answers, refusals, lines of a chat. All of it goes through printable()
// of the library, and this file only wraps it for the examples.

import { printable } from '../../src/entries/main.ts';

/** Maximum length of a line: an attacker may send longer ones. */
const LONGEST_LINE = 64 * 1024;
const MAX_QUOTED = 200;

/** A whole line of output, with text of any origin. Nothing in it moves a cursor or forges a line. */
export function shownLine(line: string): string {
  return printable(line, { quotes: false, keepJoiners: true, maxLength: LONGEST_LINE });
}

/** The same for a text of several lines that are meant to be lines. */
export function shownLines(text: string): string {
  return text.split('\n').map(shownLine).join('\n');
}

/** Text of a remote inside a line of this program, in quotes, so that readers see where it ends. */
export function quoted(text: string): string {
  return printable(text, { keepJoiners: true, maxLength: MAX_QUOTED });
}

/** Text drawn on one line: ⏎ stands where a line ends. */
export function onOneLine(bytes: Uint8Array | string): string {
  const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString();
  return shownLine(text.replaceAll(/\r?\n/g, '⏎').replaceAll(/ {2,}/g, ' '));
}

/** A thrown value as text of one line. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

export function printLine(line: string): void {
  process.stdout.write(`${shownLine(line)}\n`);
}

export function printError(line: string): void {
  process.stderr.write(`${shownLine(line)}\n`);
}
