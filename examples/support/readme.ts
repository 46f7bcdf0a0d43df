// Reads the READMEs of the examples, for tests that compare them with the examples.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A fenced block: its language and its text. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

export function blocksOf(readme: string): Block[] {
  return Array.from(
    readme.matchAll(/^```(\w*)\n([^]*?)^```$/gm),
    ([, language = '', text = '']) => ({ language, text }),
  );
}

/** A line without what differs from run to run: numbers, such as ports and counts, and blanks at its ends. */
function general(line: string): string {
  return line.trim().replaceAll(/\d[\d,]*/g, '#');
}

/**
 * The lines that the README beside `url` quotes but the scene did not print. Numbers may differ. Empty if the
 * README is right.
 */
export function untold(url: string, printed: readonly string[]): string[] {
  const readme = readFileSync(fileURLToPath(new URL('README.md', url)), 'utf8');
  const lines = new Set(printed.flatMap((text) => text.split('\n')).map(general));
  return blocksOf(readme)
    .filter(({ language }) => language === 'text')
    .flatMap(({ text }) => text.trimEnd().split('\n'))
    .filter((line) => !lines.has(general(line)));
}
