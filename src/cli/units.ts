// Reads times and sizes of the command line. A word without a meaning throws a UsageError ERR_OPTION with a
// message of one line, and a hint that says what to write instead.
//
//   parseTime('1.5s')   1500 ms
//   parseSize('64KiB')  65536 bytes
//
// `name` is the name of the option in the message: parseTime(word, '--pause').

import { MAX_TIMER_MS, refuseValue } from '../options.ts';
import { readSize, readTime, SIZE_UNITS, TIME_UNITS } from '../schedule/units.ts';

/** Reads a time and returns it in ms: `60ms`, `2s`, `5m`. Refuses a number without a unit. */
export function parseTime(text: string, name = 'A time'): number {
  const ms = readTime(text);
  if (ms === undefined) {
    const hint = /^\d{1,9}$/.test(text) ? `Say ${text}ms or ${text}s.` : 'Such as 60ms, 1.5s, 2m.';
    return refuseValue(
      name,
      { what: `a whole number of ms with its unit (${TIME_UNITS})`, hint },
      text,
    );
  }
  const what = `a time from 0ms to ${MAX_TIMER_MS}ms`;
  return ms <= MAX_TIMER_MS ? ms : refuseValue(name, { what, hint: 'That is 24 days.' }, text);
}

/** Reads a size and returns it in bytes: `512`, `64KiB`, `1MB`. */
export function parseSize(text: string, name = 'A size'): number {
  const what = `a whole number of bytes, alone or with a unit (${SIZE_UNITS})`;
  return readSize(text) ?? refuseValue(name, { what, hint: 'Such as 512, 64KiB, 1MB.' }, text);
}
