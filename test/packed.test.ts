// The tarball that npm publishes: its files, its size, that links in its documents lead to files in it, and
// that it installs as a single package. Reads the built package: run `npm run build` first (`npm test` does).

import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linksIn, root } from './docs/markdown.ts';

const KIB = 1024;

let folder = '';
/** The package as it is installed, in a project that has nothing else. */
let home = '';
let files: readonly string[] = [];

function npm(words: readonly string[], cwd: string): string {
  // npm is a script of the shell on Windows.
  return execFileSync('npm', words, { cwd, encoding: 'utf8', shell: process.platform === 'win32' });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unstick-packed-'));
  npm(['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], root);
  const [tarball = ''] = readdirSync(folder);
  const project = join(folder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  const quiet = ['--silent', '--no-audit', '--no-fund', '--offline'];
  npm(['install', ...quiet, join(folder, tarball)], project);
  home = join(project, 'node_modules/unstick');
  files = readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(home.length + 1));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(words: readonly string[], cwd: string): string {
  const all = [join(home, 'dist/cli/main.js'), ...words];
  return execFileSync(process.execPath, all, { cwd, encoding: 'utf8', stdio: 'pipe' });
}

function text(file: string): string {
  return readFileSync(join(home, file), 'utf8');
}

/** As a tarball has it: the files one after the other, compressed. */
function packedLength(wanted: (file: string) => boolean): number {
  const chosen = files.filter(wanted).map((file) => readFileSync(join(home, file)));
  return gzipSync(Buffer.concat(chosen), { level: 9 }).length;
}
const isCommand = (file: string): boolean => /^dist[\\/](?:cli|page)[\\/]/.test(file);
const isBuilt = (file: string): boolean => /^dist[\\/]/.test(file);

describe('the packed package', () => {
  test('holds the build, the documents, and nothing to make them of', () => {
    const tops = new Set(files.map((file) => file.split(/[\\/]/)[0] ?? ''));
    expect([...tops].toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'README.zh-CN.md',
      'SECURITY.md',
      'dist',
      'docs',
      'package.json',
    ]);
    expect(files.filter((file) => /\.map$|(?<!\.d)\.ts$/.test(file))).toEqual([]);
  });

  test('names no source map that is not there', () => {
    const scripts = files.filter((file) => /\.[jt]s$/.test(file));
    expect(scripts.length).toBeGreaterThan(100);
    expect(scripts.filter((file) => text(file).includes('sourceMappingURL='))).toEqual([]);
  });

  test('keeps the marks by which bundlers leave out what is unused', () => {
    expect(text('dist/codec/sums.js')).toContain('/* @__PURE__ */');
  });

  test('explains itself in the declarations, and in no module', () => {
    expect(text('dist/codec/codec.d.ts')).toContain('/** Options of a decoder. */');
    expect(text('dist/codec/chunk-queue.js')).not.toMatch(/^\s*(?:\/\/|\/\*\*)/m);
  });

  test('installs as one package, and installs no other', () => {
    const installed = readdirSync(dirname(home)).filter((name) => !name.startsWith('.'));
    expect(installed).toEqual(['unstick']);
    const manifest: object = JSON.parse(text('package.json'));
    expect(Object.keys(manifest)).not.toContain('dependencies');
  });
});

describe('the size', () => {
  test('of the library is below 350 KB', () => {
    const length = packedLength((file) => isBuilt(file) && !isCommand(file));
    expect(length).toBeGreaterThan(100 * KIB);
    expect(length).toBeLessThan(350 * KIB);
  });

  test('with the command line and its page is below 600 KB', () => {
    expect(packedLength(isBuilt)).toBeLessThan(600 * KIB);
  });

  test('of everything that is written to the disk is below 2.8 MB', () => {
    const length = files.reduce((sum, file) => sum + readFileSync(join(home, file)).length, 0);
    expect(length).toBeLessThan(2867 * KIB);
  });
});

describe('links in the packed documents', () => {
  test('lead to files that are packed, or to the web', () => {
    const documents = files.filter((file) => file.endsWith('.md'));
    const found = documents.flatMap((file) =>
      linksIn(text(file))
        .filter((target) => !/^[a-z]+:|^#/.test(target))
        .map((target) => ({ file, path: join(dirname(file), target.split('#')[0] ?? '') })),
    );
    expect(found.length).toBeGreaterThan(100);
    expect(found.filter(({ path }) => !existsSync(join(home, path)))).toEqual([]);
  });
});

describe('the packed command line', () => {
  test('is one file beside the licences of what is in it', () => {
    expect(files.filter((file) => /^dist[\\/]cli[\\/].*\.js$/.test(file))).toEqual([
      join('dist', 'cli', 'main.js'),
    ]);
    const licences = text('dist/cli/LICENSES.txt');
    expect(licences).toContain('commander 14');
    expect(licences).toContain('The MIT License');
    expect(licences).toContain('TJ Holowaychuk');
  });

  test('starts through npx in a project that installed it', () => {
    const { version }: { version: string } = JSON.parse(text('package.json'));
    const said = npm(['exec', '--offline', '--', 'unstick', '--version'], dirname(dirname(home)));
    expect(said.trim()).toBe(version);
  });

  test('works without any other package', () => {
    const said = start(['inspect', '--hex', '0002 6869', '--frames', 'u16be', '--json'], folder);
    expect(said.split('\n')[1]).toContain('"payloadLength":2');
  });

  test('knows the errors of the library that a codec file imports, which is another copy', () => {
    const project = dirname(dirname(home));
    writeFileSync(
      join(project, 'codec.mjs'),
      `import { lengthPrefixed } from 'unstick'; export default lengthPrefixed({ maxPayloadLength: 4 });`,
    );
    const words = ['inspect', '--hex', '00000002 6869 7fffffff', '--codec', 'codec.mjs', '--json'];
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(home, 'dist/cli/main.js'), ...words],
      {
        cwd: project,
        encoding: 'utf8',
      },
    );
    expect(status).toBe(1);
    expect(stdout.match(/ERR_\w+/g)).toEqual(['ERR_FRAME_TOO_LARGE']);
  });

  test('names its functions in a stack trace', () => {
    const project = dirname(dirname(home));
    writeFileSync(
      join(project, 'broken.mjs'),
      `export default { encode() {}, decoder() { throw new RangeError('a bug of the codec'); } };`,
    );
    const words = ['inspect', '--hex', '00', '--codec', 'broken.mjs'];
    const said = errorOf(() => start(words, project));
    expect(said).toContain('RangeError: a bug of the codec');
    expect(said).toMatch(/ at (?:\w+\.)?(?:visit|add|gather|inspect)\b/);
    expect(Math.max(...said.split('\n').map((line) => line.length))).toBeLessThan(1000);
  });
});

/** What a process that fails wrote to standard error. */
function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  }
  throw new Error('It did not fail.');
}
