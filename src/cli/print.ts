// How the command line prints lines. Remotes, children and foreign files choose words in them, so no line
// may move a cursor, forge another line, or hide a character.

import type { UnstickError } from '../errors.ts';
import { printable } from '../text.ts';

/**
 * Maximum length of a line in characters. The longest line of this program, that of all formats, is far
 * shorter.
 */
const LONGEST_LINE = 16 * 1024;

/** A line without characters that a terminal would act on or not show. */
export function shownLine(line: string): string {
  return printable(line, { quotes: false, keepJoiners: true, maxLength: LONGEST_LINE });
}

export function printLine(line: string): void {
  process.stdout.write(`${shownLine(line)}\n`);
}

/** Prints what commander says of wrong words, which a script may have taken from somewhere. */
export function printUsageError(text: string): void {
  process.stderr.write(text.split('\n').map(shownLine).join('\n'));
}

/** Prints what went wrong, in one line on standard error. */
export function printError({ message, code }: UnstickError): void {
  process.stderr.write(`unstick: ${shownLine(message)} [${code}]\n`);
}
