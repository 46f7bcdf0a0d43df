// What the command line prints. Remotes, children and files of others choose words in it: no line of it
// moves a cursor, forges another line, or hides a character.

import type { UnstickError } from '../errors.ts';
import { printable } from '../text.ts';

/** Far more than a line of our own has; a list of all formats is the longest. */
const LONGEST_LINE = 16 * 1024;

function shownLine(line: string): string {
  return printable(line, { quotes: false, keepJoiners: true, maxLength: LONGEST_LINE });
}

export function printLine(line: string): void {
  process.stdout.write(`${shownLine(line)}\n`);
}

/** What commander says of wrong words, which a script may have taken from somewhere. */
export function printUsageError(text: string): void {
  process.stderr.write(text.split('\n').map(shownLine).join('\n'));
}

/** What went wrong, in one line on standard error. */
export function printError({ message, code }: UnstickError): void {
  process.stderr.write(`unstick: ${shownLine(message)} [${code}]\n`);
}
