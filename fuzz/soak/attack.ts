// One connection of the crowd. A behaviour uses its socket for some time; then the socket is destroyed or
// reset, as drawn from the connection's seed. No timer outlives the connection.

import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { random } from '../../src/schedule/random.ts';
import type { Random } from '../../src/schedule/random.ts';
import type { Language } from './wire.ts';

/** What a behaviour gets. The socket reads and drops all bytes, unless the behaviour pauses it. */
export interface Attack {
  readonly socket: Socket;
  readonly random: Random;
  readonly language: Language;
  /** Writes, unless the socket can no longer be written. */
  write(bytes: Uint8Array): void;
  /** Calls back every `ms` while the connection lives. */
  every(ms: number, callback: () => void): void;
}

export type Behaviour = (attack: Attack) => void;

interface AttackOptions {
  readonly port: number;
  readonly language: Language;
  readonly behaviour: Behaviour;
  readonly seed: number;
  /** Maximum time in ms that the connection lives. */
  readonly longestLife: number;
}

/** Number of local addresses to connect from: the ports of one address would last only half a minute. */
const SOURCES = 8;

/**
 * The local address of a connection. On Linux all of 127.0.0.0/8 are local; other systems have one address.
 */
function sourceOf(source: Random): { localAddress?: string } {
  return process.platform === 'linux'
    ? { localAddress: `127.0.0.${source.below(SOURCES) + 1}` }
    : {};
}

/**
 * Connects, behaves, and leaves after some time. `onOver` is called at the end; `refusal` says why it never
 * connected.
 */
export function attack(
  { port, language, behaviour, seed, longestLife }: AttackOptions,
  onOver: (refusal: string | undefined) => void,
): Socket {
  const source = random(seed);
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, ...sourceOf(source) });
  const timers: NodeJS.Timeout[] = [];
  let refusal: string | undefined = 'given up';
  socket.on('error', ({ message }) => {
    if (refusal !== undefined) {
      refusal = message;
    }
  });
  socket.once('close', () => {
    for (const timer of timers) {
      clearInterval(timer);
    }
    onOver(refusal);
  });
  socket.once('connect', () => {
    refusal = undefined;
    const life = Math.ceil((longestLife * source.between(1, 100)) / 100);
    timers.push(setTimeout(() => leave(socket, source), life));
    socket.resume();
    behaviour({
      socket,
      random: source,
      language,
      write: (bytes) => {
        if (socket.writable && bytes.length > 0) {
          socket.write(bytes);
        }
      },
      every: (ms, callback) => timers.push(setInterval(callback, ms)),
    });
  });
  return socket;
}

function leave(socket: Socket, source: Random): void {
  if (source.chance(1, 3)) {
    socket.resetAndDestroy();
  } else {
    socket.destroy();
  }
}
