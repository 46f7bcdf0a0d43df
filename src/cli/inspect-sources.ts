// The sources of an inspection that are read: a capture, the bytes of one stream, and the bytes of --hex.
// (inspect-live.ts has the live connection.) Each source gives the events of src/capture, so the rest of the
// command handles only one kind of source.

import { createReadStream } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Gunzip } from 'node:zlib';
import { Capture } from '../capture/capture.ts';
import type { CaptureCounts } from '../capture/capture.ts';
import { CaptureError } from '../capture/capture-error.ts';
import { captureKind } from '../capture/capture-reader.ts';
import type { CaptureVisitor, Conversation } from '../capture/events.ts';
import { UsageError } from '../errors.ts';
import { printable } from '../text.ts';
import { reasonOf, UnreadableInput } from './inputs.ts';

/**
 * Number of compressed bytes that are decompressed at once. gzip makes at most about 1000 times as many of
 * them, and all of these are held.
 */
const SLICE_LENGTH = 16 * 1024;
/** Number of bytes by which the kind of a file is recognised. */
const START_LENGTH = 4;
/**
 * Time in ms for which the standard input is read on after an interruption. Ctrl-C also interrupts the program
 * that writes to it, and that program may write its last bytes only then: tcpdump does.
 */
const LAST_BYTES_TIME = 500;

export interface ReadOptions {
  /** Whether to read the file as the bytes of a stream, even if it looks like a capture. */
  readonly isRaw: boolean;
  readonly visit: CaptureVisitor;
  /** Number of the first conversation. */
  readonly firstIndex: number;
  /** Called between two chunks. The next chunk is read when its promise resolves. */
  readonly flush: () => Promise<void>;
  /** Ends the source early, as if the rest had not been captured yet. */
  readonly signal: AbortSignal;
}

/**
 * Result of reading a source: the counts of a capture, and the reason why the capture cannot be read further.
 */
export interface ReadSource {
  readonly counts: CaptureCounts | undefined;
  readonly problem: UnreadableInput | undefined;
}

/** Makes a conversation that has only one direction. */
function streamOf(index: number, name: string): Conversation {
  return {
    index,
    name,
    client: name,
    server: '',
    clientPort: 0,
    serverPort: 0,
    isMidStream: false,
  };
}

/**
 * Reads a file, or the standard input for `-`. Rejects with UnreadableInput when nothing of it can be read,
 * or when a file that is no capture cannot be read to its end.
 */
export async function readSource(path: string, given: ReadOptions): Promise<ReadSource> {
  const isPiped = path === '-';
  const source: Readable = isPiped
    ? process.stdin
    : createReadStream(path, { highWaterMark: 256 * 1024 });
  const signal = isPiped ? later(given.signal, LAST_BYTES_TIME) : given.signal;
  const options = { ...given, signal };
  try {
    const { start, rest } = await peek(chunksOf(source, signal));
    if (start.length === 0 && !options.isRaw) {
      return { counts: undefined, problem: signal.aborted ? undefined : empty(path) };
    }
    const kind = options.isRaw ? undefined : captureKind(start);
    if (kind === undefined) {
      await readBytes(path, rest, options);
      return { counts: undefined, problem: undefined };
    }
    return await readCapture(kind === 'gzip' ? unzipped(rest) : rest, path, options);
  } catch (cause) {
    if (cause instanceof UnreadableInput || !isSystemError(cause)) {
      throw cause;
    }
    throw unreadable(path, cause);
  }
}

/** Returns a signal that aborts some ms after another one. It does not keep the process alive. */
function later(signal: AbortSignal, ms: number): AbortSignal {
  const controller = new AbortController();
  const start = (): void => void setTimeout(() => controller.abort(), ms).unref();
  signal.addEventListener('abort', start, { once: true });
  return controller.signal;
}

/** Gives the chunks of a source until it ends or the signal aborts. */
async function* chunksOf(source: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* addAbortSignal(signal, source);
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && !(error instanceof UsageError);
}

function unreadable(path: string, cause: unknown): UnreadableInput {
  // The codes of zlib name no reason, and its messages do.
  if (cause instanceof Error && 'code' in cause && String(cause.code).startsWith('Z_')) {
    const facts = `${printable(path)}: The gzip is damaged or cut off: ${cause.message}.`;
    const hint = `At most ${SLICE_LENGTH / 1024} KiB in front of that place were not read.`;
    return new UnreadableInput(new UsageError('ERR_CAPTURE', facts, { cause, hint }));
  }
  const facts = `Cannot read ${printable(path)}: ${reasonOf(cause)}.`;
  return new UnreadableInput(new UsageError('ERR_OPTION', facts, { cause }));
}

function empty(path: string): UnreadableInput {
  const facts = `${path === '-' ? 'The standard input' : printable(path)} is empty.`;
  const hint = 'An empty stream is read with --raw.';
  return new UnreadableInput(new UsageError('ERR_CAPTURE', facts, { hint }));
}

