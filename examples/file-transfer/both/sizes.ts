// Sizes and times as people write and read them.

const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  tb: 1000 ** 4,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

/** Number of bytes of `10MB`, `2 GiB`, `4096`; `undefined` for a text that is no size. */
export function parseSize(text: string): number | undefined {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = units[(unit ?? '').toLowerCase()];
  if (digits === undefined || factor === undefined) {
    return undefined;
  }
  const size = Math.round(Number(digits) * factor);
  return Number.isSafeInteger(size) ? size : undefined;
}

export function showSize(bytes: number): string {
  if (bytes < 1000) {
    return `${Math.round(bytes)} B`;
  }
  const names = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let index = 0;
  while (value >= 999.5 && index < names.length - 1) {
    value /= 1000;
    index += 1;
  }
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${names[index]}`;
}

export function showPercent(done: number, of: number): string {
  return `${of === 0 ? 100 : Math.floor((done / of) * 100)} %`;
}
