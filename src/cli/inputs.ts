// Words of the command line turned into values, and files read and written. What cannot be meant, read
// or written is a UsageError in one line.

import { readFileSync, writeFileSync } from 'node:fs';
import { UsageError } from '../errors.ts';
import { parseSchedules } from '../schedule/schedule.ts';
import type { Schedule } from '../schedule/schedule.ts';

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The bytes of a file; `-` is the standard input. */
export function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path === '-' ? 0 : path);
  } catch (cause) {
    throw new UsageError('ERR_OPTION', `Cannot read ${path}: ${reasonOf(cause)}.`, { cause });
  }
}

/** The schedules of a file; `-` is the standard input. */
export function readSchedules(path: string): readonly Schedule[] {
  return parseSchedules(Buffer.from(readBytes(path)).toString());
}

export function writeText(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw new UsageError('ERR_OPTION', `Cannot write ${path}: ${reasonOf(cause)}.`, { cause });
  }
}

/** A request: a file, `-`, or `hex:0000 0002 6869`. */
export function readRequest(word: string): Uint8Array {
  if (!word.startsWith('hex:')) {
    return readBytes(word);
  }
  const digits = word.slice(4).replaceAll(/[\s_]/g, '');
  if (!/^(?:[0-9a-f]{2})*$/i.test(digits)) {
    throw new UsageError('ERR_OPTION', `${word} is not hexadecimal.`, {
      hint: 'Two digits a byte, such as hex:00000002 6869.',
    });
  }
  return Buffer.from(digits, 'hex');
}

const UNIT_TIMES: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** A number of milliseconds: `500`, `500ms`, `10s`, `2m`. */
export function parseTime(word: string): number {
  const [, count, unit = 'ms'] = /^(\d{1,9})(ms|s|m)?$/.exec(word) ?? [];
  if (count === undefined) {
    throw new UsageError('ERR_OPTION', `${word} is not a time.`, {
      hint: 'Such as 500ms, 10s, 2m.',
    });
  }
  return Number(count) * (UNIT_TIMES[unit] ?? 1);
}

/** A whole number, or a UsageError that names the option. */
export function parseCount(option: string): (word: string) => number {
  return (word) => {
    if (/^\d{1,15}$/.test(word)) {
      return Number(word);
    }
    throw new UsageError('ERR_OPTION', `${option} must be a whole number, not ${word}.`);
  };
}

/** A regular expression, as text. */
export function parsePattern(word: string): RegExp {
  try {
    return new RegExp(word, 'g');
  } catch (cause) {
    throw new UsageError('ERR_OPTION', `${reasonOf(cause)}.`, { cause });
  }
}

/** A word as a shell takes it for one. */
export function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
