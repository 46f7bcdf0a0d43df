// Turns words of the command line into values, and reads and writes files. A word without a meaning throws a
// UsageError with a message of one line, and so does a file that cannot be written. A file that cannot be
// read, or does not hold what it should, throws an UnreadableInput.

import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { isUnstickError, UsageError } from '../errors.ts';
import type { UnstickError } from '../errors.ts';
import { refuse, refuseValue } from '../options.ts';
import { parseDialogue } from '../prove/dialogue/parse.ts';
import type { Dialogue } from '../prove/dialogue/dialogue.ts';
import { parseSchedules } from '../schedule/schedule.ts';
import type { Schedule } from '../schedule/schedule.ts';
import { printable } from '../text.ts';

/**
 * Returns the code of an error that has one, because the message of a system error repeats the path. For any
 * other error returns the message.
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  return 'code' in error ? String(error.code) : error.message;
}

/**
 * Error for a file that is missing, or that does not hold what it should. The command line itself may be
 * right.
 */
export class UnreadableInput extends UsageError {
  constructor(refusal: UnstickError) {
    super(refusal.code, refusal.message, { cause: refusal });
  }
}

/**
 * Does work on the content of a file. If the work throws an error of this package, throws an UnreadableInput
 * instead.
 */
export function reading<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw isUnstickError(error) ? new UnreadableInput(error) : error;
  }
}

/** Returns the bytes of a file, or of the standard input for `-`. Throws UnreadableInput, with the hint. */
export function readBytes(path: string, hint?: string): Uint8Array {
  try {
    return readFileSync(path === '-' ? 0 : path);
  } catch (cause) {
    const facts = `Cannot read ${printable(path)}: ${reasonOf(cause)}.`;
    throw new UnreadableInput(new UsageError('ERR_OPTION', facts, { cause, hint }));
  }
}

/** Returns the text of a file, or of the standard input for `-`. Throws UnreadableInput. */
export function readText(path: string): string {
  return Buffer.from(readBytes(path)).toString();
}

/** Returns the schedules of a file, or of the standard input for `-`. Throws UnreadableInput. */
export function readSchedules(path: string): readonly Schedule[] {
  const text = readText(path);
  return reading(() => parseSchedules(text));
}

/** Returns the dialogue of a file, or of the standard input for `-`. Throws UnreadableInput. */
export function readDialogue(path: string): Dialogue {
  const text = readText(path);
  return reading(() => parseDialogue(text));
}

export function writeText(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw new UsageError('ERR_OPTION', `Cannot write ${printable(path)}: ${reasonOf(cause)}.`, {
      cause,
    });
  }
}

/**
 * Refuses a path that cannot be written, before the work is done. A file that exists is kept; a missing file
 * is created empty.
 */
export function checkWritable(path: string): void {
  try {
    closeSync(openSync(path, 'a'));
  } catch (cause) {
    throw new UsageError('ERR_OPTION', `Cannot write ${printable(path)}: ${reasonOf(cause)}.`, {
      cause,
    });
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  r: '\r',
  n: '\n',
  t: '\t',
  0: '\0',
  '\\': '\\',
};

const ESCAPES_HINT = 'Escapes are \\r \\n \\t \\0 \\\\ \\xNN.';

/** Returns the bytes of a text, as UTF-8. The text may have `\r`, `\n`, `\t`, `\0`, `\\` and `\xNN`. */
function textBytes(text: string): Uint8Array {
  const parts = text.split(/(\\x[0-9a-f]{2}|\\.|\\$)/i).map((part) => {
    if (!part.startsWith('\\')) {
      return Buffer.from(part);
    }
    if (/^\\x[0-9a-f]{2}$/i.test(part)) {
      return Buffer.from(part.slice(2), 'hex');
    }
    const meant = ESCAPES[part.slice(1)];
    return meant === undefined
      ? refuseValue('A text', { what: 'text with escapes', hint: ESCAPES_HINT }, text)
      : Buffer.from(meant);
  });
  return Buffer.concat(parts);
}

/** Reads a request: a file, `-`, `hex:0000 0002 6869`, or `text:GET / HTTP/1.0\r\n\r\n`. */
export function readRequest(word: string): Uint8Array {
  if (word.startsWith('text:')) {
    return textBytes(word.slice(5));
  }
  if (!word.startsWith('hex:')) {
    return readBytes(word, 'A request itself begins with text: or hex:.');
  }
  const digits = word.slice(4).replaceAll(/[\s_]/g, '');
  if (!/^(?:[0-9a-f]{2})*$/i.test(digits)) {
    const hint = 'Two digits a byte, such as hex:00000002 6869.';
    refuseValue('A request', { what: 'hexadecimal', hint }, word);
  }
  return Buffer.from(digits, 'hex');
}

/** Refuses a second `-`, because the standard input can be read only once. `hint` says what to write instead. */
export function checkStandardInput(
  words: readonly string[],
  hint = 'Put the others into files, or use hex: or text:.',
): void {
  if (words.filter((word) => word === '-').length > 1) {
    refuse('The standard input can be read only once.', hint);
  }
}

/** Reads a whole number. Throws a UsageError that names the option. */
export function parseCount(word: string, name: string): number {
  return /^\d{1,15}$/.test(word)
    ? Number(word)
    : refuseValue(name, 'a whole number from 0 to 999999999999999', word);
}

/** Makes a regular expression from its source, with the flag g. */
export function parsePattern(word: string): RegExp {
  try {
    return new RegExp(word, 'g');
  } catch (cause) {
    throw new UsageError('ERR_OPTION', `${reasonOf(cause)}.`, { cause });
  }
}

/** Quotes a word so that a POSIX shell takes it as one word. */
export function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
