// Runs before the tests of the examples. Bundles every program of the examples, so that it starts in a
// seventh of the time that its sources take. In a bundle, `import.meta` still names the place of the source
// file.

import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
/**
 * The folder of the bundles. It is below node_modules, so that a bundle finds the packages that it imports.
 */
const folder = `${root}node_modules/.cache/unstick-examples-${process.pid}`;

const placeOfTheSource: Plugin = {
  name: 'place of the source',
  setup(bundle) {
    bundle.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8')
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path))),
    }));
  },
};

/** The program that imports other sources while it runs, by a path. A bundle cannot. */
const FROM_SOURCE = 'run.ts';

/** Makes the bundles and names their folder in UNSTICK_BUNDLES. Returns the function that removes them. */
export default async function bundleExamples(): Promise<() => void> {
  const sources = readdirSync(`${root}examples`, { recursive: true, encoding: 'utf8' });
  const programs = sources.filter(
    (name) => /(?<!\.test|\.d)\.ts$/.test(name) && name !== FROM_SOURCE,
  );
  await build({
    entryPoints: programs.map((name) => `examples/${name}`),
    absWorkingDir: root,
    outbase: root,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    plugins: [placeOfTheSource],
  });
  process.env['UNSTICK_BUNDLES'] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
