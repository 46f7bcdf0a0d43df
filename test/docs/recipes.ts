// Recipes that need something around them: a device, a daemon, a browser, certificates. Their program stands
// under a heading of docs/recipes.md, then the command that starts it, then what it prints. The tests run the
// text of the page.

import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, afterAll, onTestFinished } from 'vitest';
import { parseMarkdown, readMarkdown, sectionOf } from './markdown.ts';
import type { Block } from './markdown.ts';
import { compile, makeWorkshop } from './programs.ts';

export interface Recipe {
  readonly program: Block;
  /** Each `sh` block. */
  readonly commands: readonly string[];
  /** What the page says that it prints. */
  readonly output: string;
}

const page = readMarkdown('docs/recipes.md');

/** All blocks under a heading, and under the headings below it. */
export function blocksOf(title: string): readonly Block[] {
  return parseMarkdown(`docs/recipes.md, ${title}`, sectionOf(page, title)).blocks;
}

export function recipe(title: string): Recipe {
  const blocks = blocksOf(title);
  const program = blocks.find(({ info }) => info === 'ts');
  const output = blocks.find(({ info }) => info === 'text')?.text;
  if (program === undefined || output === undefined) {
    throw new Error(`the recipe ${title} has no program, or does not say what it prints`);
  }
  const commands = blocks.filter(({ info }) => info === 'sh').map(({ text: sh }) => sh);
  return { program, commands, output };
}

export interface Run {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it has printed, when it is over. */
  readonly over: Promise<{
    readonly printed: string;
    readonly warned: string;
    readonly code: unknown;
  }>;
}

/** Compiles recipes before the tests of a file, and starts them by their number. */
export function kitchen(recipes: readonly Recipe[]): {
  readonly directory: string;
  readonly start: (index: number, args?: readonly string[], env?: NodeJS.ProcessEnv) => Run;
} {
  const { directory, remove } = makeWorkshop();
  beforeAll(async () => {
    const programs = recipes.map(({ program }) => ({ block: program, output: undefined }));
    const complaints = await compile(directory, programs);
    if (complaints !== '') {
      throw new Error(complaints);
    }
  });
  afterAll(remove);
  return {
    directory,
    start(index, args = [], env = {}) {
      const file = join(directory, 'out', `${index}.mjs`);
      const child = spawn(process.execPath, [file, ...args], {
        cwd: directory,
        env: { ...process.env, NO_COLOR: '1', ...env },
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      // A program that ends early closes its input while the test still writes.
      child.stdin.on('error', () => undefined);
      return { child, over: outcomeOf(child) };
    },
  };
}

async function outcomeOf(child: ChildProcessWithoutNullStreams): Run['over'] {
  const [printed, warned, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { printed: printed.trimEnd(), warned: warned.trimEnd(), code };
}
