// Reads the documentation as tests need it: fenced blocks, headings, links, tables.
// A `ts` block that imports from this package is a program: it has to compile. A `text` block that
// follows it, before the next block or heading, is its output: then it is run as well. `…` in an output
// stands for what differs from run to run.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root: string = join(import.meta.dirname, '../..');

export interface Block {
  /** What stands behind the opening fence. */
  readonly info: string;
  readonly text: string;
  /** Where it is, as `README.md:12`. */
  readonly place: string;
  /** The block before it, unless a heading lies between. */
  readonly after: Block | undefined;
}

/** The name of the file that a block is, from the comment in its first line: `// server.mjs`. */
export function fileNameOf({ info, text }: Block): string | undefined {
  return info === 'js'
    ? /^\/\/ ([\w-]+\.mjs)$/m.exec(text.split('\n', 1)[0] ?? '')?.[1]
    : undefined;
}

export interface Heading {
  readonly level: number;
  readonly title: string;
  /** The fragment that links to it. */
  readonly anchor: string;
  /** Index of its line in the text. */
  readonly line: number;
}

export interface Markdown {
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly headings: readonly Heading[];
}

const openingFence = /^(`{3,})(.*)$/;
const headingLine = /^(#{1,6}) (.+)$/;

/** The documentation that belongs to the package. */
export function documents(): string[] {
  const inRoot = readdirSync(root).filter((name) => name.endsWith('.md'));
  const inDocs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return [...inRoot, ...inDocs.map((name) => `docs/${name}`)];
}

/** The targets of the links in a text. Code is no prose, so what looks like a link there is none. */
export function linksIn(text: string): string[] {
  const prose = text.replaceAll(/^(`{3,}).*\n[\s\S]*?^\1$/gm, '').replaceAll(/`[^`\n]*`/g, '');
  return Array.from(prose.matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => target);
}

export function readMarkdown(path: string): Markdown {
  return parseMarkdown(path, readFileSync(join(root, path), 'utf8'));
}

/** `path` names the place of a block. */
export function parseMarkdown(path: string, text: string): Markdown {
  const blocks: Block[] = [];
  const headings: Heading[] = [];
  const seen = new Map<string, number>();
  let before: Block | undefined;
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const [, fence, info = ''] = openingFence.exec(line) ?? [];
    if (fence !== undefined) {
      const end = lines.indexOf(fence, at + 1);
      if (end < 0) {
        throw new Error(`${path}:${at + 1} opens a block that nothing closes`);
      }
      const content = lines.slice(at + 1, end).join('\n');
      before = { info: info.trim(), text: content, place: `${path}:${at + 1}`, after: before };
      blocks.push(before);
      at = end;
      continue;
    }
    const [, marks, title] = headingLine.exec(line) ?? [];
    if (marks === undefined || title === undefined) {
      continue;
    }
    before = undefined;
    headings.push({ level: marks.length, title, anchor: anchorOf(title, seen), line: at });
  }
  return { path, text, blocks, headings };
}

/** As the hosting sites make it: lower case, spaces to hyphens, punctuation dropped, repeats numbered. */
function anchorOf(title: string, seen: Map<string, number>): string {
  const plain = title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
  const times = seen.get(plain) ?? 0;
  seen.set(plain, times + 1);
  return times === 0 ? plain : `${plain}-${times}`;
}

/** The rows of every table whose header cells are exactly these, each with its line for messages. */
export function tableRows(text: string, header: readonly string[]): string[][] {
  const rows: string[][] = [];
  let inTable = false;
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) {
      inTable = false;
      continue;
    }
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (cells.join('|') === header.join('|')) {
      inTable = true;
    } else if (inTable && !cells.every((cell) => /^:?-+:?$/.test(cell))) {
      rows.push(cells);
    }
  }
  return rows;
}

/** The section under the heading, up to the next one of the same or a higher level. */
export function sectionOf({ text, headings }: Markdown, title: string): string {
  const heading = headings.find((one) => one.title === title);
  if (heading === undefined) {
    throw new Error(`there is no heading ${title}`);
  }
  const { level, line } = heading;
  const next = headings.find((other) => other.line > line && other.level <= level);
  return text
    .split('\n')
    .slice(line + 1, next?.line)
    .join('\n');
}
