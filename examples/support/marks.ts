// Reads and writes the parts of a README that a program makes. A part lies between two marks, `<!-- NAME: …
// -->` and `<!-- NAME: end -->`.

import { readFileSync, writeFileSync } from 'node:fs';

interface Part {
  readonly before: string;
  readonly text: string;
  readonly after: string;
}

function partOf(file: URL, name: string): Part {
  const page = readFileSync(file, 'utf8');
  const found = new RegExp(
    `^([^]*<!-- ${name}: (?!end)[^\\n]* -->\\n)([^]*)(<!-- ${name}: end -->[^]*)$`,
  ).exec(page);
  if (found === null) {
    throw new Error(`${file.pathname} has no marks for "${name}".`);
  }
  const [, before = '', text = '', after = ''] = found;
  return { before, text, after };
}

export function readMarked(file: URL, name: string): string {
  return partOf(file, name).text.trim();
}

export function writeMarked(file: URL, name: string, text: string): void {
  const { before, after } = partOf(file, name);
  writeFileSync(file, `${before}\n${text.trim()}\n\n${after}`);
}
