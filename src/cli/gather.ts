// Reads the source of a command and passes its events to a visitor. A source is captures, bytes of streams,
// hex, or a live connection.

import type { CaptureCounts } from '../capture/capture.ts';
import type { CaptureEvent, CaptureVisitor, Conversation } from '../capture/events.ts';
import { refuse } from '../options.ts';
import { inspectLive } from './inspect-live.ts';
import { giveHex, readSource } from './inspect-sources.ts';
import { checkStandardInput } from './inputs.ts';
import type { UnreadableInput } from './inputs.ts';
import { watchInterrupts } from './interrupt.ts';

/** The flags that name a source. */
export interface SourceFlags {
  readonly hex?: readonly Uint8Array[];
  readonly raw?: boolean;
  readonly listen?: string;
  readonly to?: string;
  readonly follow?: boolean;
}

export interface Gathered {
  readonly counts: readonly CaptureCounts[];
  /** Reason why a capture could not be read to its end: that of the first such capture. */
  readonly problem: UnreadableInput | undefined;
  /** Whether connections came to a live source, and none of them reached the server. */
  readonly isVain: boolean;
}

interface Receiver {
  /** Name of the command, for the line that says where the command listens. */
  readonly command: string;
  readonly visit: CaptureVisitor;
  /**
   * Called between two chunks of a file. The next chunk is read when its promise resolves, such as when the
   * output has taken most of what was printed.
   */
  readonly flush: () => Promise<void>;
}

/**
 * Reads the source that the flags name. Rejects with UnreadableInput when nothing of a file can be read, or
 * when a file that is no capture cannot be read to its end.
 */
export function gather(
  paths: readonly string[],
  flags: SourceFlags,
  receiver: Receiver,
): Promise<Gathered> {
  if (flags.listen !== undefined) {
    return watch(flags, receiver);
  }
  if (flags.hex !== undefined) {
    giveHex(flags.hex, receiver.visit);
    return Promise.resolve({ counts: [], problem: undefined, isVain: false });
  }
  return readFiles(paths, flags.raw === true, receiver);
}

async function readFiles(
  paths: readonly string[],
  isRaw: boolean,
  { visit, flush }: Receiver,
): Promise<Gathered> {
  const counts: CaptureCounts[] = [];
  let problem: UnreadableInput | undefined;
  let firstIndex = 0;
  let count = 0;
  const counting = (event: CaptureEvent): void => {
    count = Math.max(count, event.conversation.index + 1);
    visit(event);
  };
  for (const path of paths) {
    const read = await readSource(path, { isRaw, visit: counting, firstIndex, flush });
    firstIndex = count;
    problem ??= read.problem;
    counts.push(...(read.counts === undefined ? [] : [read.counts]));
  }
  return { counts, problem, isVain: false };
}

async function watch(flags: SourceFlags, { command, visit }: Receiver): Promise<Gathered> {
  const { listen = '', to = '', follow = false } = flags;
  const interrupts = watchInterrupts();
  try {
    const { isVain } = await inspectLive({
      listen,
      to,
      visit,
      isFollowing: follow,
      signal: interrupts.signal,
      onListening: (address) => process.stderr.write(`${command} ${address} -> ${to}\n`),
    });
    return { counts: [], problem: undefined, isVain };
  } finally {
    interrupts.stop();
  }
}

/** Returns whether one of the captures has packets of a link layer that cannot be read, and none of TCP. */
export function isUnreadable(counts: readonly CaptureCounts[]): boolean {
  return counts.some(({ tcp, unknownLinks }) => tcp === 0 && unknownLinks.size > 0);
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
  if (follow === true && listen === undefined) {
    refuse('--follow is for --listen.');
  }
  checkStandardInput(paths);
}

/**
 * Returns whether a filter takes a conversation. Digits are the number of a conversation, and any other text
 * is a part of its name.
 */
export function isWanted({ index, name }: Conversation, wanted: string | undefined): boolean {
  if (wanted === undefined || String(index) === wanted) {
    return true;
  }
  return !/^\d+$/.test(wanted) && name.includes(wanted);
}
