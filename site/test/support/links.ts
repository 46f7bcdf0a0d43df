// Where the links of a built site lead.

import { posix } from 'node:path';
import { filesOf, readPage } from './built.ts';

/** What a page links to or loads. Scripts and code that is shown have no such attributes. */
function targetsOf(html: string): readonly string[] {
  const shown = html.replaceAll(/<(script|style)\b[^>]*>[^]*?<\/\1>/g, '<$1>');
  return Array.from(shown.matchAll(/<[a-z][^>]*?\s(?:href|src)="([^"]*)"/g), ([, target = '']) =>
    target.replaceAll('&amp;', '&'),
  );
}

/**
 * All links of a site in a folder that is served under a path: for each why it leads nowhere, or undefined. The
 * path ends with `/`.
 */
export function linkFaults(folder: string, base: string): readonly (string | undefined)[] {
  const files = new Set(filesOf(folder));
  const pages = [...files].filter((name) => name.endsWith('.html'));
  const texts = new Map(pages.map((page) => [page, readPage(page, folder)]));
  const anchors = new Map(
    [...texts].map(([page, html]) => [
      page,
      new Set(Array.from(html.matchAll(/\sid="([^"]*)"/g), ([, id = '']) => id)),
    ]),
  );

  function fault(page: string, target: string): string | undefined {
    if (/^[a-z]+:/.test(target)) {
      return undefined;
    }
    const [address = '', fragment = ''] = target.split('#');
    const [path = ''] = address.split('?');
    if (path.startsWith('/') && !path.startsWith(base)) {
      return `${page} → ${target}: not under ${base}`;
    }
    const wanted = path.startsWith('/')
      ? path.slice(base.length)
      : posix.join(posix.dirname(page), path);
    const named = path === '' ? page : wanted;
    const file = named === '' || named.endsWith('/') ? `${named}index.html` : named;
    if (!files.has(file)) {
      return `${page} → ${target}: there is no ${file}`;
    }
    const known = anchors.get(file);
    return fragment === '' || known === undefined || known.has(decodeURIComponent(fragment))
      ? undefined
      : `${page} → ${target}: no such heading`;
  }

  return [...texts].flatMap(([page, html]) => targetsOf(html).map((target) => fault(page, target)));
}
