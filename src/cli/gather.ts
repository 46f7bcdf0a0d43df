// Reads the source of a command and passes its events to a visitor. A source is captures, bytes of streams,
// hex, or a live connection.

import type { CaptureCounts } from '../capture/capture.ts';
import type { CaptureEvent, CaptureVisitor, Conversation } from '../capture/events.ts';
import { parseAddress } from '../deliver/address.ts';
import { refuse } from '../options.ts';
import { inspectLive } from './inspect-live.ts';
import { giveHex, readSource } from './inspect-sources.ts';
import { countLines } from './inspect-view.ts';
import { checkStandardInput, reading } from './inputs.ts';
import type { UnreadableInput } from './inputs.ts';
import { printable, quantity } from '../text.ts';

/** The flags that name a source. */
export interface SourceFlags {
  readonly hex?: readonly Uint8Array[];
  readonly raw?: boolean;
  readonly listen?: string;
  readonly to?: string;
  readonly follow?: boolean;
  readonly conversation?: string;
}

export interface Gathered {
  readonly counts: readonly CaptureCounts[];
  /** Reason why a capture could not be read to its end: that of the first such capture. */
  readonly problem: UnreadableInput | undefined;
  /** Whether connections came to a live source, and none of them reached the server. */
  readonly isVain: boolean;
  /** Number of conversations in the source, and of those that the filter took. */
  readonly seen: number;
  readonly taken: number;
}

type Read = Omit<Gathered, 'seen' | 'taken'>;

interface Receiver {
  /** Name of the command, for the line that says where the command listens. */
  readonly command: string;
  /** Called with the events of the conversations that the filter takes. */
  readonly visit: CaptureVisitor;
  /**
   * Called between two chunks of a file. The next chunk is read when its promise resolves, such as when the
   * output has taken most of what was printed.
   */
  readonly flush: () => Promise<void>;
  /** Ends the source early. What was read until then counts. */
  readonly signal: AbortSignal;
}

/**
 * Reads the source that the flags name. Rejects with UnreadableInput when nothing of a file can be read, or
 * when a file that is no capture cannot be read to its end.
 */
export async function gather(
  paths: readonly string[],
  flags: SourceFlags,
  receiver: Receiver,
): Promise<Gathered> {
  const count = { seen: 0, taken: 0 };
  const visit = (event: CaptureEvent): void => {
    const isTaken = isWanted(event.conversation, flags.conversation);
    if (event.kind === 'open') {
      count.seen++;
      count.taken += isTaken ? 1 : 0;
    }
    if (isTaken) {
      receiver.visit(event);
    }
  };
  const gathered = await readSources(paths, flags, { ...receiver, visit });
  return { ...gathered, ...count };
}

async function readSources(
  paths: readonly string[],
  flags: SourceFlags,
  receiver: Receiver,
): Promise<Read> {
  if (flags.listen !== undefined) {
    return watch(flags, receiver);
  }
  if (flags.hex !== undefined) {
    giveHex(flags.hex, receiver.visit);
    return { counts: [], problem: undefined, isVain: false };
  }
  return readFiles(paths, flags.raw === true, receiver);
}

async function readFiles(
  paths: readonly string[],
  isRaw: boolean,
  { command, visit, flush, signal }: Receiver,
): Promise<Read> {
  const counts: CaptureCounts[] = [];
  let problem: UnreadableInput | undefined;
  let firstIndex = 0;
  let count = 0;
  const counting = (event: CaptureEvent): void => {
    count = Math.max(count, event.conversation.index + 1);
    visit(event);
  };
  const tell = (): void => {
    process.stderr.write(`${command} interrupted: the rest is not read\n`);
  };
  signal.addEventListener('abort', tell);
  try {
    for (const path of paths) {
      const read = await readSource(path, { isRaw, visit: counting, firstIndex, flush, signal });
      firstIndex = count;
      problem ??= read.problem;
      counts.push(...(read.counts === undefined ? [] : [read.counts]));
      if (signal.aborted) {
        break;
      }
    }
  } finally {
    signal.removeEventListener('abort', tell);
  }
  return { counts, problem, isVain: false };
}

async function watch(flags: SourceFlags, { command, visit, signal }: Receiver): Promise<Read> {
  const { listen = '', to = '', follow = false } = flags;
  const { isVain } = await inspectLive({
    listen,
    to,
    visit,
    isFollowing: follow,
    signal,
    onListening: (address) => process.stderr.write(`${command} ${address} -> ${to}\n`),
  });
  return { counts: [], problem: undefined, isVain };
}

/**
 * Returns whether one of the captures has no packet of TCP, and packets that may be of TCP: of a link layer
 * that cannot be read, or with a head that a snaplen cut off.
 */
export function isUnreadable(counts: readonly CaptureCounts[]): boolean {
  return counts.some(
    ({ tcp, damaged, unknownLinks }) => tcp === 0 && (damaged > 0 || unknownLinks.size > 0),
  );
}

/**
 * Throws UnreadableInput if there was no conversation to look at, and no other reason is known: the filter
 * takes none, or the source has none.
 */
export function checkTaken(
  { seen, taken, counts, problem, isVain }: Gathered,
  { conversation, listen }: SourceFlags,
): void {
  if (taken > 0 || problem !== undefined || isVain) {
    return;
  }
  reading(() => {
    if (seen > 0) {
      const which = printable(conversation ?? '');
      refuse(
        `None of ${quantity(seen, 'conversation')} has the number or the name ${which}.`,
        'Without --conversation all are shown.',
      );
    }
    const what = listen === undefined ? 'The source has no conversation' : 'No connection came';
    const packets = counts.flatMap(countLines).map(({ text }) => text);
    refuse([what, ...packets].join(': ') + '.');
  });
}

/** Refuses sources that contradict each other, before anything is opened. */
export function checkSources(paths: readonly string[], flags: SourceFlags): void {
  const { hex, listen, to, follow } = flags;
  const given = [paths.length > 0, hex !== undefined, listen !== undefined];
  if (given.filter(Boolean).length !== 1) {
    refuse(
      'Give one source: files, --hex, or --listen.',
      'A file is a capture or the bytes of a stream, and - is the standard input.',
    );
  }
  if ((listen === undefined) !== (to === undefined)) {
    refuse('--listen and --to belong together.', 'Such as --listen :9001 --to :9000.');
  }
  if (listen !== undefined && to !== undefined) {
    parseAddress('--listen', listen, 0);
    parseAddress('--to', to, 1);
  }
  if (follow === true && listen === undefined) {
    refuse('--follow is for --listen.');
  }
  checkStandardInput(paths, 'Give one - only.');
}

/**
 * Returns whether a filter takes a conversation. Digits are the number of a conversation, and any other text
 * is a part of its name.
 */
function isWanted({ index, name }: Conversation, wanted: string | undefined): boolean {
  if (wanted === undefined || String(index) === wanted) {
    return true;
  }
  return !/^\d+$/.test(wanted) && name.includes(wanted);
}
