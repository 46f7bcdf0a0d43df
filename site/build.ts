// Makes the site in site/dist: `npm run --prefix site build`. UNSTICK_SITE_BASE is the path under which it will be
// served (`/` by default, else such as `/unstick/`), UNSTICK_SITE_OUT another folder for it.
//
//   README, docs ──copy──▶ .pages ──VitePress──▶ dist/**            the documents, in two languages
//   site/api/out ──copy, a link back──────────▶ dist/api/**         the API reference, as typedoc made it
//   src/page ──esbuild────────────────────────▶ dist/playground.html
//   every page ──a policy──▶ the same page

import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vitepress';
import { makePage } from '../.build/page.ts';
import { makePages } from './documents.ts';
import { putPolicies } from './policy.ts';
import { makeReferencePage, reference } from './reference.ts';

const site = fileURLToPath(new URL('.', import.meta.url));
const target = process.env['UNSTICK_SITE_OUT'] ?? join(site, 'dist');

/** Copies the reference, and gives each of its pages a way back. */
function copyReference(): void {
  const folder = join(target, 'api');
  cpSync(reference, folder, { recursive: true });
  rmSync(join(folder, 'api.json'));
  for (const name of readdirSync(folder, { recursive: true }).map(String)) {
    if (name.endsWith('.html')) {
      const file = join(folder, name);
      const up = '../'.repeat(name.split(/[\\/]/).length);
      const links = `<div id="tsd-toolbar-links"><a href="${up}index.html">Guide</a><a href="${up}playground.html">Playground</a></div>`;
      const html = readFileSync(file, 'utf8');
      const linked = html.replace('<div id="tsd-toolbar-links"></div>', links);
      writeFileSync(file, linked.replace('<head>', '<head><link rel="icon" href="data:,"/>'));
    }
  }
}

makePages({
  'api.md': makeReferencePage(
    'Every public name with its first sentence. Each leads to its page in the [reference](/api/index.html).',
  ),
  'zh/api.md': makeReferencePage(
    '全部公开的名字，各附说明的第一句。点开就是[参考手册](/api/index.html)里的那一页（英文）。',
  ),
});
await build(site);
copyReference();
writeFileSync(join(target, 'playground.html'), await makePage('playground'));
putPolicies(target);
