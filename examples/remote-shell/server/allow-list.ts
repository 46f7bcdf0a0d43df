// The allow-list: a file that says which commands the server runs. It has one command a line, with words as
// in a shell. `*` stands for any one argument that is no option, and `...` at the end for any number of any
// arguments. `#` begins a comment.
//
//     uptime
//     seq ...
//     systemctl status *
//     /srv/app/deploy.sh
//
// Rules:
// - The program is compared as it was given: "seq" does not allow "/tmp/seq". It is a name, looked up in
//   the server's PATH, or a whole path: "./deploy.sh" would be another program in another folder.
// - For the same reason a client may not choose the folder where there is an allow-list (policy.ts):
//   `make build` and `npm test` do what the folder says.
// - The client can do all that an allowed program can do: `find ...` and `git ...` run other programs.

import { basename } from 'node:path';
import { splitWords } from '../../support/words.ts';

export type AllowList = (argv: readonly string[]) => boolean;

const ANY_ONE = '*';
const ANY_REST = '...';

/** `git log --output=FILE` writes a file, so `git log *` must not allow it. A lone - is an argument. */
function isOption(word: string | undefined): boolean {
  return word !== undefined && word.length > 1 && word.startsWith('-');
}

/** Reads an allow-list. Throws an Error that names the line which cannot be read. */
export function parseAllowList(text: string): AllowList {
  const patterns = text.split('\n').flatMap((line, at) => {
    const { words, open } = splitWords(line, { comments: true });
    if (open) {
      throw new Error(`line ${at + 1}: a quote is not closed`);
    }
    if (words[0] === ANY_ONE || words[0] === ANY_REST) {
      throw new Error(`line ${at + 1}: the program must be named`);
    }
    const [program] = words;
    if (program?.includes('/') === true && !program.startsWith('/')) {
      throw new Error(
        `line ${at + 1}: ${program} must be a whole path, such as /srv/${basename(program)}`,
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
