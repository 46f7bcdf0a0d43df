// The command line as one file: its modules, the library and commander. `npm install unstick` then installs
// one package. Identifiers keep their names and lines stay short, so that a stack trace can be read.
//
// The page of the inspector, which the command line serves, is in `dist/page`. test/packed.test.ts counts
// this folder with the command line.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Metafile } from 'esbuild';

/**
 * Maximum length of a line of the bundle in characters. For an uncaught error, Node prints the whole line.
 */
const LINE_LENGTH = 160;

/**
 * Commander is CommonJS and calls `require` for modules of Node. This line gives the ES module a `require`.
 */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

interface Place {
  readonly root: string;
  /** The folder of the bundle. */
  readonly folder: string;
}

export async function bundleCommandLine({ root, folder }: Place): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/cli/main.ts'],
    outfile: join(folder, 'main.js'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    banner: { js: REQUIRE },
    external: ['fast-check'],
    preserveSymlinks: true,
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: LINE_LENGTH,
    legalComments: 'none',
    metafile: true,
  });
  writeFileSync(join(folder, 'LICENSES.txt'), licencesOf(root, metafile));
}

/** Names of the packages whose code is in the bundle. */
function packagesIn({ inputs }: Metafile): readonly string[] {
  const names = Object.keys(inputs).flatMap((path) => {
    const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
    return name === undefined ? [] : [name];
  });
  return [...new Set(names)].toSorted();
}

function licencesOf(root: string, metafile: Metafile): string {
  const parts = packagesIn(metafile).map((name) => {
    const home = join(root, 'node_modules', name);
    const { version }: { version: string } = JSON.parse(
      readFileSync(join(home, 'package.json'), 'utf8'),
    );
    const file = readdirSync(home).find((each) => /^licen[cs]e/i.test(each));
    if (file === undefined) {
      throw new Error(`${name} has no licence file, so it cannot be bundled.`);
    }
    return `${name} ${version}\n\n${readFileSync(join(home, file), 'utf8').trim()}\n`;
  });
  const head = 'main.js contains code of these packages, under their licences.\n';
  return [head, ...parts].join(`\n${'-'.repeat(72)}\n\n`);
}
