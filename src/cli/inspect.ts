// The command `unstick inspect`: compares the pieces of captures, of bytes, and of live connections with
// their frames.

import type { Command } from 'commander';
import type { CaptureEvent, Conversation } from '../capture/events.ts';
import { ConnectionError } from '../errors.ts';
import type { Spots } from '../framing/codecs.ts';
import type { GuessResult } from '../guess/guess.ts';
import { HEAD_BYTES } from '../heads/fields.ts';
import { Annotator } from '../inspect/annotator.ts';
import type { Finding, SourceLine } from '../inspect/lines.ts';
import { refuse } from '../options.ts';
import { printableJson } from '../text.ts';
import { GuessingAnnotator } from '../trace/guessing-annotator.ts';
import type { GuessedConversation } from '../trace/guessing-annotator.ts';
import { Misfits } from '../trace/misfits.ts';
import type { Misfit } from '../trace/misfits.ts';
import { COMMAND_EXITS, EXITS } from './exit-codes.ts';
import { FRAMES_WORDS, importSpots, parseSpotsWithoutResync } from './frame-words.ts';
import { checkTaken, gather, isUnreadable } from './gather.ts';
import type { Gathered } from './gather.ts';
import { helpText } from './help.ts';
import { guessLines, misfitLines } from './guess-view.ts';
import { headReader, treeLines } from './inspect-heads.ts';
import type { HeadReader } from './inspect-heads.ts';
import { checkFlags, INSPECT_OPTIONS, isExportOnly } from './inspect-options.ts';
import type { InspectFlags } from './inspect-options.ts';
import { InspectOutput } from './inspect-output.ts';
import { cellsOf, countLines, InspectView, summaryLines } from './inspect-view.ts';
import { inspectOnWeb } from './inspect-web.ts';
import type { Inspected } from './inspect-web.ts';
import { exportDissector } from './inspect-wireshark.ts';
import { reading } from './inputs.ts';
import { interruptible } from './interrupt.ts';
import { addOptions } from './option-table.ts';
import { printError } from './print.ts';

/** Width in characters that is used for an output that is no terminal. */
const WIDTH = 100;

interface Given {
  readonly spots: Spots | undefined;
  readonly head: HeadReader | undefined;
  /** Whether the source may be a running program. Its lines are printed at once, and without a pager. */
  readonly isLive: boolean;
}

/** One run of the command, from events to lines. */
class Inspection {
  readonly output: InspectOutput;
  readonly #flags: InspectFlags;
  readonly #annotator: Annotator | GuessingAnnotator;
  readonly #misfits: Misfits | undefined;
  readonly #view: InspectView;
  readonly #pieces: SourceLine['pieces'];
  readonly #head: HeadReader | undefined;
  readonly #isLive: boolean;
  #isWriting = false;

