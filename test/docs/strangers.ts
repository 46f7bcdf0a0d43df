// The clients that besiege a program: each misbehaves in its own way, over TCP, TLS and a unix socket.

import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { lengthPrefixed } from '../../src/entries/main.ts';
import { join } from '../support/bytes.ts';
import { HELLO, messageBytes } from '../support/peers.ts';
import { cert, key } from '../support/self-signed.ts';

export interface Place {
  readonly where: { readonly port: number; readonly host: string } | { readonly path: string };
  readonly kind: 'tcp' | 'tls' | 'http';
  /** What a good client asks. Default: a frame of four bytes of length and a word. */
  readonly request?: Uint8Array | undefined;
}

/** A connection of a stranger. `raw` is what can be reset. */
interface Line {
  readonly socket: Socket;
  readonly raw: Socket;
}

/** What a stranger may keep open until the program ends its server. */
export type Crowd = Set<Socket>;

type Attack = (open: () => Line, crowd: Crowd) => Promise<unknown>;

/** How long a stranger waits for what the server makes of it. */
const PATIENCE_MS = 500;
/** How long a good client that was answered waits for the end, and for a failure. */
const LETTING_GO_MS = 3000;
/** Requests that one stranger sends and whose answers it does not read. */
const FLOOD_LENGTH = 12 * 2 ** 20;
/** A flood has ended when the server takes nothing for this long. */
const STUCK_MS = 500;

const UPGRADE = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: frames\r\n\r\n';
const BROWSER = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const FRAME = join(lengthPrefixed().encode(Buffer.from('hi')));
const MESSAGE = messageBytes({ a: 2, b: 3, name: 'sent' }, 'some bytes');
const HALF_FRAME = FRAME.subarray(0, 5);

/** Requests in the three formats of the documentation: a server of one takes the others for garbage. */
const REQUESTS: Readonly<
  Record<string, { readonly first: Uint8Array; readonly again: Uint8Array }>
> = {
  frames: {
    first: FRAME,
    again: repeated(join(lengthPrefixed().encode(Buffer.alloc(1024, 'x')))),
  },
  messages: { first: MESSAGE, again: repeated(MESSAGE) },
  peer: {
    first: HELLO,
    again: repeated(
      messageBytes({ kind: 'request', id: 1, name: 'upper', params: 'x'.repeat(500) }),
    ),
  },
};

const ATTACKS: Readonly<Record<string, Attack>> = {
  'speaks HTTP': (open) => gone(said(open(), BROWSER).socket.end()),
  'speaks HTTP and stays': (open, crowd) => gone(kept(said(open(), BROWSER), crowd)),
  'resets in mid-frame': (open) => resets(open(), HALF_FRAME),
  'resets with answers under way': (open) => resets(open(), REQUESTS['frames']?.again ?? FRAME),
  'resets at once': (open) => resets(open(), ''),
  'half-closes after a frame': (open) => gone(said(open(), FRAME).socket.end()),
  'half-closes after a message': (open) => gone(said(open(), MESSAGE).socket.end()),
  'half-closes in mid-frame': (open) => gone(said(open(), HALF_FRAME).socket.end()),
  'half-closes at once': (open) => gone(open().socket.end()),
  'says nothing': async (open, crowd) => void kept(open(), crowd),
  'stops in mid-frame': async (open, crowd) => void kept(said(open(), HALF_FRAME), crowd),
  'never reads, in frames': (open, crowd) => floods(kept(open(), crowd), 'frames'),
  'never reads, in messages': (open, crowd) => floods(kept(open(), crowd), 'messages'),
  'never reads, as a peer': (open, crowd) => floods(kept(open(), crowd), 'peer'),
};

/** All of them at once. Resolves when they have done their worst; the crowd is still there. */
export async function attack(place: Place, crowd: Crowd): Promise<void> {
  const doors = [() => lineTo(place)];
  if (place.kind === 'http') {
    doors.push(() => said(lineTo(place), UPGRADE));
  }
  // Strangers to TLS, too.
  if (place.kind === 'tls') {
    doors.push(() => lineTo({ ...place, kind: 'tcp' }));
  }
  await Promise.all(doors.flatMap((door) => Object.values(ATTACKS).map((act) => act(door, crowd))));
}

/**
 * A good client of a program that has none: sends a frame and ends, and is answered or let go in order,
 * within so many ms.
 */
export async function serves(place: Place, within: number): Promise<boolean> {
  const { socket } = lineTo(place);
  const failed = new Promise<boolean>((resolve) => {
    socket.once('error', () => resolve(false));
  });
  const ended = new Promise<boolean>((resolve) => {
    socket.once('end', () => resolve(true));
  });
  const answered = new Promise((resolve) => {
    socket.on('data', resolve);
  }).then(() => patience(() => true, LETTING_GO_MS));
  socket.end(place.request ?? FRAME);
  const isFine = await Promise.race([ended, failed, answered, patience(() => false, within)]);
  socket.destroy();
  return isFine;
}

function lineTo({ where, kind }: Place): Line {
  const raw = connect({ ...where, allowHalfOpen: true });
  raw.on('error', ignore);
  if (kind !== 'tls') {
    return { socket: raw, raw };
  }
  const trust = { key, cert, rejectUnauthorized: false };
  const socket = connectTls({ socket: raw, servername: 'localhost', ...trust });
  socket.on('error', ignore);
  return { socket, raw };
}

function said(line: Line, words: Uint8Array | string): Line {
  line.socket.write(words);
  return line;
}

function kept({ socket }: Line, crowd: Crowd): Socket {
  crowd.add(socket);
  return socket;
}

/** Resolves when a connection is over, or the stranger has waited long enough. It reads. */
function gone(socket: Socket): Promise<unknown> {
  socket.resume();
  const closed = new Promise((resolve) => {
    socket.once('end', resolve).once('close', resolve);
  });
  return Promise.race([closed, patience(() => true)]);
}

function resets({ socket, raw }: Line, words: Uint8Array | string): Promise<unknown> {
  const done = new Promise((resolve) => {
    raw.once('close', resolve);
  });
  // A unix socket has no reset: there it goes.
  const reset = (): void =>
    void (raw.remoteAddress === undefined ? raw.destroy() : raw.resetAndDestroy());
  raw.once('connect', () => (words === '' ? reset() : socket.write(words, reset)));
  return Promise.race([done, patience(() => true)]);
}

/** Pipelines requests for as long as the server takes any. */
async function floods(socket: Socket, format: string): Promise<void> {
  const { first, again } = REQUESTS[format] ?? { first: FRAME, again: FRAME };
  socket.pause();
  socket.write(first);
  for (let sent = 0; sent < FLOOD_LENGTH && !socket.destroyed; sent += again.length) {
    if (socket.write(again)) {
      continue;
    }
    if (!(await isTaken(socket))) {
      return;
    }
  }
}

function isTaken(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (isDrained: boolean): void => {
      clearTimeout(timer);
      socket.off('drain', drained).off('close', closed);
      resolve(isDrained);
    };
    const drained = (): void => settle(true);
    const closed = (): void => settle(false);
    const timer = setTimeout(closed, STUCK_MS);
    socket.once('drain', drained).once('close', closed);
  });
}

function patience(result: () => boolean, ms = PATIENCE_MS): Promise<boolean> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(result()), ms);
  });
}

/** As many as fill about 64 KiB. */
function repeated(bytes: Uint8Array): Uint8Array {
  return join(Array.from({ length: Math.ceil(65_536 / bytes.length) }, () => bytes));
}

function ignore(): void {
  // How a stranger fares is not judged.
}
