#!/usr/bin/env node
// The command line: a register of commands, one file each. Turns errors into exit codes, which are in
// exit-codes.ts.

import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { isUnstickError } from '../errors.ts';
import { addChop } from './chop.ts';
import { EXITS } from './exit-codes.ts';
import { addFormats } from './formats.ts';
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

/** The table of exit codes, as `unstick --help` shows it. */
function exitCodes(): string {
  const rows = Object.values(EXITS).map(({ code, means }) => `  ${String(code).padEnd(5)}${means}`);
  return ['', 'Exit codes of all commands:', ...rows].join('\n');
}

/** The command that the words ask for, as people call it: `unstick prove`. Known before its words are read. */
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
    .helpCommand('help [command]', 'print help for a command')
    .configureHelp({ showGlobalOptions: true, styleTitle: (text) => inTone(text, 'bold') })
    .configureOutput({
      writeErr: printUsageError,
      outputError: (text, write) => write(`${text.trim().replaceAll('\n', ' ')}${seeHelp()}\n`),
      getOutHasColors: () => hasColours(process.stdout),
      // What commander says of wrong words is escaped, colours included.
      getErrHasColors: () => false,
    })
    .addHelpText('after', exitCodes())
    .hook('preSubcommand', (_all, command) => {
      asked = `unstick ${command.name()}`;
    })
    .hook('preAction', (all) => {
      if (all.opts()['silent'] === true) {
        silence();
      }
    })
    .exitOverride();
  const commands = [addProve, addChop, addRecord, addInspect, addGuess, addFormats];
  for (const add of commands) {
    add(program);
  }
  return program;
}

/** Prints what went wrong in one line, and sets the exit code. Throws on what is a bug of this program. */
function report(error: unknown): void {
  if (error instanceof CommanderError) {
    // Commander has printed its line already; help and version are not failures.
    process.exitCode = error.exitCode === 0 ? 0 : EXITS.usage.code;
  } else if (isUnstickError(error)) {
    const isUsage = !(error instanceof UnreadableInput);
    printError(error, isUsage ? seeHelp() : '');
    process.exitCode = isUsage ? EXITS.usage.code : EXITS.inconclusive.code;
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

keepMemory();
try {
  await makeProgram().parseAsync();
} catch (error) {
  report(error);
}
