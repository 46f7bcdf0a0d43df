// ARCHITECTURE.md is a map: every file of src is on it, every dependency has its reason, and the
// import lines keep to the table of layers.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readMarkdown, root, sectionOf, tableRows } from './markdown.ts';

const document = readMarkdown('ARCHITECTURE.md');
const src = join(root, 'src');
const folders = readdirSync(src, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

function filesIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.ts'));
}

/** The file names that open the items of a section's list. */
function listed(title: string): string[] {
  const own = sectionOf(document, title).split(/^#+ /m)[0] ?? '';
  return own.match(/(?<=^- `)[\w.-]+\.ts(?=`)/gm) ?? [];
}

/** What the file imports, as written: with names, for its effects, or when it runs. */
function importsOf(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  const found = text.matchAll(
    /^(?:import|export)\b[^'"`;]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'|^import '([^']+)'/gm,
  );
  return Array.from(found, ([, from, dynamic, bare]) => from ?? dynamic ?? bare ?? '');
}

/** The folder, or `errors.ts`, that an import of another folder's file leads to. */
function layerOf(target: string): string | undefined {
  return /^\.\.\/([\w-]+)\/|^\.\.\/(errors\.ts)$/.exec(target)?.slice(1).find(Boolean);
}

/** The names in a cell. */
function code(cell: string): string[] {
  return cell.match(/(?<=`)[\w.@/-]+(?=`)/g) ?? [];
}

/** The packages in the first column of a table. */
function packagesIn(header: string[]): string[] {
  return tableRows(document.text, header)
    .flatMap(([cell = '']) => code(cell))
    .toSorted();
}

describe('the code map', () => {
  test('lists every folder', () => {
    const titles = document.headings.map(({ title }) => title);
    expect(folders.filter((name) => !titles.includes(`src/${name}`))).toEqual([]);
  });

  test('lists every file of src, and no other', () => {
    expect(listed('src').toSorted()).toEqual(filesIn(src).toSorted());
  });

  for (const folder of folders) {
    test(`lists every file of src/${folder}, and no other`, () => {
      expect(listed(`src/${folder}`).toSorted()).toEqual(filesIn(join(src, folder)).toSorted());
    });
  }

  test('names folders beside src that exist', () => {
    const named = sectionOf(document, 'Beside src').match(/(?<=^- `)\w+(?=\/`)/gm) ?? [];
    expect(named.filter((name) => !existsSync(join(root, name)))).toEqual([]);
    expect(named.length).toBeGreaterThan(2);
  });
});

describe('the table of layers', () => {
  const rows = tableRows(document.text, ['folder', 'may import', 'Node built-ins', 'packages']);

  test('has a row for every folder', () => {
    const named = rows.flatMap(([folder = '']) => code(folder));
    expect(named.toSorted()).toEqual([...folders, 'errors.ts'].toSorted());
  });

  test('names only rows above each row', () => {
    const strangers = rows.flatMap(([, may = ''], index) => {
      const above = rows.slice(0, index).flatMap(([folder = '']) => code(folder));
      return code(may).filter((name) => !above.includes(name));
    });
    expect(strangers).toEqual([]);
  });

  test('is held against imports that are found', () => {
    expect(importsOf(join(src, 'message/head-reader.ts'))).toContain('../codec/frame-machine.ts');
    expect(importsOf(join(src, 'chop/gate.ts'))).toContain('node:net');
  });

  for (const [folder = '', may = '', builtIns = '', packages = ''] of rows) {
    const [name = ''] = code(folder);
    if (name === 'errors.ts') continue;
    const files = filesIn(join(src, name));

    test(`holds for what ${name} imports of other folders`, () => {
      const allowed = may === 'everything' ? [...folders, 'errors.ts'] : code(may);
      const strangers = files
        .filter((file) => file !== 'index.ts')
        .flatMap((file) =>
          importsOf(join(src, name, file))
            .map(layerOf)
            .filter((layer) => layer !== undefined && !allowed.includes(layer))
            .map((layer) => `${file} imports ${layer}`),
        );
      expect(strangers).toEqual([]);
    });

    test(`holds for what ${name} imports of Node`, () => {
      const without = builtIns === 'none' ? files : code(builtIns);
      const strangers = without.filter((file) =>
        importsOf(join(src, name, file)).some((target) => target.startsWith('node:')),
      );
      expect(strangers).toEqual([]);
    });

    test(`holds for what ${name} imports of packages`, () => {
      const strangers = files.flatMap((file) =>
        importsOf(join(src, name, file))
          .filter((target) => /^(?!\.|node:)/.test(target) && !code(packages).includes(target))
          .map((target) => `${file} imports ${target}`),
      );
      expect(strangers).toEqual([]);
    });
  }

  test('leaves messages to the two files where streams meet them', () => {
    const importers = filesIn(join(src, 'stream')).filter((file) =>
      importsOf(join(src, 'stream', file)).some((target) => layerOf(target) === 'message'),
    );
    expect(importers.toSorted()).toEqual(['body.ts', 'message-stream.ts']);
  });

  test('says that errors.ts imports nothing', () => {
    expect(importsOf(join(src, 'errors.ts'))).toEqual([]);
  });

  test('says that nothing imports the command line', () => {
    const importers = folders.flatMap((folder) =>
      filesIn(join(src, folder)).filter((file) =>
        importsOf(join(src, folder, file)).some((target) => layerOf(target) === 'cli'),
      ),
    );
    expect(importers).toEqual([]);
  });
});

describe('the dependencies', () => {
  const text = readFileSync(join(root, 'package.json'), 'utf8');
  const manifest: Record<string, Record<string, string>> = JSON.parse(text);

  test('each have a reason', () => {
    const dependencies = Object.keys(manifest['dependencies'] ?? {});
    expect(packagesIn(['package', 'for', 'why not without'])).toEqual(dependencies.toSorted());
  });

  test('of development each have a purpose', () => {
    const dependencies = Object.keys(manifest['devDependencies'] ?? {});
    expect(packagesIn(['package', 'for'])).toEqual(dependencies.toSorted());
  });
});
