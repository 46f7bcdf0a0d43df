// One command on the server: joins the pipes of the child with the two channels of the client.
//
// Rules:
// - Outputs are never collected in memory. If the client does not read a channel, the server stops reading
//   the pipe of the child, and the child waits.
// - A command is over when the child has exited and both outputs were handed over to their end. Only then the
//   answer is sent, so it never overtakes a byte of the outputs.
// - If a limit is reached or the client leaves, the server ends the whole process group.

import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Child } from './child.ts';
import type { Ending } from '../both/protocol.ts';

/** The channels of the client for a command. */
export interface Streams {
  /** stdin and stdout are the two directions of the channel `stdio`. */
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

export interface Limits {
  /** Time limit in ms; 0 means none. */
  readonly timeLimit: number;
  /** Limit of stdout and stderr together, in bytes; 0 means none. */
  readonly outputLimit: number;
}

export interface Outcome extends Ending {
  readonly stdoutLength: number;
  readonly stderrLength: number;
}

/** Carries the bytes until the command is over. `signal` ends the command. */
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
    // End what the command left running: no process of its group outlives it.
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
 * Passes stdin and its end to the child. When the child stops reading, the window fills and the client waits.
 * A broken stdin must end neither the child nor its outputs, so this cannot be a `pipeline`.
 */
function feed(from: Readable, to: Writable): void {
  from.on('error', () => to.destroy());
  to.once('close', () => from.unpipe(to));
  from.pipe(to);
}

/** Counts the bytes of both outputs of one command. */
class Tally {
  readonly #limit: number;
  readonly #onLimit: () => void;
  #length = 0;

  constructor(limit: number, onLimit: () => void) {
    this.#limit = limit;
    this.#onLimit = onLimit;
  }

  /**
   * Carries one output to its end, and resolves with its length. Never rejects: a broken output ends early.
   */
  async carry(from: Readable, to: Writable): Promise<number> {
    let length = 0;
    const count = (pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> =>
      this.#count(pieces, (piece) => {
        length += piece.length;
      });
    try {
      await pipeline(from, count, to);
    } catch {
      // The client stopped reading or is gone. The command gets SIGPIPE when it writes on.
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
