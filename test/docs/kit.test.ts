// docs/kit.md shows the codecs that test/support/kit holds and that test/interop plays against real programs.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readMarkdown, root } from './markdown.ts';

const folder = join(root, 'test/support/kit');
const shown = readMarkdown('docs/kit.md').blocks.filter(({ info }) => info === 'ts');

test.each(readdirSync(folder))('%s stands in docs/kit.md as it is tested', (file) => {
  const text = readFileSync(join(folder, file), 'utf8');
  const [, codec = ''] = /\/\/ kit: [^\n]*\n([^]*?)\n\/\/ end\n/.exec(text) ?? [];
  expect(codec).toMatch(/defineCodec/);
  expect(shown.filter((block) => block.text.includes(codec))).toHaveLength(1);
});
