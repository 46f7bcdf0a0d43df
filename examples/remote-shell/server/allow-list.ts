// The allow-list: a file that says which commands the server runs. It has one command a line, with words as
// in a shell. `*` stands for one argument that is not an option. `...` at the end stands for any number of
// arguments of any kind. `#` begins a comment.
//
//     uptime
//     seq ...
//     systemctl status *
//     /srv/app/deploy.sh
//
// Rules:
// - The program is compared as it was given: "seq" does not allow "/tmp/seq". The program in the list is a
//   name, which is looked up in the server's PATH, or a whole path. A relative path such as "./deploy.sh" is
//   refused, because it would be another program in another folder.
// - If there is an allow-list, a client may not choose the folder (policy.ts), because `make build` and
//   `npm test` run what a file in the folder says.
// - The client can do all that an allowed program can do, and `find ...` and `git ...` can run other
//   programs.

import { basename } from 'node:path';
import { splitWords } from '../../support/words.ts';

export type AllowList = (argv: readonly string[]) => boolean;

const ANY_ONE = '*';
const ANY_REST = '...';

/**
 * Whether a word is an option. `git log --output=FILE` writes a file, so the `*` of `git log *` must not
 * stand for an option. A lone - is not one.
 */
function isOption(word: string | undefined): boolean {
  return word !== undefined && word.length > 1 && word.startsWith('-');
}

/** Reads an allow-list. Throws an Error that names the line which cannot be read. */
export function parseAllowList(text: string): AllowList {
  const patterns = text.split('\n').flatMap((line, at) => {
    const { words, open } = splitWords(line, { comments: true });
    if (open) {
      throw new Error(`line ${at + 1}: a quote is not closed, or the line ends in a backslash`);
    }
    if (words[0] === ANY_ONE || words[0] === ANY_REST) {
      throw new Error(
        `line ${at + 1}: begins with ${words[0]}, but the first word must name a program`,
      );
    }
    const [program] = words;
    if (program?.includes('/') === true && !program.startsWith('/')) {
      throw new Error(
        `line ${at + 1}: ${program} is relative; write the whole path, such as /srv/${basename(program)}`,
      );
    }
    return program === undefined ? [] : [words];
  });
  return (argv) => patterns.some((pattern) => matches(pattern, argv));
}

function matches(pattern: readonly string[], argv: readonly string[]): boolean {
  const open = pattern.at(-1) === ANY_REST;
  const fixed = open ? pattern.slice(0, -1) : pattern;
  if (argv.length < fixed.length || (!open && argv.length > fixed.length)) {
    return false;
  }
  return fixed.every((word, at) => (word === ANY_ONE ? !isOption(argv[at]) : word === argv[at]));
}
