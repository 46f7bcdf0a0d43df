// The arguments of `node` that run a TypeScript program.
//
// The tests start programs some hundred times, and loading the sources takes over a second of processor time
// each time. So the tests bundle all programs once (test/support/bundle-examples.ts), and name the folder of
// the bundles in UNSTICK_BUNDLES. A program with a bundle is run from the bundle, which loads in a seventh of
// the time. Other programs are run from their source with tsx.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** The arguments of `node` for a program. Node first loads `preload`, a file of the examples. */
export function nodeWords(path: string, preload?: string): string[] {
  const program = bundleOf(resolve(path));
  const loader = program === undefined ? [tsx] : [];
  const before = preload === undefined ? [] : [urlOf(bundleOf(preload) ?? preload)];
  return [...[...loader, ...before].flatMap((url) => ['--import', url]), program ?? path];
}

/** The path of a source file's bundle; `undefined` if the file has no bundle. */
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
