// Prints text that others chose: file names, answers, refusals, lines of a chat. All of it goes through
// printable() of the library, and this file only wraps it for the examples.

import { printable } from '../../src/entries/main.ts';

/** Longer lines are cut: an attacker may have made them long. */
const LONGEST_LINE = 64 * 1024;
const MAX_QUOTED = 200;

/** A whole line of output, whoever chose its text. Nothing in it moves a cursor or forges a line. */
export function shownLine(line: string): string {
  return printable(line, { quotes: false, keepJoiners: true, maxLength: LONGEST_LINE });
}

/** The same for a text of several lines that are meant to be lines. */
export function shownLines(text: string): string {
  return text.split('\n').map(shownLine).join('\n');
}

/** Text of others inside a line of this program, in quotes, so that readers see where it ends. */
export function quoted(text: string): string {
  return printable(text, { keepJoiners: true, maxLength: MAX_QUOTED });
}

/** Text on one line, as a picture of it: ⏎ stands where a line ends. */
export function onOneLine(bytes: Uint8Array | string): string {
  const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString();
  return shownLine(text.replaceAll(/\r?\n/g, '⏎').replaceAll(/ {2,}/g, ' '));
}

/** What was thrown, as text of one line. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

export function printLine(line: string): void {
  process.stdout.write(`${shownLine(line)}\n`);
}

export function printError(line: string): void {
  process.stderr.write(`${shownLine(line)}\n`);
}