  constructor(flags: InspectFlags, { spots, head, isLive }: Given) {
    this.#flags = flags;
    this.#head = head;
    this.#isLive = isLive;
    const { listen, hex, bytes = false, json = false, direction } = flags;
    this.#pieces = listen === undefined && hex === undefined ? 'segments' : 'chunks';
    const width = process.stdout.columns ?? WIDTH;
    this.output = new InspectOutput(!isLive && !json);
    this.#view = new InspectView({
      pieces: this.#pieces,
      showsPayload: bytes || hex !== undefined,
      isRulerAlways: bytes || hex !== undefined,
      width,
    });
    const shown = json ? (bytes ? Infinity : 0) : cellsOf(width);
    const options = {
      arePiecesReal: ({ server }: Conversation) => server !== '' || hex !== undefined,
      shownLength: Math.max(head === undefined ? 0 : HEAD_BYTES, shown),
      direction,
      tell: this.#tell,
    };
    // A guess says itself what does not fit.
    this.#misfits = spots === undefined ? undefined : new Misfits(direction);
    this.#annotator =
      spots === undefined
        ? new GuessingAnnotator({
            ...options,
            isLive: listen !== undefined,
            onGuess: this.#tellGuess,
          })
        : new Annotator({ ...options, spots, areBytesLasting: listen !== undefined });
    if (json) {
      const framing = flags.frames ?? flags.codec ?? 'guess';
      const source: SourceLine = { kind: 'source', version: 1, pieces: this.#pieces, framing };
      this.output.raw(printableJson(source));
    }
  }

  readonly visit = (event: CaptureEvent): void => {
    this.#misfits?.add(event);
    this.#annotator.add(event);
  };

  /** Whether there is a framing: it was given, or guessed for at least one conversation. */
  get hasFraming(): boolean {
    return this.#annotator instanceof Annotator || this.#annotator.found > 0;
  }

  /** Prints the summary. Returns whether a wrong frame was found. */
  finish({ counts, taken }: Gathered): boolean {
    if (this.#annotator instanceof GuessingAnnotator) {
      this.#annotator.end();
    }
    for (const misfit of this.#misfits?.found() ?? []) {
      this.#tellMisfit(misfit);
    }
    const summary = this.#annotator.summary();
    if (this.#flags.json === true) {
      this.output.raw(printableJson(summary));
    } else {
      // Print no summary without a framing or a conversation: nothing was inspected then, and "no wrong
      // frame" would say otherwise.
      const found = this.hasFraming && taken > 0 ? summaryLines(summary, this.#pieces) : [];
      const lines = [...found, ...counts.flatMap(countLines)];
      for (const line of lines) {
        this.output.line(line);
      }
    }
    return summary.errors > 0;
  }

  readonly #tell = (finding: Finding, conversation: Conversation): void => {
    this.#misfits?.tell(finding, conversation);
    const { errors = false, from = 0, json = false } = this.#flags;
    if (finding.offset < from || (errors && finding.kind === 'frame')) {
      return;
    }
    if (json) {
      this.output.raw(printableJson(this.#jsonOf(finding)));
    } else {
      const fields = finding.kind === 'frame' ? this.#head?.(finding) : undefined;
      for (const line of [...this.#view.linesOf(finding), ...treeLines(fields ?? [])]) {
        this.output.line(line);
      }
    }
    this.#writeIfLive();
  };

  readonly #tellGuess = (conversation: GuessedConversation, result: GuessResult): void => {
    this.#tellResult(conversation, result, guessLines(conversation, result));
    this.#writeIfLive();
  };

  #tellMisfit(misfit: Misfit): void {
    this.#tellResult(misfit.conversation, misfit.result, misfitLines(misfit));
  }

  #tellResult({ name }: { name: string }, result: GuessResult, lines: readonly string[]): void {
    if (this.#flags.json === true) {
      const { verdict, guesses } = result;
      this.output.raw(printableJson({ kind: 'guess', conversation: name, verdict, guesses }));
    } else {
      for (const text of lines) {
        this.output.line({ text, tone: 'bold' });
      }
    }
  }

  /** Called between two chunks of a file. Resolves when the output has taken most of what it was given. */
  readonly flush = (): Promise<void> => {
    if (this.#isLive) {
      this.output.write();
    }
    return this.output.flush();
  };

  /**
   * Writes held lines soon if the source is a live connection, which has no chunks of a file. The lines of one
   * read are written together: one write for each frame costs more than to find it.
   */
  #writeIfLive(): void {
    if (this.#flags.listen !== undefined && !this.#isWriting) {
      this.#isWriting = true;
      setImmediate(() => {
        this.#isWriting = false;
        this.output.write();
      });
    }
  }

  #jsonOf(finding: Finding): object {
    if (finding.kind !== 'frame') {
      return finding;
    }
    const { cuts: _cuts, bytes, ...frame } = finding;
    const fields = this.#head?.(finding);
    const line = fields === undefined ? frame : { ...frame, fields };
    return this.#flags.bytes === true
      ? { ...line, bytes: Buffer.from(bytes).toString('hex') }
      : line;
  }
}

