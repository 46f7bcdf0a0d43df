// One command on the server: the child's pipes joined with the two channels of the client.
//
// Rules:
// - Bytes are never gathered: a channel whose client does not read takes none, then nobody reads the
//   child's pipe, then the child waits.
// - It is over when the child has exited and both outputs were handed over to their end. Only then does
//   the answer go out, so an ending never overtakes a byte.
// - Whatever ends it early, the client's going or a limit, ends its whole process group.

import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Child } from './child.ts';
import type { Ending } from '../both/protocol.ts';

/** The client's side of a command. */
export interface Streams {
  /** What the client writes is the command's stdin; what is written here is its stdout there. */
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

export interface Limits {
  /** In ms; 0 is none. */
  readonly timeLimit: number;
  /** Of stdout and stderr together; 0 is none. */
  readonly outputLimit: number;
}

export interface Outcome extends Ending {
  readonly stdoutLength: number;
  readonly stderrLength: number;
}

/** Carries the bytes until the command is over. `signal` ends it. */
export async function runCommand(
  child: Child,
  streams: Streams,
  options: Limits & { readonly signal: AbortSignal },
): Promise<Outcome> {
  const { group } = child;
  let limit: Ending['limit'];
  const endFor = (reason: Ending['limit']): void => {
    limit ??= reason;
    void group.end();
  };
  const onAbort = (): void => {
    void group.end();
    // A process that left the group may still hold the pipes, which are no longer read.
    child.stdout.destroy();
    child.stderr?.destroy();
  };
  const tally = new Tally(options.outputLimit, () => endFor('output'));
  const timer =
    options.timeLimit === 0 ? undefined : setTimeout(() => endFor('time'), options.timeLimit);
  options.signal.addEventListener('abort', onAbort, { once: true });
  if (options.signal.aborted) {
    onAbort();
  }
  feed(streams.stdin, child.stdin);
  try {
    const [stdoutLength, stderrLength] = await Promise.all([
      tally.carry(child.stdout, streams.stdout),
      child.stderr === undefined
        ? endOutput(streams.stderr)
        : tally.carry(child.stderr, streams.stderr),
    ]);
    const exit = await child.exited;
    // No process that a command started outlives it, unless it left the group.
    await group.end();
    return { ...exit, ...(limit === undefined ? {} : { limit }), stdoutLength, stderrLength };
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', onAbort);
  }
}

async function endOutput(output: Writable): Promise<number> {
  output.end();
  return 0;
}

/**
 * stdin, with its own end. A child that does not read on leaves the rest unread: the window fills, and
 * the client waits. That ends neither the child nor its outputs, so this is no `pipeline`.
 */
function feed(from: Readable, to: Writable): void {
  from.on('error', () => to.destroy());
  to.once('close', () => from.unpipe(to));
  from.pipe(to);
}

/** Counts what the outputs of one command give together. */
class Tally {
  readonly #limit: number;
  readonly #onLimit: () => void;
  #length = 0;

  constructor(limit: number, onLimit: () => void) {
    this.#limit = limit;
    this.#onLimit = onLimit;
  }

  /** Carries one output to its end; resolves with its length. One that cannot go on is closed. */
  async carry(from: Readable, to: Writable): Promise<number> {
    let length = 0;
    const count = (pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> =>
      this.#count(pieces, (piece) => {
        length += piece.length;
      });
    try {
      await pipeline(from, count, to);
    } catch {
      // The client reads no more of it, or is gone: the command gets SIGPIPE when it writes on.
    }
    return length;
  }

  async *#count(
    pieces: AsyncIterable<Buffer>,
    onPiece: (piece: Buffer) => void,
  ): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      const room = this.#limit === 0 ? Infinity : this.#limit - this.#length;
      const passed = piece.length > room ? piece.subarray(0, room) : piece;
      this.#length += passed.length;
      onPiece(passed);
      if (passed.length > 0) {
        yield passed;
      }
      if (piece.length > room) {
        this.#onLimit();
        return;
      }
    }
  }
}
