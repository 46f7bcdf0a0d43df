// Times and sizes with their units, as people write them: `60ms`, `1.5s`, `64KiB`. Pure: words of
// schedules, plans and faults use it, and so does the command line.

const MS_IN: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

const BYTES_IN: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  KB: 1000,
  MB: 1_000_000,
  GB: 1_000_000_000,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** The units of a time, for refusals, --help and docs. */
export const TIME_UNITS: string = Object.keys(MS_IN).join(', ');
/** Likewise for sizes. */
export const SIZE_UNITS: string = Object.keys(BYTES_IN).join(', ');

/** Reads a number with its unit; `undefined` if it is none, or the result would be no whole number. */
function read(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, digits = '', unit = ''] = /^(\d{1,15}(?:\.\d{1,9})?)([A-Za-z]+)$/.exec(text) ?? [];
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (factor === undefined) {
    return undefined;
  }
  // 1.1 * 1000 is 1100.0000000000002: what is that near to a whole number was meant to be one.
  const product = Number(digits) * factor;
  const whole = Math.round(product);
  return Number.isSafeInteger(whole) && Math.abs(product - whole) < 1e-6 ? whole : undefined;
}

/** `60ms`, `1.5s`, `2m`, `1h` in ms. A number without a unit is no time: is 30 half a minute or 30 ms? */
export function readTime(text: string): number | undefined {
  return read(text, MS_IN);
}

/** `64KiB`, `1MB`, `512B`, or a plain number of bytes, in bytes. */
export function readSize(text: string): number | undefined {
  return read(/^\d+$/.test(text) ? `${text}B` : text, BYTES_IN);
}
