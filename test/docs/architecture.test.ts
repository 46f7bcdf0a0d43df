// ARCHITECTURE.md is a map: every file of src is on it, every dependency has its reason, and the
// import lines keep to the table of layers.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readMarkdown, root, sectionOf, tableRows } from './markdown.ts';

const document = readMarkdown('ARCHITECTURE.md');
const src = join(root, 'src');
/** Every file of src, with forward slashes, from src. */
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'));
/** The rooms: folders that hold files; a file beside the folders is a room of its own. */
const rooms = [...new Set(files.map(roomOf))];

function roomOf(file: string): string {
  const folder = dirname(file);
  return folder === '.' ? file : folder;
}

function filesIn(room: string): string[] {
  return files.filter((file) => roomOf(file) === room);
}

/** What the file imports, as written: with names, for its effects, or when it runs. */
function importsOf(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  const found = text.matchAll(
    /^(?:import|export)\b[^'"`;]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'|^import '([^']+)'/gm,
  );
  return Array.from(found, ([, from, dynamic, bare]) => from ?? dynamic ?? bare ?? '');
}

/** The files of src that a file of src imports. */
function linksOf(file: string): string[] {
  return importsOf(join(src, file))
    .filter((target) => target.startsWith('.'))
    .map((target) => join(dirname(file), target).replaceAll('\\', '/'));
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

describe('the map of rooms', () => {
  const titles = document.headings.map(({ title }) => title.replaceAll('`', ''));

  test('has a paragraph for every folder', () => {
    const folders = rooms.filter((room) => !room.endsWith('.ts'));
    expect(folders.filter((room) => !titles.includes(`src/${room}`))).toEqual([]);
  });

  test('names files and folders that exist', () => {
    const named = titles.filter((title) => title.startsWith('src/'));
    expect(named.filter((title) => !existsSync(join(root, title)))).toEqual([]);
    const beside = sectionOf(document, 'Beside `src`').match(/(?<=^- `)\w+(?=\/`)/gm) ?? [];
    expect(beside.filter((name) => !existsSync(join(root, name)))).toEqual([]);
    expect(beside.length).toBeGreaterThan(2);
  });

  test('names, in each room, files that stand there', () => {
    const strangers = rooms.flatMap((room) => {
      if (room.endsWith('.ts')) {
        return [];
      }
      const own = sectionOf(document, `\`src/${room}\``).split(/^#+ /m)[0] ?? '';
      const named = own.match(/(?<=`)[\w-]+\.ts(?=`)/g) ?? [];
      return named.filter((name) => !existsSync(join(src, room, name))).map((name) => room + name);
    });
    expect(strangers).toEqual([]);
  });

  test('can be short, because every file says what it is for', () => {
    const silent = files.filter((file) => !readFileSync(join(src, file), 'utf8').startsWith('// '));
    expect(silent.filter((file) => file !== 'cli/main.ts')).toEqual([]);
  });
});

describe('the table of layers', () => {
  const rows = tableRows(document.text, ['room', 'may import', 'Node built-ins', 'packages']);

  test('has a row for every room', () => {
    const named = rows.flatMap(([room = '']) => code(room));
    expect(named.toSorted()).toEqual(rooms.toSorted());
  });

  test('names only rows above each row', () => {
    const strangers = rows.flatMap(([, may = ''], index) => {
      const above = rows.slice(0, index).flatMap(([room = '']) => code(room));
      return code(may).filter((name) => !above.includes(name));
    });
    expect(strangers).toEqual([]);
  });

  test('is held against imports that are found', () => {
    expect(linksOf('message/head-reader.ts')).toContain('codec/frame-machine.ts');
    expect(importsOf(join(src, 'deliver/gate.ts'))).toContain('node:net');
  });

  for (const [cell = '', may = '', builtIns = '', packages = ''] of rows) {
    const [room = ''] = code(cell);

    test(`holds for what ${room} imports of other rooms`, () => {
      const allowed = may === 'everything' ? rooms : [...code(may), room];
      const strangers = filesIn(room).flatMap((file) =>
        linksOf(file)
          .filter((target) => !allowed.includes(roomOf(target)))
          .map((target) => `${file} imports ${target}`),
      );
      expect(strangers).toEqual([]);
    });

    test(`holds for what ${room} imports of Node and of packages`, () => {
      const strangers = filesIn(room).flatMap((file) =>
        importsOf(join(src, file))
          .filter((target) => !target.startsWith('.'))
          .filter((target) =>
            target.startsWith('node:') ? builtIns !== 'yes' : !code(packages).includes(target),
          )
          .map((target) => `${file} imports ${target}`),
      );
      expect(strangers).toEqual([]);
    });
  }

  test('leaves messages to the files where streams meet them', () => {
    const importers = filesIn('stream').filter((file) =>
      linksOf(file).some((target) => roomOf(target) === 'message'),
    );
    const meeting = ['body', 'message-stream', 'message-wire', 'streamed-send'];
    expect(importers.toSorted()).toEqual(meeting.map((name) => `stream/${name}.ts`));
  });

  test('leaves web streams without Node', () => {
    const built = importsOf(join(src, 'stream/web-streams.ts'));
    expect(built.filter((target) => target.startsWith('node:'))).toEqual([]);
  });

  test('says that nothing imports the command line', () => {
    const importers = files.filter((file) => roomOf(file) !== 'cli');
    expect(importers.filter((file) => linksOf(file).some((to) => roomOf(to) === 'cli'))).toEqual(
      [],
    );
  });

  test('has no cycle of files, type-only imports included', () => {
    const done = new Set<string>();
    const walk = (file: string, path: readonly string[]): string[] => {
      if (path.includes(file)) {
        return [[...path.slice(path.indexOf(file)), file].join(' → ')];
      }
      if (done.has(file)) {
        return [];
      }
      const found = linksOf(file).flatMap((target) => walk(target, [...path, file]));
      done.add(file);
      return found;
    };
    expect(files.flatMap((file) => walk(file, []))).toEqual([]);
  });
});

describe('the dependencies', () => {
  const text = readFileSync(join(root, 'package.json'), 'utf8');
  const manifest: Record<string, Record<string, unknown>> = JSON.parse(text);

  test('each have a reason', () => {
    const dependencies = Object.keys(manifest['dependencies'] ?? {});
    expect(packagesIn(['package', 'for', 'why not without'])).toEqual(dependencies.toSorted());
  });

  test('that are peers each have a reason, and are optional', () => {
    const peers = Object.keys(manifest['peerDependencies'] ?? {});
    expect(packagesIn(['optional peer', 'for', 'why not without'])).toEqual(peers.toSorted());
    const optional = Object.fromEntries(peers.map((peer) => [peer, { optional: true }]));
    expect(manifest['peerDependenciesMeta']).toEqual(optional);
  });

  test('of development each have a purpose', () => {
    const dependencies = Object.keys(manifest['devDependencies'] ?? {});
    expect(packagesIn(['package', 'for'])).toEqual(dependencies.toSorted());
  });
});
