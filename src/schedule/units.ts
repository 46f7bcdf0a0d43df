// Reads times and sizes with their units, as people write them: `60ms`, `1.5s`, `64KiB`. This file is pure:
// plans, faults and the command line use it.

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
/** The units of a size, for refusals, --help and docs. */
export const SIZE_UNITS: string = Object.keys(BYTES_IN).join(', ');

/**
 * Reads a number with its unit. Returns `undefined` for other text, and for a result that is no whole number.
 */
function read(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, digits = '', unit = ''] = /^(\d{1,15}(?:\.\d{1,9})?)([A-Za-z]+)$/.exec(text) ?? [];
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (factor === undefined) {
    return undefined;
  }
  // Round a product that is this near to a whole number: 1.1 * 1000 is 1100.0000000000002.
  const product = Number(digits) * factor;
  const whole = Math.round(product);
  return Number.isSafeInteger(whole) && Math.abs(product - whole) < 1e-6 ? whole : undefined;
}

/**
 * Reads `60ms`, `1.5s`, `2m` or `1h`, and returns the time in ms. Returns `undefined` for a number without a
 * unit, since 30 could mean seconds or ms, and for any other text.
 */
export function readTime(text: string): number | undefined {
  return read(text, MS_IN);
}

/**
 * Reads `64KiB`, `1MB`, `512B` or a plain number of bytes, and returns the number of bytes. Returns
 * `undefined` for other text.
 */
export function readSize(text: string): number | undefined {
  return read(/^\d+$/.test(text) ? `${text}B` : text, BYTES_IN);
}
