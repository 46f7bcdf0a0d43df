// For a program with commands that also runs without one.

import type { Command } from 'commander';

/** Lets the program run without a command, and refuses a first word that is none of its commands. */
export function actWithoutCommand(program: Command, act: () => Promise<void>): Command {
  return program
    .allowExcessArguments()
    .showHelpAfterError('--help lists the commands.')
    .action(async () => {
      const [word] = program.args;
      if (word !== undefined) {
        program.error(`error: unknown command '${word}'`);
      }
      await act();
    });
}
