// How the command line prints lines. Remotes, children and foreign files choose words in them, so no line
// may move a cursor, forge another line, or hide a character.

import type { UnstickError } from '../errors.ts';
import { printable } from '../text.ts';

/**
 * Maximum length of a line in characters. The longest line of this program, that of all formats, is far
 * shorter.
 */
const LONGEST_LINE = 16 * 1024;

let isSilent = false;

/** Makes the program print nothing more on standard output, as --silent asks. Errors are printed still. */
export function silence(): void {
  isSilent = true;
}

/** Whether standard output gets nothing. */
export function isSilenced(): boolean {
  return isSilent;
}

/** A line without characters that a terminal would act on or not show. */
export function shownLine(line: string): string {
  return printable(line, { quotes: false, keepJoiners: true, maxLength: LONGEST_LINE });
}

/** Prints text as it is. The caller has made sure that a terminal can show it. */
export function printRaw(text: string): void {
  if (!isSilent) {
    process.stdout.write(text);
  }
}

export function printLine(line: string): void {
  printRaw(`${shownLine(line)}\n`);
}

/** Prints what commander says of wrong words, which a script may have taken from somewhere. */
export function printUsageError(text: string): void {
  process.stderr.write(text.split('\n').map(shownLine).join('\n'));
}

/**
 * Prints what went wrong, in one line on standard error. `more` is what else the line says, such as where to
 * read on.
 */
export function printError({ message, code }: UnstickError, more = ''): void {
  process.stderr.write(`unstick: ${shownLine(message)} [${code}]${more}\n`);
}
