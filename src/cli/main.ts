#!/usr/bin/env node
// The command line is a list of commands, one file each. It turns errors into exit codes, which are in
// exit-codes.ts.

import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { isUnstickError } from '../errors.ts';
import { addChop } from './chop.ts';
import { EXITS } from './exit-codes.ts';
import { addFormats } from './formats.ts';
import { addHelp } from './help.ts';
import { UnreadableInput } from './inputs.ts';
import { keepMemory } from './keep-memory.ts';
import { addGuess } from './guess.ts';
import { addInspect } from './inspect.ts';
import { printError, printUsageError, silence } from './print.ts';
import { addProve } from './prove.ts';
import { addRecord } from './record.ts';
import { hasColours, inTone } from './style.ts';

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version: number } = Object.fromEntries(Object.entries(JSON.parse(text)));
  return String(number);
}

/** Returns the table of exit codes for `unstick --help`. */
function exitCodes(): string {
  const rows = Object.values(EXITS).map(({ code, means }) => `  ${String(code).padEnd(5)}${means}`);
  return ['', 'Exit codes of all commands:', ...rows].join('\n');
}

/**
 * The command that the user asked for, as people write it: `unstick prove`. It is known before the other
 * words are read.
 */
let asked = 'unstick';

function seeHelp(): string {
  return ` (see ${asked} --help)`;
}

function makeProgram(): Command {
  const program = new Command('unstick')
    .description('Message boundaries for TCP, and proof that they hold.')
    .version(version(), '-v, --version', 'print the version')
    .option('-q, --silent', 'print nothing on standard output; the exit code says how it went')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true, styleTitle: (text) => inTone(text, 'bold') })
    .configureOutput({
      writeErr: printUsageError,
      outputError: (text, write) => {
        const said = text
          .trim()
          .replaceAll('\n', ' ')
          .replace(/^error:/, 'unstick:');
        write(`${said}${seeHelp()}\n`);
      },
      getOutHasColors: () => hasColours(process.stdout),
      // Escape what commander prints about wrong words, colours included.
      getErrHasColors: () => false,
    })
    .addHelpText('after', exitCodes())
    .hook('preSubcommand', (_all, command) => {
      asked = command.name() === 'help' ? 'unstick' : `unstick ${command.name()}`;
    })
    .hook('preAction', (all) => {
      if (all.opts()['silent'] === true) {
        silence();
      }
    })
    .exitOverride();
  const commands = [addProve, addChop, addRecord, addInspect, addGuess, addFormats, addHelp];
  for (const add of commands) {
    add(program);
  }
  return program;
}

/** Prints an error in one line, and sets the exit code. Throws an error that is a bug of this program. */
function report(error: unknown): void {
  if (error instanceof CommanderError) {
    // Commander has already printed its line. Help and version are not failures.
    process.exitCode = error.exitCode === 0 ? 0 : EXITS.usage.code;
  } else if (isUnstickError(error)) {
    const isUsage = !(error instanceof UnreadableInput);
    printError(error, isUsage ? seeHelp() : '');
    process.exitCode = isUsage ? EXITS.usage.code : EXITS.inconclusive.code;
  } else {
    throw error;
  }
}

// `unstick … | head` closes the pipe early. That is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    throw error;
  }
});

keepMemory();
try {
  await makeProgram().parseAsync();
} catch (error) {
  report(error);
}
