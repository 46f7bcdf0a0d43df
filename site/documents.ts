// Which documents of the repository are pages of the site, at which address, and where a link between two of
// them leads. The documents stay as they are: a page is a copy, made anew for each build.
//
//   README.md               index.md          README.zh-CN.md         zh/index.md
//   docs/inspect.md         inspect.md        docs/inspect.zh-CN.md   zh/inspect.md
//   docs/peer.md            peer.md           (no translation)        zh/peer.md, in English with a remark
//   SECURITY.md             security.md

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Language = 'en' | 'zh';

export const repository: string = fileURLToPath(new URL('..', import.meta.url));
const pages = fileURLToPath(new URL('.pages', import.meta.url));

const CHINESE = /\.zh-CN\.md$/;
/** Remarks for those who write the document. */
const COMMENT = /^<!--[^]*?-->\n/gm;
const REMARK = '> 本页还没有中文版，以下是英文原文。\n\n';

/** The documents, each as a path in the repository. */
export function documents(): readonly string[] {
  const inDocs = readdirSync(join(repository, 'docs')).map((name) => `docs/${name}`);
  return [...readdirSync(repository), ...inDocs].filter((path) => path.endsWith('.md')).sort();
}

/** Name of the page of a document, the same in both languages. */
export function pageName(document: string): string {
  const name = posix.basename(document).replace(CHINESE, '.md').replace(/\.md$/, '');
  return name === 'README' ? 'index' : name.toLowerCase();
}

/** Address of a page in the folder of pages. */
export function pageOf(name: string, language: Language): string {
  return `${language === 'zh' ? 'zh/' : ''}${name}.md`;
}

/** Title of a document: its first heading. */
export function titleOf(document: string): string {
  const text = readFileSync(join(repository, document), 'utf8');
  return /^# (.+)$/m.exec(text)?.[1] ?? document;
}

/** The document that a page shows. */
function sourceOf(page: string, all: readonly string[]): string | undefined {
  const isChinese = page.startsWith('zh/');
  const name = page.replace(/^zh\//, '').replace(/\.md$/, '');
  const same = all.filter((document) => pageName(document) === name);
  return (
    same.find((document) => CHINESE.test(document) === isChinese) ??
    same.find((document) => !CHINESE.test(document))
  );
}

function hasTranslation(name: string, all: readonly string[]): boolean {
  return all.some((document) => CHINESE.test(document) && pageName(document) === name);
}

/** Where a link of a page leads. Undefined: to a file of the repository that is no page. */
export function resolveLink(page: string, target: string): string | undefined {
  const all = documents();
  const source = sourceOf(page, all);
  if (source === undefined || target.startsWith('#') || /^[a-z]+:|^\//.test(target)) {
    return target;
  }
  const [path = '', fragment] = target.split('#');
  const document = posix.join(posix.dirname(source), path);
  if (!all.includes(document)) {
    return undefined;
  }
  const name = pageName(document);
  // A reader of Chinese stays there, unless the link names the English side of a translated document.
  const isChinese =
    CHINESE.test(document) || (page.startsWith('zh/') && !hasTranslation(name, all));
  const address = `/${pageOf(name, isChinese ? 'zh' : 'en')}`;
  return fragment === undefined ? address : `${address}#${fragment}`;
}

/** Where a picture of a page lies, seen from the page. */
export function resolvePicture(page: string, target: string): string {
  return posix
    .join(page.startsWith('zh/') ? '..' : '.', 'images', posix.basename(target))
    .replace(/^images/, './images');
}

function writePage(page: string, text: string): void {
  const file = join(pages, page);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Copies every document to its page. `extra` are pages of which no document exists. */
export function makePages(extra: Readonly<Record<string, string>>): void {
  rmSync(pages, { recursive: true, force: true });
  const all = documents();
  for (const document of all) {
    const text = readFileSync(join(repository, document), 'utf8').replaceAll(COMMENT, '');
    const name = pageName(document);
    writePage(pageOf(name, CHINESE.test(document) ? 'zh' : 'en'), text);
    if (!CHINESE.test(document) && !hasTranslation(name, all)) {
      writePage(pageOf(name, 'zh'), text.replace(/^(# .+\n)/, `$1\n${REMARK}`));
    }
  }
  for (const [page, text] of Object.entries(extra)) {
    writePage(page, text);
  }
  cpSync(join(repository, 'docs/images'), join(pages, 'images'), { recursive: true });
}
