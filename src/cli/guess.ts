// The command `unstick guess`: finds out how the streams of a capture, of bytes, or of a live connection are
// framed.

import type { Command } from 'commander';
import { ConnectionError } from '../errors.ts';
import { GUESSED_LENGTH, StreamCollector } from '../guess/collect.ts';
import type { Collected } from '../guess/collect.ts';
import { wordFor } from '../guess/guess-word.ts';
import type { GuessResult } from '../guess/guess.ts';
import { guessTogether } from '../guess/together.ts';
import { printable, printableJson, quantity } from '../text.ts';
import { COMMAND_EXITS, EXITS } from './exit-codes.ts';
import { checkSources, gather, isUnreadable } from './gather.ts';
import type { Gathered } from './gather.ts';
import { GUESS_OPTIONS } from './guess-options.ts';
import type { GuessFlags } from './guess-options.ts';
import { linesOfGuess } from './guess-view.ts';
import { helpText } from './help.ts';
import { interruptible } from './interrupt.ts';
import { addOptions } from './option-table.ts';
import { printError, printRaw } from './print.ts';

/** Does nothing, because nothing is printed while a source is read. */
const flush = (): Promise<void> => Promise.resolve();

function print(line: string): void {
  printRaw(`${line}\n`);
}

async function run(paths: readonly string[], flags: GuessFlags): Promise<void> {
  checkSources(paths, flags);
  // The collector ignores the cuts of a plain file, which the file system made. The reader marks such a file.
  const collector = new StreamCollector(flags.most ?? GUESSED_LENGTH);
  let gathered: Gathered;
  try {
    gathered = await interruptible((signal) =>
      gather(paths, flags, { command: 'guess', visit: collector.add, flush, signal }),
    );
  } catch (error) {
    if (!(error instanceof ConnectionError)) {
      throw error;
    }
    printError(error);
    process.exitCode = EXITS.inconclusive.code;
    return;
  }
  const isFound = judgeAll(collector, flags, paths);
  finish(gathered, isFound);
}

function finish({ counts, problem, isVain }: Gathered, isFound: boolean): void {
  if (problem !== undefined) {
    printError(problem);
  }
  if (!isFound || problem !== undefined || isVain || isUnreadable(counts)) {
    process.exitCode = EXITS.inconclusive.code;
  }
}

const NOTHING: GuessResult = { version: 1, verdict: 'none', guesses: [] };

/**
 * Judges the conversations, and prints the guesses. Returns whether a framing was found in at least one of
 * them.
 */
function judgeAll(
  collector: StreamCollector,
  flags: GuessFlags,
  paths: readonly string[],
): boolean {
  let isFound = false;
  const all = collector.collected();
  const results = guessTogether(
    all.map(({ conversation, streams }) => ({ streams, serverPort: conversation.serverPort })),
    { maxLength: flags.most },
  );
  for (const [i, collected] of all.entries()) {
    const result = results[i] ?? NOTHING;
    isFound ||= result.verdict !== 'none';
    if (flags.json === true) {
      const { version, ...others } = result;
      print(printableJson({ version, conversation: collected.conversation.name, ...others }));
    } else {
      printResult(collected, result, paths);
    }
  }
  if (flags.json !== true && (all.length === 0 || collector.dropped > 0)) {
    print(
      all.length === 0 ? 'no conversation with bytes' : `${collector.dropped} conversations more`,
    );
  }
  return isFound;
}

function printResult(
  { conversation, streams }: Collected,
  { verdict, guesses }: GuessResult,
  paths: readonly string[],
): void {
  const bytes = streams.reduce((sum, stream) => sum + stream.bytes.length, 0);
  print(`${printable(conversation.name)}, ${quantity(bytes, 'byte')}: ${verdict}`);
  for (const line of guesses.flatMap(linesOfGuess)) {
    print(line);
  }
  const [best] = guesses;
  const [path] = paths;
  if (best !== undefined && path !== undefined && path !== '-') {
    const which = `--conversation ${conversation.index}`;
    const isAll = guesses.length === 1 && best.from === 0 && best.direction === 'both';
    const framing = isAll || streams.length === 1 ? `--frames '${wordFor(best)}'` : '--guess';
    print(`  see it: unstick inspect ${printable(path)} ${framing} ${which}`);
  }
}

const HELP = helpText({
  exits: COMMAND_EXITS.guess,
  examples: [
    'unstick guess trace.pcap',
    'unstick guess trace.pcapng.gz --conversation :9000 --json',
    "unstick guess --hex '0005 68656c6c6f | 0002 6869 | 0003 627965 | 0004 6d6f7265 | 0006 667261 | 6d6573 0003 616e64'",
    'unstick guess --listen :9001 --to :9000',
  ],
});

/** Adds the command to the program. */
export function addGuess(program: Command): void {
  const command = program
    .command('guess')
    .summary('find out how unknown streams are framed')
    .description(
      'Guesses where the frames of captures, of bytes, or of a live connection begin and end. Says how sure it is, on what it rests, and which other framings fit as well.',
    )
    .argument(
      '[sources...]',
      'capture files (pcap, pcapng, gzip), files of bytes, or - for the standard input',
    );
  addOptions(command, Object.values(GUESS_OPTIONS)).addHelpText('after', HELP).action(run);
}
