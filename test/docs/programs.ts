// The programs of the documentation: found, type-checked and compiled together, each run by itself. A program
// is a `ts` block that imports from this package, or a `js` block that is a named file (`// server.mjs`), which
// may import the named files in front of it on its page.
// They are compiled inside the package, so that `import 'unstick'` is what a user's import is: the
// built package, through its exports.

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { documents, fileNameOf, parseMarkdown, readMarkdown, root } from './markdown.ts';
import type { Block } from './markdown.ts';

const execute = promisify(execFile);
const compiler = join(root, 'node_modules/typescript/bin/tsc');
/** An upper bound, for a program that hangs. */
const TIME_LIMIT = 100_000;

export interface Program {
  readonly block: Block;
  /** What the documentation says that it prints. Where it says nothing, it is only compiled. */
  readonly output: string | undefined;
  /** The files of its page that it imports, under their names. */
  readonly files?: ReadonlyMap<string, Block> | undefined;
}

/** These translations hold the same blocks (other tests see to that); once is enough. */
const TRANSLATIONS = ['README.zh-CN.md', 'docs/tutorial.zh-CN.md'];
const source = documents().filter((path) => !TRANSLATIONS.includes(path));
const PACKAGE = /from 'unstick(?:\/\w+)?'/;
const FILE = /(?<=from '\.\/)[\w-]+\.mjs(?=')/g;

export function programsOfDocuments(): Program[] {
  return source.flatMap((path) => programsOf(readMarkdown(path).blocks));
}

/** The programs in doc comments, which editors and the API reference show. */
export function programsOfDocComments(): Program[] {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  return files
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => programsOf(docCommentsIn(`src/${name.replaceAll('\\', '/')}`)));
}

/** The blocks in the doc comments of a file. Each comment is a text of its own. */
function docCommentsIn(path: string): readonly Block[] {
  const text = readFileSync(join(root, path), 'utf8');
  return Array.from(text.matchAll(/^\/\*\*\n((?: \*.*\n)*?) \*\/$/gm)).flatMap(
    ({ 1: comment = '', index }) => {
      const line = text.slice(0, index).split('\n').length;
      return parseMarkdown(`${path}:${line}`, comment.replaceAll(/^ \* ?/gm, '')).blocks;
    },
  );
}

function programsOf(blocks: readonly Block[]): Program[] {
  return blocks
    .filter((block) => block.info === 'ts' || fileNameOf(block) !== undefined)
    .filter(({ text }) => PACKAGE.test(text) || filesIn(text).length > 0)
    .map((block) => ({ block, output: outputOf(block, blocks), files: filesOf(block, blocks) }));
}

/**
 * What stands under a program, or under the command that runs it. A file that imports others is a part of what
 * its page builds, and runs when the page is followed.
 */
function outputOf(block: Block, blocks: readonly Block[]): string | undefined {
  if (filesIn(block.text).length > 0) {
    return undefined;
  }
  const name = fileNameOf(block) ?? '';
  const command = blocks.find(({ after, text }) => after === block && text === `node ${name}`);
  return blocks.find(({ info, after }) => info === 'text' && after === (command ?? block))?.text;
}

function filesIn(text: string): readonly string[] {
  return text.match(FILE) ?? [];
}

/** The files that a block imports: each is the last one of its name in front of the block. */
function filesOf(block: Block, blocks: readonly Block[]): ReadonlyMap<string, Block> {
  const before = blocks.slice(0, blocks.indexOf(block));
  return new Map(
    filesIn(block.text).map((name) => {
      const file = before.findLast((other) => fileNameOf(other) === name);
      if (file === undefined) {
        throw new Error(`${block.place} imports ${name}, which its page does not have before`);
      }
      return [name, file];
    }),
  );
}

/** A directory inside the package for compiled programs; `remove` it. */
export function makeWorkshop(): { readonly directory: string; readonly remove: () => void } {
  mkdirSync(join(root, '.unstick'), { recursive: true });
  const directory = mkdtempSync(join(root, '.unstick/docs-'));
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** Type-checks and compiles all programs; what the compiler says, with places of the documentation. */
export async function compile(directory: string, programs: readonly Program[]): Promise<string> {
  for (const [index, { block, files = new Map<string, Block>() }] of programs.entries()) {
    const text = block.text.replaceAll(FILE, (name) =>
      files.has(name) ? `${index}-${name}` : name,
    );
    writeFileSync(join(directory, `${index}.mts`), text);
    for (const [name, { text: imported }] of files) {
      writeFileSync(join(directory, `${index}-${name.replace(/mjs$/, 'mts')}`), imported);
    }
  }
  const compilerOptions = { outDir: 'out', rootDir: '.', noEmit: false, noUnusedLocals: false };
  const config = {
    extends: '../../tsconfig.json',
    compilerOptions,
    include: ['*.mts'],
    exclude: [],
  };
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config));
  try {
    await execute(process.execPath, [compiler, '-p', directory, '--pretty', 'false']);
    return '';
  } catch (error) {
    const said = error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
    return said.replaceAll(/^\S*?(\d+)(?:-[\w-]+)?\.mts/gm, (whole, index: string) => {
      const place = programs[Number(index)]?.block.place;
      return place === undefined ? whole : `${place} + `;
    });
  }
}

/** Runs a compiled program to its end and gives what it printed. Rejects when it fails. */
export async function run(directory: string, index: number): Promise<string> {
  const { stdout } = await execute(process.execPath, [join(directory, 'out', `${index}.mjs`)], {
    cwd: directory,
    timeout: TIME_LIMIT,
    killSignal: 'SIGKILL',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return stdout.trimEnd();
}

/** What was printed, or the promise where that matches: `…` is anything on its line, alone on a line any lines. */
export function against(promised: string, printed: string): string {
  const pattern = promised
    .trimEnd()
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('.*')
    .replaceAll('\n.*\n', String.raw`\n[^]*\n`)
    .replace(/\n\.\*$/, String.raw`\n[^]*`);
  return new RegExp(`^${pattern}$`).test(printed) ? promised : printed;
}
