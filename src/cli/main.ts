#!/usr/bin/env node
// The command line: a register of commands, one file each. Turns errors into exit codes, which are in
// exit-codes.ts.

import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { isUnstickError } from '../errors.ts';
import { addChop } from './chop.ts';
import { exitLine, EXITS } from './exit-codes.ts';
import { UnreadableInput } from './inputs.ts';
import { addGuess } from './guess.ts';
import { addInspect } from './inspect.ts';
import { printError, printUsageError } from './print.ts';
import { addProve } from './prove.ts';
import { addRecord } from './record.ts';

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version: number } = Object.fromEntries(Object.entries(JSON.parse(text)));
  return String(number);
}

function makeProgram(): Command {
  const program = new Command('unstick')
    .description('Message boundaries for TCP, and proof that they hold.')
    .version(version())
    .configureOutput({ writeErr: printUsageError })
    .addHelpText('after', `\n${exitLine()}`)
    .exitOverride();
  addProve(program);
  addChop(program);
  addRecord(program);
  addInspect(program);
  addGuess(program);
  return program;
}

/** Prints what went wrong in one line, and sets the exit code. Throws on what is a bug of this program. */
function report(error: unknown): void {
  if (error instanceof CommanderError) {
    // Commander has printed its line already; help and version are not failures.
    process.exitCode = error.exitCode === 0 ? 0 : EXITS.usage.code;
  } else if (isUnstickError(error)) {
    printError(error);
    const isRead = !(error instanceof UnreadableInput);
    process.exitCode = isRead ? EXITS.usage.code : EXITS.inconclusive.code;
  } else {
    throw error;
  }
}

// `unstick … | head` closes the pipe early, which is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    throw error;
  }
});

try {
  await makeProgram().parseAsync();
} catch (error) {
  report(error);
}
