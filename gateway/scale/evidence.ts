// Writes what a measurement found into a page, between its marks: `<!-- NAME: begin … -->` and `<!-- NAME: end -->`.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Throws if the page has no such marks. */
export function writeEvidence(file: string, name: string, text: string): void {
  const marks = new RegExp(`(<!-- ${name}: begin[^>]*-->\n)[^]*?(<!-- ${name}: end -->)`);
  const page = readFileSync(file, 'utf8');
  if (!marks.test(page)) {
    throw new Error(`${file} has no marks "${name}: begin" and "${name}: end".`);
  }
  writeFileSync(
    file,
    page.replace(marks, (_, begin: string, end: string) => `${begin}\n${text}\n\n${end}`),
  );
}

/** When and on what it was measured, as the beginning of a sentence. */
export function measuredOn(): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const broker = execFileSync('nats-server', ['--version'], { encoding: 'utf8' }).trim();
  const day = new Date().toISOString().slice(0, 10);
  const where = `${availableParallelism()} processors, Node ${process.versions.node}, ${broker}`;
  return `Measured on ${day} at ${commit} (${where})`;
}
