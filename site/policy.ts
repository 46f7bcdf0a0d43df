// Puts a policy (CSP) into the pages of the site: no script but their own, and nothing from elsewhere.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function filesIn(folder: string, end: string): readonly string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(end))
    .map((name) => join(folder, name));
}

/**
 * The style that the theme puts into the page while it changes between light and dark. It is a constant of the
 * theme, so a hash can admit it.
 */
function transientStyle(folder: string): string {
  const pattern = /["'`](\*,\*::before,\*::after\{-webkit-transition:none!important;[^"'`]*)["'`]/;
  for (const file of filesIn(join(folder, 'assets'), '.js')) {
    const [, style] = pattern.exec(readFileSync(file, 'utf8')) ?? [];
    if (style !== undefined) {
      return style;
    }
  }
  throw new Error('The theme has no style for its change between light and dark any more');
}

function policyOf(html: string, styles: string): string {
  const scripts = Array.from(
    html.matchAll(/<script(?![^>]*\bsrc=)[^>]*>([^]*?)<\/script>/g),
    ([, text = '']) => hashOf(text),
  );
  return [
    "default-src 'none'",
    `script-src 'self' ${[...new Set(scripts)].join(' ')}`.trim(),
    `style-src 'self' ${styles}`,
    // Tables, and code in colours, have attributes with a style.
    "style-src-attr 'unsafe-inline'",
    // The reference has its index in addresses that begin with data:.
    "connect-src 'self' data:",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** Gives each page of a folder its policy, unless it has one. */
export function putPolicies(folder: string): void {
  const style = transientStyle(folder);
  for (const file of filesIn(folder, '.html')) {
    const html = readFileSync(file, 'utf8');
    if (!html.includes('http-equiv="Content-Security-Policy"')) {
      // The reference makes styles of what a person chooses there.
      const isReference = relative(folder, file).startsWith(`api${sep}`);
      const policy = policyOf(html, isReference ? "'unsafe-inline'" : hashOf(style));
      const meta = `<meta http-equiv="Content-Security-Policy" content="${policy}">`;
      // In front of every script: a policy does not bind what stands before it.
      writeFileSync(
        file,
        html.replace(/<meta charset="utf-8"\s*\/?>/i, (found) => found + meta),
      );
    }
  }
}
