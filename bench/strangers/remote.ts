// A server in a process of its own, and remotes that do it no good. Each measures one number: seconds
// until the server ended the connection, or what the server holds for it.

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
  /** A connection; `ended` has the seconds until the server ended it. */
  readonly dial: (first?: Uint8Array) => Promise<Dialled>;
  readonly ask: () => Promise<Holding>;
  readonly stop: () => void;
}

export interface Dialled {
  readonly socket: Socket;
  readonly isOver: () => boolean;
  /** Seconds until the end, or undefined where it did not come within `limit` seconds. */
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
        throw new Error('It does not say what it holds.');
      }
      return holding;
    },
    stop: () => child.disconnect(),
  };
}

/** Connects and says `first`; once this side reads nothing any more, the end shows in writing. */
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

/** Says `count` things one after another, as fast as they are taken; gives how many went out. */
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

/** The socket takes more, or it has been a while: one that was reset never drains. */
async function drained(socket: Socket): Promise<void> {
  const late = AbortSignal.timeout(200);
  await once(socket, 'drain', { signal: late }).catch(() => undefined);
}
