// Prints the lines of the command line. Remotes, children and foreign files choose words in these lines, so
// no line may move a cursor, forge another line, or hide a character.

import type { UnstickError } from '../errors.ts';
import { printable } from '../text.ts';

/**
 * Maximum length of a line in characters. The longest line of this program, the list of all formats, is far
 * shorter.
 */
const LONGEST_LINE = 16 * 1024;

let isSilent = false;

/** Makes the program print nothing more on standard output, as --silent asks. Errors are still printed. */
export function silence(): void {
  isSilent = true;
}

/** Whether printing on standard output is turned off. */
export function isSilenced(): boolean {
  return isSilent;
}

/** Returns a line in which the characters are escaped that a terminal would act on or not show. */
export function shownLine(line: string): string {
  return printable(line, { quotes: false, keepJoiners: true, maxLength: LONGEST_LINE });
}

/** Prints text unchanged. The caller has made sure that a terminal can show it. */
export function printRaw(text: string): void {
  if (!isSilent) {
    process.stdout.write(text);
  }
}

export function printLine(line: string): void {
  printRaw(`${shownLine(line)}\n`);
}

/**
 * Prints what commander says about wrong words. A script may have taken these words from anywhere, so they
 * are escaped.
 */
export function printUsageError(text: string): void {
  process.stderr.write(text.split('\n').map(shownLine).join('\n'));
}

/**
 * Prints an error in one line on standard error. `more` is added to the line, for example a pointer to
 * further reading.
 */
export function printError({ message, code }: UnstickError, more = ''): void {
  process.stderr.write(`unstick: ${shownLine(message)} [${code}]${more}\n`);
}
