// The input of a page without a server: hex that a person pastes, or a file that a person drops. No byte of
// the input leaves the page, except in a link that the person asks for.

import { Capture } from '../capture/capture.ts';
import { captureKind } from '../capture/capture-reader.ts';
import type { CaptureVisitor, Conversation } from '../capture/events.ts';
import { spotsOf } from '../framing/framing.ts';
import { parseFraming } from '../framing/words.ts';
import { refuse } from '../options.ts';
import { Inspection } from '../trace/inspection.ts';
import { GUESSED_LENGTH, StreamCollector } from '../guess/collect.ts';
import type { Collected } from '../guess/collect.ts';
import { breather } from './breath.ts';
import { guessInWorker } from './guess-worker.ts';
import type { Guessed } from './guess-worker.ts';

export type Input =
  | { readonly kind: 'hex'; readonly pieces: readonly Uint8Array[] }
  | { readonly kind: 'file'; readonly file: File };

/**
 * Maximum number of bytes of a file, or of long hex, that are inspected in one step, so that the page goes on
 * answering.
 */
const STEP = 16_384;
/**
 * Maximum length in bytes of one read of a socket. A longer piece was not one read, so its end says nothing.
 */
const LONGEST_READ = 65_536;
/** Number of bytes at the front of a file that say of which kind the file is. */
const START = 4;

/**
 * Passes the events of an input to `visit`. Resolves with a sentence about the reason if the input cannot be
 * read to its end.
 */
async function feed(input: Input, visit: CaptureVisitor): Promise<string | undefined> {
  if (input.kind === 'hex') {
    const isCut = input.pieces.every(({ length }) => length <= LONGEST_READ);
    await feedPieces({ name: 'hex', isCut }, isCut ? input.pieces : steps(input.pieces), visit);
    return undefined;
  }
  const { file } = input;
  const start = new Uint8Array(await file.slice(0, START).arrayBuffer());
  const kind = captureKind(start);
  const plain = file.stream();
  if (kind === undefined) {
    await feedPieces({ name: file.name, isCut: false }, chunksOf(plain), visit);
    return undefined;
  }
  return feedCapture(
    kind === 'gzip' ? plain.pipeThrough(new DecompressionStream('gzip')) : plain,
    visit,
  );
}

/** Returns pieces in small steps. */
function* steps(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const piece of pieces) {
    for (let start = 0; start < piece.length; start += STEP) {
      yield piece.subarray(start, start + STEP);
    }
  }
}

/** Returns the bytes of a file in small steps. Between two steps the page can draw and answer. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  const breathe = breather();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      for (const step of steps([next.value])) {
        await breathe();
        yield step;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Passes pieces to `visit` as one conversation with one direction. */
async function feedPieces(
  { name, isCut }: { readonly name: string; readonly isCut: boolean },
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  visit: CaptureVisitor,
): Promise<void> {
  const conversation: Conversation = {
    index: 0,
    name,
    client: name,
    server: '',
    clientPort: 0,
    serverPort: 0,
    isMidStream: false,
    isCut,
  };
  const place = { conversation, direction: 'a>b', time: undefined } as const;
  visit({ kind: 'open', conversation, time: undefined });
  const breathe = breather();
  let offset = 0;
  for await (const bytes of pieces) {
    await breathe();
    visit({ kind: 'segment', ...place, offset, bytes });
    offset += bytes.length;
  }
  visit({ kind: 'end', ...place, how: 'fin' });
}

async function feedCapture(
  stream: ReadableStream<Uint8Array>,
  visit: CaptureVisitor,
): Promise<string | undefined> {
  const capture = new Capture(visit);
  let problem: string | undefined;
  try {
    for await (const chunk of chunksOf(stream)) {
      capture.push(chunk);
    }
  } catch (error) {
    problem = sentenceOf(error);
  }
  try {
    capture.end();
  } catch (error) {
    problem ??= sentenceOf(error);
  }
  return problem;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export interface Inspected {
  readonly inspection: Inspection;
  /** Promise that resolves when the input is read to its end. It never rejects. */
  readonly finished: Promise<void>;
}

/**
 * Starts to inspect an input. Throws UsageError for a word that is no framing. The inspection goes on while
 * the input is read.
 */
export function inspectInput(
  input: Input,
  { frames, showsPayload }: { readonly frames: string; readonly showsPayload: boolean },
): Inspected {
  const framing = parseFraming(frames, 'Format', () =>
    refuse('A page reads no file for a format.', 'Paste the JSON itself.'),
  );
  const isHex = input.kind === 'hex';
  const inspection = new Inspection({
    spots: spotsOf('resync' in framing ? { ...framing, resync: undefined } : framing),
    framing,
    source: { kind: 'source', version: 1, pieces: isHex ? 'chunks' : 'segments', framing: frames },
    showsPayload: showsPayload || isHex,
    isLive: false,
    arePiecesReal: ({ isCut = true }) => isCut,
  });
  const finished = feed(input, inspection.visit).then(
    (problem) => inspection.end(problem),
    (error: unknown) => inspection.end(sentenceOf(error)),
  );
  return { inspection, finished };
}

function lengthOf({ streams }: Collected): number {
  return streams.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** Guesses the framing of the conversation that has the most bytes. */
export async function guessInput(input: Input): Promise<Guessed> {
  const collector = new StreamCollector(GUESSED_LENGTH);
  await feed(input, collector.add);
  const [largest] = collector.collected().toSorted((one, other) => lengthOf(other) - lengthOf(one));
  return guessInWorker(largest?.streams ?? []);
}
