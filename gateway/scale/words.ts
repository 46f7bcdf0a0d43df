// Figures as text. Pure.

const KIB = 1024;
const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A number with spaces between its thousands. */
export function count(number: number): string {
  return String(Math.round(number)).replaceAll(/(?<=\d)(?=(\d{3})+$)/g, ' ');
}

export function kib(bytes: number): string {
  return `${(bytes / KIB).toFixed(1)} KiB`;
}

/** A number of bytes, to three digits. */
export function size(bytes: number): string {
  const at = Math.min(UNITS.length - 1, Math.floor(Math.log(Math.max(1, bytes)) / Math.log(KIB)));
  return `${Number((bytes / KIB ** at).toPrecision(3))} ${UNITS[at]}`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
