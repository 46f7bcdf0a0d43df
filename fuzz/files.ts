// What the fuzzer reads and writes: corpus, dictionaries, and cases (failures and regressions).

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { formatSchedule } from '../src/schedule/schedule.ts';
import { findTarget } from './targets/index.ts';
import type { Target } from './targets/target.ts';

/** A case as a file. Only the bytes are replayed; the other fields describe the case. */
export interface CaseFile {
  readonly v: 1;
  readonly target: string;
  readonly seed: number;
  readonly run: number;
  readonly kind: string;
  readonly message: string;
  /** Hexadecimal. */
  readonly bytes: string;
  /** How the case cuts its stream, if the target cuts a stream. */
  readonly schedule?: unknown;
}

const here = (path: string): URL => new URL(path, import.meta.url);

export function readCorpus(target: string): readonly Uint8Array[] {
  const directory = here(`corpus/${target}/`);
  if (!existsSync(directory)) {
    return [];
  }
  return readdirSync(directory)
    .toSorted()
    .map((name) => Uint8Array.from(readFileSync(new URL(name, directory))));
}

/** Reads libFuzzer's format: each line has a word in quotes, in which \xHH, \\ and \" are escapes. */
export function readDictionary(name: string): readonly Uint8Array[] {
  const text = readFileSync(here(`dict/${name}.dict`), 'utf8');
  const words = text.matchAll(/^\s*(?:\w+\s*=\s*)?"((?:[^"\\]|\\.)*)"\s*$/gm);
  return [...words].map(([, word = '']) => unescaped(word));
}

function unescaped(word: string): Uint8Array {
  const parts = word.match(/\\x[0-9a-f]{2}|\\.|[^\\]/giu) ?? [];
  return Buffer.concat(
    parts.map((part) => {
      if (/^\\x/i.test(part)) {
        return Buffer.of(Number.parseInt(part.slice(2), 16));
      }
      return Buffer.from(part.startsWith('\\') ? part.slice(1) : part);
    }),
  );
}

export function caseFile(
  target: Target,
  bytes: Uint8Array,
  facts: Pick<CaseFile, 'seed' | 'run' | 'kind' | 'message'>,
): CaseFile {
  const schedule = target.schedule?.(bytes);
  return {
    v: 1,
    target: target.name,
    ...facts,
    bytes: Buffer.from(bytes).toString('hex'),
    ...(schedule === undefined ? {} : { schedule: JSON.parse(formatSchedule(schedule)) }),
  };
}

export function writeCase(path: string, file: CaseFile): void {
  writeFileSync(path, `${JSON.stringify(file, undefined, 2)}\n`);
}

/** Reads a case. Throws an Error of one line if the file is not a case of an existing target. */
export function readCase(path: string | URL): {
  target: Target;
  bytes: Uint8Array;
  file: CaseFile;
} {
  const file = JSON.parse(readFileSync(path, 'utf8')) as CaseFile;
  const target = findTarget(file.target);
  if (file.v !== 1 || target === undefined || !/^(?:[0-9a-f]{2})*$/.test(file.bytes)) {
    throw new Error(`${String(path)} is not a case of this fuzzer.`);
  }
  return { target, bytes: Uint8Array.from(Buffer.from(file.bytes, 'hex')), file };
}

export function regressions(): readonly URL[] {
  const directory = here('regressions/');
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => new URL(name, directory));
}
