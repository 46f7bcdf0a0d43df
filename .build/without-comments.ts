// Drops the comments of built modules, which are a third of their size. The declarations keep their comments,
// because editors show them. The option `removeComments` of tsc would also drop the `@__PURE__` marks that
// bundlers need.

import { readFileSync, writeFileSync } from 'node:fs';
import { transform } from 'esbuild';
import { filesBelow } from './reachable.ts';

/** Matches a comment on lines of its own. tsc puts no comment after code. */
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

/**
 * The code as esbuild prints it without spaces and comments. Two texts with the same meaning give the same.
 */
async function meaningOf(text: string): Promise<string> {
  const { code } = await transform(text, { minifyWhitespace: true, legalComments: 'none' });
  return code;
}