/**
 * Reads until START_LENGTH bytes have come, or the source ends. (A pipe may give one byte at a time.) Returns
 * these bytes as `start`. `rest` gives all bytes of the source, including those of `start`.
 */
async function peek(
  source: AsyncIterable<Uint8Array>,
): Promise<{ readonly start: Uint8Array; readonly rest: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]();
  let start: Uint8Array = new Uint8Array(0);
  while (start.length < START_LENGTH) {
    const { value, done } = await iterator.next();
    if (done === true) {
      break;
    }
    start = start.length === 0 ? value : Buffer.concat([start, value]);
  }
  const first = start;
  return { start, rest: behind(first, iterator) };
}

async function* behind(
  first: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (first.length > 0) {
    yield first;
  }
  for (;;) {
    const { value, done } = await iterator.next();
    if (done === true) {
      return;
    }
    yield value;
  }
}

/**
 * Decompresses a file. If it is damaged or cut off, gives what was decompressed before it throws, which a
 * pipe would drop.
 */
async function* unzipped(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  const out: Uint8Array[] = [];
  gunzip.on('data', (bytes: Uint8Array) => out.push(bytes));
  // Those who wait for a write or for the end hear of an error as well.
  gunzip.on('error', () => undefined);
  try {
    for await (const chunk of source) {
      for (let at = 0; at < chunk.length; at += SLICE_LENGTH) {
        await write(gunzip, chunk.subarray(at, at + SLICE_LENGTH));
        yield* out.splice(0);
      }
    }
    gunzip.end();
    await finished(gunzip);
    yield* out.splice(0);
  } catch (error) {
    yield* out.splice(0);
    throw error;
  } finally {
    gunzip.destroy();
  }
}

/** Resolves when the bytes are decompressed. Node calls no callback of a write that fails. */
function write(gunzip: Gunzip, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    gunzip.once('error', reject);
    gunzip.write(bytes, () => {
      gunzip.off('error', reject);
      resolve();
    });
  });
}

async function readCapture(
  source: AsyncIterable<Uint8Array>,
  path: string,
  { visit, firstIndex, flush, signal }: ReadOptions,
): Promise<ReadSource> {
  const capture = new Capture((event) => visit(renumbered(event, firstIndex)));
  let problem: UnreadableInput | undefined;
  try {
    for await (const chunk of source) {
      capture.push(chunk);
      await flush();
      if (signal.aborted) {
        break;
      }
    }
  } catch (error) {
    problem = problemOf(path, error);
  }
  try {
    capture.end();
  } catch (error) {
    problem ??= problemOf(path, error);
  }
  // A source that was ended early may end inside a packet.
  return { counts: capture.counts, problem: signal.aborted ? undefined : problem };
}

/**
 * Makes the error of a file that cannot be read to its end, with the words of `error`. If `error` is of any
 * other kind, throws it again.
 */
function problemOf(path: string, error: unknown): UnreadableInput {
  if (error instanceof CaptureError) {
    const facts = `${printable(path)}: ${error.message}`;
    return new UnreadableInput(new UsageError(error.code, facts, { cause: error }));
  }
  if (isSystemError(error)) {
    return unreadable(path, error);
  }
  throw error;
}

/** Renumbers the conversations of a further file, so that they go on after those of the file before. */
function renumbered(event: Parameters<CaptureVisitor>[0], first: number): typeof event {
  if (first === 0) {
    return event;
  }
  const { conversation } = event;
  return { ...event, conversation: { ...conversation, index: conversation.index + first } };
}

/** Reads the bytes of one stream. Its pieces do not count as cuts, because the file system made them. */
async function readBytes(
  path: string,
  source: AsyncIterable<Uint8Array>,
  { visit, firstIndex, flush, signal }: ReadOptions,
): Promise<void> {
  const name = path === '-' ? 'standard input' : path;
  const conversation = { ...streamOf(firstIndex, name), isCut: false };
  const place = { conversation, direction: 'a>b', time: undefined } as const;
  visit({ kind: 'open', conversation, time: undefined });
  let offset = 0;
  for await (const bytes of source) {
    visit({ kind: 'segment', ...place, offset, bytes });
    offset += bytes.length;
    await flush();
  }
  visit({ kind: 'end', ...place, how: signal.aborted ? 'open' : 'fin' });
}

/** Passes the pieces of --hex to the visitor. */
export function giveHex(pieces: readonly Uint8Array[], visit: CaptureVisitor): void {
  const conversation = streamOf(0, 'hex');
  const place = { conversation, direction: 'a>b', time: undefined } as const;
  visit({ kind: 'open', conversation, time: undefined });
  let offset = 0;
  for (const bytes of pieces) {
    visit({ kind: 'segment', ...place, offset, bytes });
    offset += bytes.length;
  }
  visit({ kind: 'end', ...place, how: 'fin' });
}
