// The text below the options in --help of every command, in one order: remarks, exit codes, examples.

import { exitLine } from './exit-codes.ts';

interface HelpText {
  /** Sentences that explain words of the options, one sentence a line. Default: none. */
  readonly remarks?: readonly string[];
  readonly exits: Parameters<typeof exitLine>[0];
  /** Commands that work as they stand, once their files and servers exist. */
  readonly examples: readonly string[];
}

export function helpText({ remarks = [], exits, examples }: HelpText): string {
  const lines = ['', ...remarks, exitLine(exits), '', 'Examples:'];
  return [...lines, ...examples.map((example) => `  ${example}`)].join('\n');
}
