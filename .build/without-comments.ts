// Drops the comments of built modules, which are a third of their size. The declarations keep theirs, which
// editors show. `removeComments` of tsc would take the `@__PURE__` marks along that bundlers need.

import { readFileSync, writeFileSync } from 'node:fs';
import { transform } from 'esbuild';
import { filesBelow } from './reachable.ts';

/** A comment on lines of its own. tsc puts none behind code. */
const COMMENT_LINES = /^[ \t]*(?:\/\/.*|\/\*(?! ?@__PURE__)(?:(?!\*\/)[\s\S])*\*\/[ \t]*)\n/gm;

export async function dropComments(folder: string): Promise<void> {
  const modules = filesBelow(folder).filter((file) => file.endsWith('.js'));
  await Promise.all(
    modules.map(async (file) => {
      const before = readFileSync(file, 'utf8');
      const after = before.replaceAll(COMMENT_LINES, '');
      if ((await meaningOf(before)) !== (await meaningOf(after))) {
        throw new Error(`${file} means something else without its comments.`);
      }
      writeFileSync(file, after);
    }),
  );
}

/** The code as esbuild prints it, without spaces and comments: two texts that mean the same are equal. */
async function meaningOf(text: string): Promise<string> {
  const { code } = await transform(text, { minifyWhitespace: true, legalComments: 'none' });
  return code;
}
