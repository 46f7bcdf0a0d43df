// The words behind `node` that run a TypeScript program from its source.
//
// The tests start programs some hundred times, and loading the sources takes over a second of processor time
// each. So the tests bundle all programs once (test/support/bundle-examples.ts) and name the folder in
// UNSTICK_BUNDLES. A program that has a bundle runs from there, in a seventh of the time.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** The words that run a program. Node loads `preload` before it, a file of the examples. */
export function nodeWords(path: string, preload?: string): string[] {
  const program = bundleOf(resolve(path));
  const loader = program === undefined ? [tsx] : [];
  const before = preload === undefined ? [] : [urlOf(bundleOf(preload) ?? preload)];
  return [...[...loader, ...before].flatMap((url) => ['--import', url]), program ?? path];
}

/** The bundle of a source file; `undefined` where the file has none. */
function bundleOf(path: string): string | undefined {
  const folder = process.env['UNSTICK_BUNDLES'];
  if (folder === undefined) {
    return undefined;
  }
  const bundle = join(folder, relative(root, path).replace(/\.ts$/, '.mjs'));
  return existsSync(bundle) ? bundle : undefined;
}

function urlOf(path: string): string {
  return pathToFileURL(path).href;
}
