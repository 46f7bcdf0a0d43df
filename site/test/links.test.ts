// The site as files: complete, no link that leads nowhere, nothing from elsewhere.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { documents, pageName, repository } from '../documents.ts';
import { sidebarOf } from '../menu.ts';
import { dist, filesOf, pagesOf, readPage } from './support/built.ts';
import { linkFaults } from './support/links.ts';

const files = new Set(filesOf());
const pages = pagesOf();

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
    const faults = linkFaults(dist, '/');
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
