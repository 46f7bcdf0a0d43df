// What a program prints of what others chose: file names, answers, refusals, what people say. Everything
// goes through printable() of the library; here are only the ways in which the examples call it.

import { printable } from '../../src/entries/main.ts';

/** A line of a program that is longer was made long by somebody. */
const LONGEST_LINE = 64 * 1024;
const MAX_QUOTED = 200;

/** A whole line of output, whoever chose the words in it: nothing in it moves a cursor or forges a line. */
export function shownLine(line: string): string {
  return printable(line, { quotes: false, keepJoiners: true, maxLength: LONGEST_LINE });
}

/** The same for a text of several lines that are meant to be lines. */
export function shownLines(text: string): string {
  return text.split('\n').map(shownLine).join('\n');
}

/** Words of somebody else inside a line of ours, in quotes, so that nobody takes them for ours. */
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
