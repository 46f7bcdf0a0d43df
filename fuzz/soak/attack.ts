// One connection of the crowd: a socket that a behaviour uses for some time, and that is then let go in a
// way drawn from its seed. No timer outlives it.

import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { random } from '../../src/schedule/random.ts';
import type { Random } from '../../src/schedule/random.ts';
import type { Language } from './wire.ts';

/** What a behaviour is given. Its socket reads and drops what comes, unless the behaviour pauses it. */
export interface Attack {
  readonly socket: Socket;
  readonly random: Random;
  readonly language: Language;
  /** Writes, unless the socket is over. */
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
  /** How long the connection may last, in ms. */
  readonly longestLife: number;
}

/** Number of local addresses to connect from: one address has ports for half a minute of resets. */
const SOURCES = 8;

/** Linux answers for all of 127.0.0.0/8; other systems have one address. */
function sourceOf(source: Random): { localAddress?: string } {
  return process.platform === 'linux'
    ? { localAddress: `127.0.0.${source.below(SOURCES) + 1}` }
    : {};
}

/** Connects, behaves, lives on, and goes. `onOver` hears when it is gone, and why it never connected. */
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
