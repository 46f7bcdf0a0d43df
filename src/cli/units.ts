// Times and sizes of the command line. What makes no sense is a UsageError ERR_OPTION in one line, with a
// hint that says what to write instead.
//
//   parseTime('1.5s')   1500 ms
//   parseSize('64KiB')  65536 bytes
//
// `name` is the option that the refusal names: parseTime(word, '--pause').

import { MAX_TIMER_MS, refuseValue } from '../options.ts';
import { readSize, readTime, SIZE_UNITS, TIME_UNITS } from '../schedule/units.ts';

/** A time in ms: `60ms`, `2s`, `5m`. A number without a unit is refused. */
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

/** A size in bytes: `512`, `64KiB`, `1MB`. */
export function parseSize(text: string, name = 'A size'): number {
  const what = `a whole number of bytes, alone or with a unit (${SIZE_UNITS})`;
  return readSize(text) ?? refuseValue(name, { what, hint: 'Such as 512, 64KiB, 1MB.' }, text);
}
