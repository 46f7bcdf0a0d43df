// The site as files: complete, no link that leads nowhere, nothing from elsewhere.

import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { documents, pageName, repository } from '../documents.ts';
import { sidebarOf } from '../menu.ts';
import { filesOf, pagesOf, readPage } from './support/built.ts';

const files = new Set(filesOf());
const pages = pagesOf();

/** Fragments that a page has. */
const anchors = new Map(
  pages.map((page) => [
    page,
    new Set(Array.from(readPage(page).matchAll(/\sid="([^"]*)"/g), ([, id = '']) => id)),
  ]),
);

/** What a page links to or loads. Scripts and code that is shown have no such attributes. */
function targetsOf(page: string): readonly string[] {
  const html = readPage(page).replaceAll(/<(script|style)\b[^>]*>[^]*?<\/\1>/g, '<$1>');
  return Array.from(html.matchAll(/<[a-z][^>]*?\s(?:href|src)="([^"]*)"/g), ([, target = '']) =>
    target.replaceAll('&amp;', '&'),
  );
}

/** Why a link leads nowhere, or undefined. */
function fault(page: string, target: string): string | undefined {
  if (/^[a-z]+:/.test(target)) {
    return undefined;
  }
  const [address = '', fragment = ''] = target.split('#');
  const [path = ''] = address.split('?');
  const from = path.startsWith('/') ? '' : posix.dirname(page);
  const wanted = path === '' ? page : posix.join(from, path).replace(/^\//, '');
  const file = wanted === '' || wanted.endsWith('/') ? `${wanted}index.html` : wanted;
  if (!files.has(file)) {
    return `${page} → ${target}: there is no ${file}`;
  }
  const known = anchors.get(file);
  return fragment === '' || known === undefined || known.has(decodeURIComponent(fragment))
    ? undefined
    : `${page} → ${target}: no such heading`;
}

describe('the site', () => {
  test('has every document in both languages, in the menu of each', () => {
    for (const [language, folder] of [
      ['en', ''],
      ['zh', 'zh/'],
    ] as const) {
      const names = [...new Set(documents().map(pageName))];
      expect(names.length).toBeGreaterThan(25);
      expect(names.filter((name) => !files.has(`${folder}${name}.html`))).toEqual([]);
      const listed = sidebarOf(language).flatMap(({ items }) => items.map(({ link }) => link));
      const links = names.map((name) => `/${folder}${name === 'index' ? '' : name}`);
      expect(listed.toSorted()).toEqual(links.toSorted());
    }
  });

  test('shows the text of the documents', () => {
    const [, heading = ''] =
      /^## (.+)$/m.exec(readFileSync(join(repository, 'docs/inspect.md'), 'utf8')) ?? [];
    expect(heading).not.toBe('');
    expect(readPage('inspect.html')).toContain(heading);
    expect(readPage('zh/inspect.html')).toContain('看清线路上到底传了什么');
    expect(readPage('zh/peer.html')).toContain('本页还没有中文版');
  });

  test('has no link that leads nowhere', () => {
    const faults = pages.flatMap((page) => targetsOf(page).map((target) => fault(page, target)));
    expect(faults.length).toBeGreaterThan(10_000);
    expect([...new Set(faults)].filter((one) => one !== undefined)).toEqual([]);
  });

  test('loads nothing from elsewhere', () => {
    const loads = pages.flatMap((page) =>
      Array.from(
        readPage(page).matchAll(/<(?:script|img|iframe|source)\b[^>]*\ssrc="([^"]*)"/g),
        ([, target = '']) => target,
      ),
    );
    expect(loads.filter((target) => /^(?:https?:)?\/\//.test(target))).toEqual([]);
  });

  test('has a policy on every page, in front of its scripts, that admits no script but its own', () => {
    const wrong = pages.filter((page) => {
      const html = readPage(page);
      const policy = html.indexOf('http-equiv="Content-Security-Policy"');
      const [, scripts = '*'] = /script-src ([^;"]*)/.exec(html) ?? [];
      return policy < 0 || policy > html.indexOf('<script') || /unsafe|\*|https?:/.test(scripts);
    });
    expect(wrong).toEqual([]);
  });
});
