// Makes text of remotes safe to print: file names, answers, refusals, lines of a chat. The library's
// printable() does that; this file only wraps it for the examples.

import { printable } from '../../src/entries/main.ts';

/** Maximum length of a line that is shown. An attacker may send longer lines. */
const LONGEST_LINE = 64 * 1024;
const MAX_QUOTED = 200;

/**
 * Makes a line of output safe, whatever the origin of its text: it can neither move a cursor nor forge a
 * line.
 */
export function shownLine(line: string): string {
  return printable(line, { quotes: false, keepJoiners: true, maxLength: LONGEST_LINE });
}

/** Makes each line of a text safe to print, as `shownLine` does. Each `\n` stays; a `\r` is escaped. */
export function shownLines(text: string): string {
  return text.split('\n').map(shownLine).join('\n');
}

/** Puts text of a remote in quotes, so that readers see where it ends in a line of this program. */
export function quoted(text: string): string {
  return printable(text, { keepJoiners: true, maxLength: MAX_QUOTED });
}

/** Shows text on one line: ⏎ stands for a line end, and one blank for several. */
export function onOneLine(bytes: Uint8Array | string): string {
  const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString();
  return shownLine(text.replaceAll(/\r?\n/g, '⏎').replaceAll(/ {2,}/g, ' '));
}

/** The message of a thrown value. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

export function printLine(line: string): void {
  process.stdout.write(`${shownLine(line)}\n`);
}

export function printError(line: string): void {
  process.stderr.write(`${shownLine(line)}\n`);
}
