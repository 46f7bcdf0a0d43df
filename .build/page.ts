// Makes the pages of the inspector in dist/page. Each page is one HTML file with its script and style inside.
//
//   inspect.html      the page of `unstick inspect --web`; the server holds the inspection
//   playground.html   the same page without a server, which inspects by itself

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

export type PageName = 'inspect' | 'playground';

/** Where a page may connect to: its own server, or nowhere. */
const CONNECTS: Readonly<Record<PageName, string>> = { inspect: "'self'", playground: "'none'" };

/** What else the policy of a page says: which scripts may be made while it runs. */
const SCRIPTS: Readonly<Record<PageName, readonly string[]>> = {
  inspect: ["trusted-types 'none'"],
  // Its own script again, as a worker.
  playground: ['worker-src blob:', 'trusted-types unstick-worker'],
};

/**
 * Leaves texts for people out of the formats. They are a third of the formats' bytes, and no codec reads
 * them.
 */
const withoutFacts: Plugin = {
  name: 'without-facts',
  setup(bundle) {
    bundle.onLoad({ filter: /codec\/formats\/\w+\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll(/^ +(?:source|note|known|seen): '.*$/gm, ''),
      loader: 'ts',
    }));
  },
};

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

async function scriptOf(name: PageName): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'src/page', `${name}.tsx`)],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: ['es2022'],
    charset: 'utf8',
    legalComments: 'none',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [withoutFacts],
  });
  // An HTML parser ends a script at this text, even inside a string of the script.
  return (outputFiles[0]?.text ?? '').trim().replaceAll('</script', '<\\/script');
}

async function styleOf(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'src/page/style.css')],
    minify: true,
    write: false,
    charset: 'utf8',
  });
  return (outputFiles[0]?.text ?? '').trim();
}

/** Makes a page as HTML. */
export async function makePage(name: PageName): Promise<string> {
  const [script, style] = await Promise.all([scriptOf(name), styleOf()]);
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    `connect-src ${CONNECTS[name]}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    ...SCRIPTS[name],
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>unstick</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body><noscript>This page needs JavaScript.</noscript><script type="module">${script}</script></body>
</html>
`;
}

/** Makes both pages in a folder. */
export async function buildPages(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const name of ['inspect', 'playground'] as const) {
    writeFileSync(join(folder, `${name}.html`), await makePage(name));
  }
}
