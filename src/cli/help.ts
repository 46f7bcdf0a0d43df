// What --help of every command prints below the options, in one order: remarks, exit codes, examples. And the
// command `unstick help`.

import type { AddHelpTextContext, Command } from 'commander';
import { suggestion } from '../framing/nearest.ts';
import { exitLine } from './exit-codes.ts';

interface HelpText {
  /** Sentences that explain words of the options, one sentence a line. Default: none. */
  readonly remarks?: readonly string[];
  readonly exits: Parameters<typeof exitLine>[0];
  /** Commands that work as they stand, once their files and servers exist. */
  readonly examples: readonly string[];
}

/** Width in characters of help for an output that is no terminal. It is commander's own. */
const WIDTH = 80;

/** Returns the text in the lines into which commander breaks descriptions. */
function wrapped(text: string, command: Command): string {
  const width = command.configureOutput().getOutHelpWidth?.() ?? WIDTH;
  return command.createHelp().boxWrap(text, width);
}

/** Returns what `addHelpText` takes: the lines are broken when they are printed. */
export function helpText({
  remarks = [],
  exits,
  examples,
}: HelpText): (context: AddHelpTextContext) => string {
  return ({ command }) => {
    const lines = [...remarks, exitLine(exits)].map((line) => wrapped(line, command));
    // Examples are not broken, so that they can be copied.
    return ['', ...lines, '', 'Examples:', ...examples.map((example) => `  ${example}`)].join('\n');
  };
}

/**
 * Adds `unstick help`. The help command of commander prints the help of the program for a name that is none,
 * and does not say that it is none.
 */
export function addHelp(program: Command): void {
  program
    .command('help')
    .summary('print help for a command')
    .description('Prints the help of a command, or that of unstick.')
    .argument('[command]', 'name of the command')
    .action((name?: string) => {
      const asked =
        name === undefined ? program : program.commands.find((one) => one.name() === name);
      if (asked !== undefined) {
        asked.help();
      }
      const meant = suggestion(
        String(name),
        program.commands.map((one) => one.name()),
      );
      program.error(`error: unknown command '${name}'${meant === '' ? '' : ` (${meant.trim()})`}`);
    });
}
