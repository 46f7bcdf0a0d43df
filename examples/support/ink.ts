// Colour and columns of output. Without a terminal, or with NO_COLOR, output has no colour, and is clear
// without it.

import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

/** Width of the left column, which holds names. */
export const NAME_COLUMNS = 18;

const { env, stdout } = process;
/** Whether to use colour. `hasColors` reads NO_COLOR and TERM. It exists on terminals only. */
const isColoured = stdout.isTTY ? stdout.hasColors() : env['FORCE_COLOR'] === '1';

export function paint(style: Style, text: string): string {
  if (!isColoured || text === '') {
    return text;
  }
  return styleText(style, text, { validateStream: false });
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]/gu;

/** Number of columns of a text. A Chinese character takes two. */
export function columnsOf(text: string): number {
  return Array.from(text).length + (text.match(wide)?.length ?? 0);
}

export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
}

/** Cuts a text to this number of columns. A cut text ends in an ellipsis. */
export function fit(text: string, columns: number): string {
  if (columnsOf(text) <= columns) {
    return text;
  }
  let kept = '';
  for (const character of text) {
    if (columnsOf(kept + character) >= columns) {
      break;
    }
    kept += character;
  }
  return `${kept}…`;
}

export function count(number: number): string {
  return number.toLocaleString('en-US');
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

const BARS = '▁▂▃▄▅▆▇█';
const BAR_COLUMNS = 32;

/** Draws values between `low` and `high` as a curve. Each column shows the largest of its values. */
export function bar(values: readonly number[], low: number, high: number): string {
  const columns = Math.min(BAR_COLUMNS, values.length);
  let curve = '';
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * values.length) / columns);
    const to = Math.floor(((column + 1) * values.length) / columns);
    const value = Math.max(...values.slice(from, to));
    const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
    curve += BARS[Math.round(share * (BARS.length - 1))] ?? '';
  }
  return curve;
}
