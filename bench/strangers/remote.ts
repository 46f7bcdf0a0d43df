// A server in a process of its own, and remotes that misuse it. They measure two things: the seconds until
// the server ends a connection, and the memory that the server holds.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { languages } from './wire.ts';
import type { Language } from './wire.ts';
import type { Holding } from './server.ts';

const SERVER = fileURLToPath(new URL('server.ts', import.meta.url));
const BATCH = 100;

export interface Remotes {
  readonly language: Language;
  /** Opens a connection, and sends `first` on it. */
  readonly dial: (first?: Uint8Array) => Promise<Dialled>;
  /** Asks the server what it holds. */
  readonly ask: () => Promise<Holding>;
  readonly stop: () => void;
}

export interface Dialled {
  readonly socket: Socket;
  readonly isOver: () => boolean;
  /** Seconds until the server ended the connection; undefined if it did not within `limit` seconds. */
  readonly ended: (limit: number) => Promise<number | undefined>;
}

export async function startServer(name: string): Promise<Remotes> {
  const language = languages[name];
  if (language === undefined) {
    throw new Error(`There are no remotes for ${name}.`);
  }
  const child = fork(SERVER, [name], { execArgv: ['--expose-gc', '--import', 'tsx'] });
  const [port]: number[] = await once(child, 'message');
  return {
    language,
    dial: (first) => dial(Number(port), first),
    ask: async () => {
      child.send('holding');
      const [holding]: Holding[] = await once(child, 'message');
      if (holding === undefined) {
        throw new Error('The server did not say what it holds.');
      }
      return holding;
    },
    stop: () => child.disconnect(),
  };
}

/**
 * Connects, and sends `first`. The end of the connection is noticed while the socket reads; a socket that is
 * paused notices it only when it writes.
 */
export async function dial(port: number, first?: Uint8Array): Promise<Dialled> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const over: { at?: number } = {};
  const end = (): void => void (over.at ??= performance.now());
  socket.on('error', end).on('end', end).on('close', end).resume();
  const connected = once(socket, 'connect').then(
    () => undefined,
    () => undefined,
  );
  await Promise.race([connected, once(socket, 'close')]);
  const start = performance.now();
  if (first !== undefined && first.length > 0) {
    socket.write(first);
  }
  return {
    socket,
    isOver: () => over.at !== undefined,
    ended: async (limit) => {
      while (over.at === undefined && performance.now() - start < limit * 1000) {
        await wait(20);
      }
      return over.at === undefined ? undefined : (over.at - start) / 1000;
    },
  };
}

/** Sends `count` things one after another, as fast as the socket takes them. Returns how many were sent. */
export async function flood(
  { socket, isOver }: Dialled,
  { count, thing, limit }: { count: number; thing: (i: number) => Uint8Array; limit: number },
): Promise<number> {
  const start = performance.now();
  let said = 0;
  while (said < count && !isOver() && performance.now() - start < limit * 1000) {
    const batch = Array.from({ length: Math.min(BATCH, count - said) }, (_, i) =>
      thing(said + i + 1),
    );
    const isTaken = socket.write(Buffer.concat(batch));
    said += batch.length;
    if (!isTaken) {
      await drained(socket);
    }
    if (socket.writableLength > 2 ** 20) {
      await wait(20);
    }
  }
  return said;
}

/** Resolves when the socket takes more, at the latest after 200 ms: a socket that was reset never drains. */
async function drained(socket: Socket): Promise<void> {
  const late = AbortSignal.timeout(200);
  await once(socket, 'drain', { signal: late }).catch(() => undefined);
}
