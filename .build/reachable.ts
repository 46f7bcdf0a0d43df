// Keeps the modules and declarations that the entries of the package import, directly or not, and deletes the
// others: code that only the command line uses is in its bundle.

import { readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const IMPORT = /\b(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"'`\s]+)["']/g;
const CODE = '.js';
const DECLARATION = '.d.ts';

/** All files below a folder, as paths. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The entries, and all files with the same ending that they import, directly or not. */
function reachedFrom(entries: readonly string[], ending: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [...entries];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) {
      continue;
    }
    seen.add(file);
    for (const [, target = ''] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      open.push(join(dirname(file), target.replace(/(?:\.d)?\.[jt]s$/, ending)));
    }
  }
  return seen;
}

/** Deletes all files of the built folder that no entry imports, and the folders that are then empty. */
export function keepReachable(folder: string): void {
  const entries = filesBelow(join(folder, 'entries'));
  const kept = new Set(
    [CODE, DECLARATION].flatMap((ending) => [
      ...reachedFrom(
        entries.filter((name) => name.endsWith(ending)),
        ending,
      ),
    ]),
  );
  for (const file of filesBelow(folder).filter((each) => !kept.has(each))) {
    rmSync(file);
  }
  deleteEmptyFolders(folder);
}

function deleteEmptyFolders(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      deleteEmptyFolders(join(folder, entry.name));
    }
  }
  if (readdirSync(folder).length === 0) {
    rmdirSync(folder);
  }
}
