// Links inside the repository lead somewhere: the file exists, and the heading behind `#` as well.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { documents, linksIn, readMarkdown, root } from './markdown.ts';
import type { Markdown } from './markdown.ts';

function relativeLinks({ text }: Markdown): string[] {
  return linksIn(text).filter((target) => !/^[a-z]+:/.test(target));
}

/** Besides the documents, whatever explains a folder. */
function everyDocument(): string[] {
  const beside = ['bench', 'examples', 'fuzz'].flatMap((folder) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder), { recursive: true }).map((name) =>
          join(folder, String(name)),
        )
      : [],
  );
  return [
    ...documents(),
    ...beside.filter((path) => path.endsWith('.md') && !path.includes('node_modules')),
  ];
}

/** Why a link leads nowhere, or undefined. */
function fault(from: string, target: string): string | undefined {
  const [path = '', fragment] = target.split('#');
  const file = path === '' ? from : relative(root, join(root, dirname(from), path));
  if (!existsSync(join(root, file))) {
    return `${target}: there is no ${file}`;
  }
  if (fragment === undefined || !file.endsWith('.md')) {
    return undefined;
  }
  const { headings } = readMarkdown(file);
  const wanted = decodeURIComponent(fragment);
  return headings.some(({ anchor }) => anchor === wanted)
    ? undefined
    : `${target}: ${file} has no such heading`;
}

describe('links between documents', () => {
  for (const path of everyDocument()) {
    test(`of ${path} lead to a file and a heading that exist`, () => {
      const faults = relativeLinks(readMarkdown(path)).map((target) => fault(path, target));
      expect(faults.filter((one) => one !== undefined)).toEqual([]);
    });
  }

  test('are found at all', () => {
    expect(relativeLinks(readMarkdown('README.md')).length).toBeGreaterThan(5);
  });
});

describe('commands', () => {
  test('of npm that the documents name are scripts of the package', () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    );
    const named = documents().flatMap((path) =>
      [...readMarkdown(path).text.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(
        ([, name = '']) => name,
      ),
    );
    expect(named.length).toBeGreaterThan(5);
    expect([...new Set(named)].filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});
