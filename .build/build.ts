// Makes `dist`, which is what npm packs: `npm run build`, or `node --import tsx .build/build.ts FOLDER`.
//
//   src ──tsc──▶ modules and declarations ──keep what the entries lead to──▶ dist/**        the library
//   src/cli ──esbuild──▶ one file with commander inside, and its licences ──▶ dist/cli/     the command line
//   src/page ──esbuild──▶ one file with script and style inside ──▶ dist/page/              the inspector's page
//
// The build is made in a folder beside `dist`, which then replaces `dist`. So `dist` never has a file of an
// older build.

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bundleCommandLine } from './command-line.ts';
import { buildPages } from './page.ts';
import { keepReachable } from './reachable.ts';
import { dropComments } from './without-comments.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

async function compile(folder: string): Promise<void> {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const words = [compiler, '-p', 'tsconfig.build.json', '--outDir', folder];
  await promisify(execFile)(process.execPath, words, { cwd: root });
}

async function build(target: string): Promise<void> {
  mkdirSync(dirname(target), { recursive: true });
  const scratch = mkdtempSync(`${target}-`);
  try {
    const fresh = join(scratch, 'fresh');
    await compile(fresh);
    keepReachable(fresh);
    await dropComments(fresh);
    await bundleCommandLine({ root, folder: join(fresh, 'cli') });
    await buildPages(join(fresh, 'page'));
    rmSync(target, { recursive: true, force: true });
    renameSync(fresh, target);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

try {
  await build(resolve(root, process.argv[2] ?? 'dist'));
} catch (error) {
  // A compiler writes what is wrong to its standard output.
  const said = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
  console.error(said === '' ? error : said);
  process.exitCode = 1;
}
