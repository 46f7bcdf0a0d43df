// `unstick inspect`: pieces against frames, of captures, of bytes, and of live connections.

import type { Command } from 'commander';
import type { CaptureCounts } from '../capture/capture.ts';
import type { CaptureEvent } from '../capture/events.ts';
import { ConnectionError } from '../errors.ts';
import type { Spots } from '../framing/codecs.ts';
import { Annotator } from '../inspect/annotator.ts';
import type { Finding, SourceLine } from '../inspect/lines.ts';
import { printableJson } from '../text.ts';
import { exitLine, EXITS, UNREADABLE } from './exit-codes.ts';
import { FRAMES_WORDS, importSpots, parseSpotsWithoutResync } from './frame-words.ts';
import { gather, isUnreadable, isWanted } from './gather.ts';
import { checkFlags, INSPECT_OPTIONS } from './inspect-options.ts';
import type { InspectFlags } from './inspect-options.ts';
import { InspectOutput } from './inspect-output.ts';
import { cellsOf, countLines, InspectView, summaryLines } from './inspect-view.ts';
import { inspectOnWeb } from './inspect-web.ts';
import type { Inspected } from './inspect-web.ts';
import { addOptions } from './option-table.ts';
import { printError } from './print.ts';

/** Width in characters of an output that is no terminal. */
const WIDTH = 100;

/** One run of the command: from events to lines. */
class Inspection {
  readonly output: InspectOutput;
  readonly #flags: InspectFlags;
  readonly #annotator: Annotator;
  readonly #view: InspectView;
  readonly #pieces: SourceLine['pieces'];

  constructor(spots: Spots, flags: InspectFlags) {
    this.#flags = flags;
    const { listen, hex, bytes = false, json = false, direction } = flags;
    this.#pieces = listen === undefined && hex === undefined ? 'segments' : 'chunks';
    const width = process.stdout.columns ?? WIDTH;
    this.output = new InspectOutput(listen === undefined && !json);
    this.#view = new InspectView({
      pieces: this.#pieces,
      showsPayload: bytes || hex !== undefined,
      isRulerAlways: bytes || hex !== undefined,
      width,
    });
    this.#annotator = new Annotator({
      spots,
      arePiecesReal: ({ server }) => server !== '' || hex !== undefined,
      shownLength: json ? (bytes ? Infinity : 0) : cellsOf(width),
      direction,
      tell: this.#tell,
    });
    if (json) {
      const framing = flags.frames ?? flags.codec ?? '';
      const source: SourceLine = { kind: 'source', version: 1, pieces: this.#pieces, framing };
      this.output.raw(printableJson(source));
    }
  }

  readonly visit = (event: CaptureEvent): void => {
    if (isWanted(event.conversation, this.#flags.conversation)) {
      this.#annotator.add(event);
    }
  };

  /** Prints the summary. Returns whether a wrong frame was found. */
  finish(counts: readonly CaptureCounts[]): boolean {
    const summary = this.#annotator.summary();
    if (this.#flags.json === true) {
      this.output.raw(printableJson(summary));
    } else {
      const lines = [...summaryLines(summary, this.#pieces), ...counts.flatMap(countLines)];
      for (const line of lines) {
        this.output.line(line);
      }
    }
    return summary.errors > 0;
  }

  readonly #tell = (finding: Finding): void => {
    const { errors = false, from = 0, json = false } = this.#flags;
    if (finding.offset < from || (errors && finding.kind === 'frame')) {
      return;
    }
    if (json) {
      this.output.raw(printableJson(this.#jsonOf(finding)));
    } else {
      for (const line of this.#view.linesOf(finding)) {
        this.output.line(line);
      }
    }
    // Print at once: a person watches a live connection while it happens.
    if (this.#flags.listen !== undefined) {
      this.output.write();
    }
  };

  #jsonOf(finding: Finding): object {
    if (finding.kind !== 'frame') {
      return finding;
    }
    const { cuts: _cuts, bytes, ...line } = finding;
    return this.#flags.bytes === true
      ? { ...line, bytes: Buffer.from(bytes).toString('hex') }
      : line;
  }
}

async function print(
  sources: readonly string[],
  flags: InspectFlags,
  spots: Spots,
): Promise<Inspected> {
  const inspection = new Inspection(spots, flags);
  const gathered = await gather(sources, flags, {
    command: 'inspect',
    visit: inspection.visit,
    flush: () => inspection.output.flush(),
  });
  const isWrong = inspection.finish(gathered.counts);
  await inspection.output.end();
  return { isWrong, gathered };
}

async function inspect(sources: readonly string[], flags: InspectFlags): Promise<void> {
  checkFlags(sources, flags);
  const { frames, codec } = flags;
  const spots =
    codec === undefined
      ? parseSpotsWithoutResync(frames ?? '', '--frames')
      : await importSpots(codec);
  const { isWrong, gathered } =
    flags.web === undefined
      ? await print(sources, flags, spots)
      : await inspectOnWeb(sources, flags, spots);
  const { counts, problem, isVain } = gathered;
  if (problem !== undefined) {
    printError(problem);
  }
  if (isWrong) {
    process.exitCode = EXITS.finding.code;
  } else if (problem !== undefined || isVain || isUnreadable(counts)) {
    process.exitCode = EXITS.inconclusive.code;
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

const EXIT_LINE = exitLine({
  expected: 'all frames are whole',
  finding: 'a wrong frame was found',
  inconclusive: `${UNREADABLE}, or no connection came about`,
  interrupted: 'interrupted twice',
});

const HELP = `
FORMAT is ${FRAMES_WORDS}.
${EXIT_LINE}

Examples:
  unstick inspect trace.pcap --frames postgres
  unstick inspect trace.pcapng.gz --frames u32be --conversation :9000 --errors
  unstick inspect --hex '0000 | 0005 68656c | 6c6f' --frames u32be
  unstick inspect --listen :9001 --to :9000 --frames u32be --follow
  unstick inspect trace.pcap --frames postgres --web
  tcpdump -w - port 9000 | unstick inspect - --frames u32be --json`;

/** Adds the command to the program. */
export function addInspect(program: Command): void {
  const command = program
    .command('inspect')
    .summary('show which frames lie in which chunks, and the first wrong one')
    .description(
      'Shows the frames of captures, of bytes, or of a live connection, and how TCP cut them.\nNames the first wrong frame, the one before it that is suspect, and where frames go on.',
    )
    .argument(
      '[sources...]',
      'capture files (pcap, pcapng, gzip), files of bytes, or - for the standard input',
    );
  addOptions(command, Object.values(INSPECT_OPTIONS))
    .addHelpText('after', HELP)
    .action((sources: readonly string[], flags: InspectFlags) => run(sources, flags));
}