/**
 * Resolves to what finds the frames that the flags name, or to `undefined` if the framing is to be guessed.
 */
async function spotsFor({ frames, codec }: InspectFlags): Promise<Spots | undefined> {
  if (codec !== undefined) {
    return importSpots(codec);
  }
  return frames === undefined ? undefined : parseSpotsWithoutResync(frames, '--frames');
}

async function print(
  sources: readonly string[],
  flags: InspectFlags,
  spots: Spots | undefined,
): Promise<Inspected> {
  const isLive = flags.listen !== undefined || sources.includes('-');
  const inspection = new Inspection(flags, { spots, head: await headReader(flags), isLive });
  const { visit, flush } = inspection;
  const gathered = await interruptible((signal) =>
    gather(sources, flags, { command: 'inspect', visit, flush, signal }),
  );
  const isWrong = inspection.finish(gathered);
  await inspection.output.end();
  return { isWrong, gathered, hasFraming: inspection.hasFraming };
}

async function inspect(sources: readonly string[], flags: InspectFlags): Promise<void> {
  checkFlags(sources, flags);
  exportDissector(flags);
  if (isExportOnly(sources, flags)) {
    return;
  }
  const spots = await spotsFor(flags);
  const { isWrong, gathered, hasFraming } =
    flags.web === undefined
      ? await print(sources, flags, spots)
      : await inspectOnWeb(sources, flags, spots);
  const { counts, problem, isVain } = gathered;
  if (problem !== undefined) {
    printError(problem);
  }
  if (isWrong) {
    process.exitCode = EXITS.finding.code;
    return;
  }
  checkTaken(gathered, flags);
  if (problem !== undefined || isVain || isUnreadable(counts)) {
    process.exitCode = EXITS.inconclusive.code;
  } else if (!hasFraming) {
    reading(() =>
      refuse(
        'No framing was found, so there is nothing to inspect.',
        'Give --frames, or a longer capture of the same conversations.',
      ),
    );
  }
}

async function run(sources: readonly string[], flags: InspectFlags): Promise<void> {
  try {
    await inspect(sources, flags);
  } catch (error) {
    if (!(error instanceof ConnectionError)) {
      throw error;
    }
    printError(error);
    process.exitCode = EXITS.inconclusive.code;
  }
}

const HELP = helpText({
  remarks: [`FORMAT is ${FRAMES_WORDS}.`],
  exits: COMMAND_EXITS.inspect,
  examples: [
    'unstick inspect trace.pcap --frames postgres',
    'unstick inspect trace.pcapng.gz --frames u32be --conversation :9000 --errors',
    'unstick inspect trace.pcap --guess --conversation :9000',
    "unstick inspect --hex '0000 | 0005 68656c | 6c6f' --frames u32be",
    'unstick inspect --listen :9001 --to :9000 --frames u32be --follow',
    'unstick inspect trace.pcap --frames postgres --web',
    'unstick inspect --frames jtt808 --wireshark jtt808.lua',
    'tcpdump -w - port 9000 | unstick inspect - --frames u32be --json',
  ],
});

/** Adds the command to the program. */
export function addInspect(program: Command): void {
  const command = program
    .command('inspect')
    .summary('show which frames lie in which chunks, and the first wrong one')
    .description(
      'Shows the frames of captures, of bytes, or of a live connection, and how TCP cut them. Names the first wrong frame, the one before it that is suspect, and where frames go on.',
    )
    .argument(
      '[sources...]',
      'capture files (pcap, pcapng, gzip), files of bytes, or - for the standard input',
    );
  addOptions(command, Object.values(INSPECT_OPTIONS))
    .addHelpText('after', HELP)
    .action((sources: readonly string[], flags: InspectFlags) => run(sources, flags));
}
