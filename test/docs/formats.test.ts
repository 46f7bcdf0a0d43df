// docs/formats.md is exactly the page that test/support/formats-page.ts makes from the table of formats.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { expect, test } from 'vitest';
import { formatsPage } from '../support/formats-page.ts';
import { root } from './markdown.ts';

const file = join(root, 'docs/formats.md');
const command = 'UPDATE_DOCS=1 npx vitest run --project unit test/docs/formats.test.ts';

test('docs/formats.md is what the table says', () => {
  if (env['UPDATE_DOCS'] === '1') {
    writeFileSync(file, formatsPage());
  }
  const isSame = readFileSync(file, 'utf8') === formatsPage();
  expect(isSame, `docs/formats.md is not what the table says. To write it anew:\n${command}`).toBe(
    true,
  );
});
