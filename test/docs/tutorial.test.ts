// The two languages of docs/tutorial.md show the same programs, commands and outputs. What they do is tried in
// test/interop/tutorial.test.ts.

import { expect, test } from 'vitest';
import { readMarkdown } from './markdown.ts';
import type { Markdown } from './markdown.ts';

const english = readMarkdown('docs/tutorial.md');
const chinese = readMarkdown('docs/tutorial.zh-CN.md');

/** Blocks that name a language. Those that name none are drawings, with words of their own. */
function code({ blocks }: Markdown): string[] {
  return blocks.filter(({ info }) => info !== '').map(({ info, text }) => `${info}\n${text}`);
}

function shapeOf({ headings, blocks }: Markdown): unknown {
  return { levels: headings.map(({ level }) => level), blocks: blocks.map(({ info }) => info) };
}

test('the tutorial is the same in both languages', () => {
  expect(code(chinese)).toEqual(code(english));
  expect(shapeOf(chinese)).toEqual(shapeOf(english));
  expect(code(english).length).toBeGreaterThan(25);
});
