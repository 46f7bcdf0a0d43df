// The pages as they are built: small, in one file, under a policy that admits nothing but their own text.

import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { makePage } from '../../.build/page.ts';
import type { PageName } from '../../.build/page.ts';

/** Maximum length in bytes of a page in gzip. The playground carries every codec; no server sends it. */
const BUDGETS: Readonly<Record<PageName, number>> = {
  inspect: 60 * 1024,
  playground: 104 * 1024,
};

describe.each(['inspect', 'playground'] as const)('the page %s', (name) => {
  let page = '';

  beforeAll(async () => {
    page = await makePage(name);
  });

  function hashOf(pattern: RegExp): string {
    const [, text = ''] = pattern.exec(page) ?? [];
    expect(text.length).toBeGreaterThan(1000);
    return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  }

  test('is small', () => {
    expect(gzipSync(page, { level: 9 }).length).toBeLessThan(BUDGETS[name]);
  });

  test('admits its own script and its own style by their hashes, and nothing else', () => {
    const [, policy = ''] = /Security-Policy" content="([^"]+)"/.exec(page) ?? [];
    const rules = new Map(
      policy.split('; ').map((rule): [string, string] => {
        const [key = '', ...values] = rule.split(' ');
        return [key, values.join(' ')];
      }),
    );
    expect(Object.fromEntries(rules)).toEqual({
      'default-src': "'none'",
      'script-src': hashOf(/<script type="module">([^]*)<\/script>/),
      'style-src': hashOf(/<style>([^]*)<\/style>/),
      'connect-src': name === 'inspect' ? "'self'" : "'none'",
      'img-src': 'data:',
      'base-uri': "'none'",
      'form-action': "'none'",
      'require-trusted-types-for': "'script'",
      ...(name === 'inspect'
        ? { 'trusted-types': "'none'" }
        : { 'worker-src': 'blob:', 'trusted-types': 'unstick-worker' }),
    });
  });

  test('loads nothing from elsewhere', () => {
    expect(page.match(/\b(?:src|href)="[^"]*"/g)).toEqual(['href="data:,"']);
    expect(page).not.toMatch(/@import|url\(/);
    expect(page.match(/<\/script/g)).toHaveLength(1);
  });
});
