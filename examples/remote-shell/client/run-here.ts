// Joins a remote command with stdin, stdout, stderr and the signals of this process. Returns the exit status.
//
// Rules:
// - The status is that of the command, and comes only when both outputs were written to their end. If the
//   connection breaks earlier, that is an error, never a shorter output with status 0.
// - The first Ctrl-C goes to the remote process group, and the second makes the client leave. When the
//   reader of stdout has gone (`| head`), the client leaves without a message.

import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { refusalOf } from './shell-client.ts';
import type { RemoteCommand, ShellClient } from './shell-client.ts';
import { Interrupts } from './interrupts.ts';
import type { SignalSource } from './interrupts.ts';
import type { Progress } from './progress.ts';
import type { Ending, Order } from '../both/protocol.ts';
import { reasonOf, shownLine } from '../../support/shown.ts';
import { Left, lossOf, statuses, Trouble } from '../both/trouble.ts';

export interface Here {
  /** Input of the command. `undefined` means that it is empty. */
  readonly stdin: Readable | undefined;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly signals: SignalSource;
  readonly progress?: Progress | undefined;
  /** Called when the server was asked for the command. Returns a function that is called after its end. */
  readonly onStart?: (command: RemoteCommand) => () => void;
}

/** Runs one command with the streams of `here`. Resolves with the exit status. Throws Trouble or Left. */
export async function runHere(
  client: ShellClient,
  order: Omit<Order, 'id'>,
  here: Here,
): Promise<number> {
  const command = client.start(order);
  const interrupts = new Interrupts(here.signals, {
    onFirst: () => command.signal('SIGINT'),
    onLeave: () => command.abandon(),
  });
  const stop = here.onStart?.(command);
  const stopFeeding = feed(here, command.stdin);
  try {
    // When leaving, do not wait for a local reader that has stopped.
    const found = await Promise.race([outcome(command, here), interrupts.left]);
    if (interrupts.leftWith !== undefined) {
      throw new Left(interrupts.leftWith);
    }
    if (found === undefined || found.isBroken) {
      return toStatus({ code: null, signal: 'SIGPIPE' });
    }
    return found.ending();
  } finally {
    stopFeeding();
    interrupts.done();
    stop?.();
    here.progress?.end();
    command.stdin.destroy();
  }
}

interface Outcome {
  /** The local reader of the output has gone. */
  readonly isBroken: boolean;
  /** The exit status. Throws Trouble for a command that was not run, or whose output is not whole. */
  readonly ending: () => number;
}

/** Waits for the answer and for the end of both outputs, in whichever order they come. */
async function outcome(command: RemoteCommand, here: Here): Promise<Outcome> {
  const { progress, stdout, stderr } = here;
  let isBroken = false;
  const carry = (from: Readable, to: Writable, onPiece: (length: number) => void): Promise<void> =>
    carryPieces(from, to, onPiece).catch((error: unknown) => {
      if (isBrokenPipe(error)) {
        isBroken = true;
        command.abandon();
      }
      throw error;
    });
  const [ended, ...carried] = await Promise.allSettled([
    command.ended,
    carry(command.stdout, stdout, (length) => progress?.add(length)),
    carry(command.stderr, stderr, () => progress?.hide()),
  ]);
  const ending = (): number => {
    // Report why the command was not run first: its streams ended because of that.
    if (ended.status === 'rejected') {
      throw explain(ended.reason);
    }
    const failed = carried.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') {
      throw new Trouble(`The output is not whole: ${reasonOf(failed.reason)}`);
    }
    const { limit } = ended.value;
    if (limit === undefined) {
      return toStatus(ended.value);
    }
    throw new Trouble(
      `The server ended the command, which reached the server's ${limit} limit.`,
      statuses.limit,
    );
  };
  return { isBroken, ending };
}

/** Writes all pieces at the pace of the local reader. `to` stays open for the next command. */
async function carryPieces(
  from: AsyncIterable<Uint8Array>,
  to: Writable,
  onPiece: (length: number) => void,
): Promise<void> {
  // Not with `pipeline`: with `end: false` it would leave a listener on `to` for each command.
  for await (const piece of from) {
    onPiece(piece.length);
    await written(to, piece);
  }
}

function written(to: Writable, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    to.write(piece, (error) => (error ? reject(error) : resolve()));
  });
}

/** Passes stdin and its end to the command, which may stop reading. Returns a function that stops passing. */
function feed({ stdin: from, stderr }: Here, to: Writable): () => void {
  if (from === undefined) {
    to.end();
    return () => undefined;
  }
  const stop = (): void => {
    from.unpipe(to);
    from.pause();
  };
  // If stdin cannot be read (a folder), the command gets the end of input, and the user the reason.
  const onError = (error: Error): void => {
    stderr.write(`${shownLine(`shell: stdin: ${error.message}`)}\n`);
    to.end();
  };
  from.on('error', onError);
  to.once('close', stop);
  from.pipe(to);
  return stop;
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}

export function toStatus({ code, signal }: Ending): number {
  if (code !== null) {
    return code;
  }
  const number = Object.entries(constants.signals).find(([name]) => name === signal)?.[1];
  return statuses.signalled + (number ?? 0);
}

function explain(error: unknown): Trouble {
  const refusal = refusalOf(error);
  if (refusal === undefined) {
    return (error === undefined ? undefined : lossOf(error)) ?? new Trouble(reasonOf(error));
  }
  const status = refusal === 'E_NOT_FOUND' ? statuses.notFound : statuses.notRun;
  return new Trouble(reasonOf(error), status);
}
