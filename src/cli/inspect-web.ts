// The command `unstick inspect --web`: the inspection as a page on 127.0.0.1. It reads the same sources as
// without a page. The page shows rows while they come, and is served until Ctrl-C, also after the source has
// ended.

import type { Framing } from '../codec/formats/framing-types.ts';
import type { Spots } from '../framing/codecs.ts';
import { parseFraming } from '../framing/words.ts';
import { headOf } from '../heads/heads.ts';
import type { Finding } from '../inspect/lines.ts';
import { Misfits } from '../trace/misfits.ts';
import type { Misfit } from '../trace/misfits.ts';
import { guessEach } from '../trace/guessing-annotator.ts';
import { Inspection } from '../trace/inspection.ts';
import { gather } from './gather.ts';
import type { Gathered } from './gather.ts';
import { misfitSentence } from './guess-view.ts';
import { readText } from './inputs.ts';
import { headReader, rowFields } from './inspect-heads.ts';
import type { HeadReader } from './inspect-heads.ts';
import type { InspectFlags } from './inspect-options.ts';
import { countLines, summaryLines } from './inspect-view.ts';
import { interruptible } from './interrupt.ts';
import { printLine } from './print.ts';
import { readPage } from './web-page.ts';
import { WebServer } from './web-server.ts';

/** How an inspection ended. */
export interface Inspected {
  readonly isWrong: boolean;
  readonly gathered: Gathered;
  /** Whether a framing is known: it was given, or guessed for at least one conversation. */
  readonly hasFraming: boolean;
}

/**
 * Shows the inspection on a page until Ctrl-C. Without `spots` the framing of each conversation is guessed. Rejects
 * with ConnectionError ERR_LISTEN.
 */
export async function inspectOnWeb(
  sources: readonly string[],
  flags: InspectFlags,
  spots: Spots | undefined,
): Promise<Inspected> {
  const isLive = flags.listen !== undefined || sources.includes('-');
  // A page has room for the fields of heads, so it shows them without --fields.
  const head = await headReader({ ...flags, fields: true });
  const misfits = spots === undefined ? undefined : new Misfits(flags.direction);
  const inspection = inspectionOf(flags, { spots, head, isLive, misfits });
  const server = await WebServer.open({
    port: typeof flags.web === 'number' ? flags.web : 0,
    page: readPage(),
    inspection,
  });
  inspection.watch(server.announce);
  try {
    const gathered = await interruptible((signal) => {
      // Whoever reads this line may interrupt at once.
      printLine(`inspect ${server.url}`);
      return read(sources, flags, { inspection, misfits, signal });
    });
    const { summary } = inspection.state();
    const pieces = inspection.state().source.pieces;
    const { hasFraming } = inspection;
    for (const { text } of [
      ...(hasFraming && gathered.taken > 0 ? summaryLines(summary, pieces) : []),
      ...gathered.counts.flatMap(countLines),
    ]) {
      printLine(text);
    }
    return { isWrong: inspection.errors > 0, gathered, hasFraming };
  } finally {
    await server.close();
  }
}

interface Given {
  readonly spots: Spots | undefined;
  readonly head: HeadReader | undefined;
  readonly isLive: boolean;
  readonly misfits: Misfits | undefined;
}

function inspectionOf(flags: InspectFlags, { spots, head, isLive, misfits }: Given): Inspection {
  const { frames, codec, listen, hex, bytes = false, direction } = flags;
  const pieces = listen === undefined && hex === undefined ? 'segments' : 'chunks';
  const { errors = false, from = 0 } = flags;
  return new Inspection({
    spots: spots ?? guessEach,
    framing: framingOf(frames),
    source: { kind: 'source', version: 1, pieces, framing: frames ?? codec ?? 'guess' },
    isLive,
    showsPayload: bytes || hex !== undefined,
    arePiecesReal: ({ server }) => server !== '' || hex !== undefined,
    direction,
    readHead: ({ direction: way, head: payloadOffset }, shown, format) => {
      const frame = { direction: way, bytes: shown, offset: 0, payloadOffset };
      const isGuessed = format !== undefined && flags.head === undefined;
      const fields = isGuessed ? headOf(format, frame) : head?.(frame);
      return fields && rowFields(fields);
    },
    takes: (finding: Finding, conversation) => {
      misfits?.tell(finding, conversation);
      return finding.offset >= from && !(errors && finding.kind === 'frame');
    },
  });
}

function framingOf(frames: string | undefined): Framing | undefined {
  return frames === undefined ? undefined : parseFraming(frames, '--frames', readText);
}

interface Reading {
  readonly inspection: Inspection;
  readonly misfits: Misfits | undefined;
  readonly signal: AbortSignal;
}

/** Reads the source to its end, and then waits for Ctrl-C. A Ctrl-C before the end ends both. */
async function read(
  sources: readonly string[],
  flags: InspectFlags,
  { inspection, misfits, signal }: Reading,
): Promise<Gathered> {
  const gathered = await gather(sources, flags, {
    command: 'inspect',
    visit: (event) => {
      misfits?.add(event);
      inspection.visit(event);
    },
    // Let the server answer pages between two chunks of a file.
    flush: () => new Promise((resolve) => setImmediate(resolve)),
    signal,
  });
  inspection.end(problemOf(gathered, misfits?.found() ?? []));
  if (!signal.aborted) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  }
  return gathered;
}

/** Returns the text that the page shows about a source that was not read whole, or does not fit. */
function problemOf({ problem, counts }: Gathered, misfits: readonly Misfit[]): string | undefined {
  const unread = counts.flatMap(countLines).filter(({ tone }) => tone === 'doubt');
  const sentences = [
    ...(problem === undefined ? [] : [problem.message]),
    ...unread.map(({ text }) => text),
    ...misfits.map(misfitSentence),
  ];
  return sentences.length === 0 ? undefined : sentences.join(' ');
}
