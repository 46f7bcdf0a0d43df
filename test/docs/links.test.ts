// Links inside the repository lead somewhere: the file exists, and the heading behind `#` as well.

import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { documents, readMarkdown, root } from './markdown.ts';
import type { Markdown } from './markdown.ts';

const link = /\]\(([^)\s]+)\)/g;

function relativeLinks({ text }: Markdown): string[] {
  const prose = text.replaceAll(/^(`{3,}).*\n[\s\S]*?^\1$/gm, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(link)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** Why a link leads nowhere, or undefined. */
function fault(from: string, target: string): string | undefined {
  const [path = '', fragment] = target.split('#');
  const file = path === '' ? from : relative(root, join(root, dirname(from), path));
  if (!existsSync(join(root, file))) return `${target}: there is no ${file}`;
  if (fragment === undefined || !file.endsWith('.md')) return undefined;
  const { headings } = readMarkdown(file);
  const wanted = decodeURIComponent(fragment);
  return headings.some(({ anchor }) => anchor === wanted)
    ? undefined
    : `${target}: ${file} has no such heading`;
}

describe('links between documents', () => {
  for (const path of documents()) {
    test(`of ${path} lead to a file and a heading that exist`, () => {
      const faults = relativeLinks(readMarkdown(path)).map((target) => fault(path, target));
      expect(faults.filter((one) => one !== undefined)).toEqual([]);
    });
  }

  test('are found at all', () => {
    expect(relativeLinks(readMarkdown('README.md')).length).toBeGreaterThan(5);
  });
});
