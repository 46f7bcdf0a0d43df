// What the site does to the Markdown of the documents: anchors as the hosting sites make them, and links that lead
// to pages.

import type { MarkdownRenderer } from 'vitepress';
import { resolveLink, resolvePicture } from './documents.ts';

type Token = ReturnType<MarkdownRenderer['parse']>[number];

/** Lower case, spaces to hyphens, punctuation dropped. The caller numbers repeats. */
export function anchorOf(title: string): string {
  return title
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** Makes links of a page lead to pages. What a link to no page says stays, as text. */
function resolveIn(page: string, base: string, tokens: readonly Token[]): Token[] {
  const kept: Token[] = [];
  let dropped = 0;
  for (const token of tokens) {
    if (token.type === 'link_open') {
      const target = resolveLink(page, token.attrGet('href') ?? '');
      if (target === undefined) {
        dropped++;
        continue;
      }
      token.attrSet('href', target);
      if (target.startsWith('/api/')) {
        // A page that VitePress did not make: its router must leave the link to the browser. VitePress does not put
        // the base in front of such a link.
        token.attrSet('target', '_self');
        token.attrSet('href', `${base}${target.slice(1)}`);
      }
    } else if (token.type === 'link_close' && dropped > 0) {
      dropped--;
      continue;
    } else if (token.type === 'image') {
      token.attrSet('src', resolvePicture(page, token.attrGet('src') ?? ''));
    }
    kept.push(token);
  }
  return kept;
}

/** A plugin of markdown-it, for a site whose addresses begin with `base`. */
export function documentLinks(markdown: MarkdownRenderer, base: string): void {
  markdown.core.ruler.push('document-links', ({ tokens, env }) => {
    const { relativePath: page = '' }: { relativePath?: string } = env;
    for (const token of tokens) {
      if (token.children !== null) {
        token.children = resolveIn(page, base, token.children);
      }
    }
  });
}
