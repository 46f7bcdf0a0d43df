// The size of the library without its command line and of the whole package, and how long `import 'unstick'`
// takes. The library is built for this in a temporary folder.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { judge, median, publish, rowOf } from './results.ts';
import type { Row } from './results.ts';

const KIB = 1024;
const ROUNDS = 21;
const root = fileURLToPath(new URL('..', import.meta.url));
const dist = mkdtempSync(join(tmpdir(), 'unstick-footprint-'));

interface Graph {
  readonly files: readonly string[];
  readonly packages: readonly string[];
}

/** All files that an entry loads, and all packages that these files import. */
function graphOf(entry: string): Graph {
  const files = new Set<string>();
  const packages = new Set<string>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) {
      continue;
    }
    files.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, target = ''] of text.matchAll(
      /^(?:import|export)\b[^'"`;]*?from\s+'([^']+)'/gm,
    )) {
      if (target.startsWith('.')) {
        waiting.push(resolve(dirname(file), target));
      } else if (!target.startsWith('node:')) {
        packages.add(target);
      }
    }
  }
  return { files: [...files], packages: [...packages] };
}

function weigh(name: string, path: string): Row[] {
  const { files, packages } = graphOf(join(dist, path));
  const bytes = files.map((file) => readFileSync(file));
  const whole = files.reduce((sum, file) => sum + statSync(file).size, 0);
  return [
    rowOf(`${name}: KiB of JavaScript`, [whole / KIB]),
    rowOf(`${name}: KiB, each file gzipped`, [
      bytes.reduce((sum, text) => sum + gzipSync(text).length, 0) / KIB,
    ]),
    rowOf(`${name}: files`, [files.length]),
    rowOf(`${name}: packages that it imports`, [packages.length]),
  ];
}

/** Time in ms from start to end of a process that runs one line of code. */
function processTime(line: string): number {
  const start = process.hrtime.bigint();
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', line]);
  if (status !== 0) {
    throw new Error(`${line} failed`);
  }
  return Number(process.hrtime.bigint() - start) / 1e6;
}

function importTimes(): void {
  const library = pathToFileURL(join(dist, 'entries/main.js')).href;
  const pure = pathToFileURL(join(dist, 'entries/codec.js')).href;
  const lines = {
    'node, nothing imported': '',
    "import 'node:net'": "import 'node:net'",
    "import 'unstick/codec'": `import '${pure}'`,
    "import 'unstick'": `import '${library}'`,
  };
  const times = new Map<string, number[]>(Object.keys(lines).map((name) => [name, []]));
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, line] of Object.entries(lines)) {
      const time = processTime(line);
      if (round >= 0) {
        times.get(name)?.push(time);
      }
    }
  }
  const [bare = Number.NaN, , , whole = Number.NaN] = [...times.values()].map(median);
  const rows = [...times].map(([name, list]) => ({
    ...rowOf(name, list),
    ratio: median(list) / bare,
  }));
  const name = "import 'unstick' over bare node, ms";
  const verdicts = [judge({ name, atMost: 10 }, whole - bare)];
  publish({ title: 'import time', unit: 'ms, whole process', rows, verdicts });
}

function packed(): Row[] {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
  });
  const [report]: { size: number; unpackedSize: number; entryCount: number }[] = JSON.parse(stdout);
  if (report === undefined) {
    return [];
  }
  return [
    rowOf('the whole package: KiB packed', [report.size / KIB]),
    rowOf('the whole package: KiB unpacked', [report.unpackedSize / KIB]),
    rowOf('the whole package: files', [report.entryCount]),
  ];
}

try {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const build = ['-p', join(root, 'tsconfig.build.json'), '--outDir', dist, '--sourceMap', 'false'];
  if (spawnSync(process.execPath, [tsc, ...build]).status !== 0) {
    throw new Error('tsc failed');
  }
  // The build is outside the package. Without this file Node would first try to read it as CommonJS.
  writeFileSync(join(dist, 'package.json'), '{ "type": "module" }');
  const rows = [
    ...weigh("import 'unstick'", 'entries/main.js'),
    ...weigh("import 'unstick/codec'", 'entries/codec.js'),
    ...packed(),
  ];
  publish({ title: 'footprint', unit: 'KiB, or a count', rows, verdicts: [] });
  importTimes();
} finally {
  rmSync(dist, { recursive: true, force: true });
}
