// The servers that a soak is run against, made of the public API, and a few with a fault planted so that
// the soak itself can be tested.

import { open } from 'node:fs/promises';
import { lengthPrefixed, messages, serve } from '../../src/entries/main.ts';
import type { Connection } from '../../src/entries/main.ts';
import { listen, reply } from '../../src/entries/peer.ts';
import type { Channel, Peer } from '../../src/entries/peer.ts';
import { MAX_HEADER_LENGTH, MAX_PAYLOAD_LENGTH } from './wire.ts';
import type { ServerName } from './wire.ts';

/** A server that runs. */
export interface RunningServer {
  readonly port: number;
  /** Connections that it counts now. */
  connections(): number;
  close(): Promise<void>;
}

/** Hears why connections ended: the code of the error. */
export type OnEnd = (code: string) => void;

type Frames = Connection<Uint8Array, Uint8Array>;

/** Shorter than the defaults, so that a soak of seconds meets every clock. In ms. */
const TIMES = { frameTimeout: 2000, sendTimeout: 3000, idleTimeout: 5000 };
const WHERE = { port: 0, host: '127.0.0.1' };

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  return 'code' in error ? String(error.code) : `${error.name}: ${error.message}`;
}

function serveFrames(
  handler: (connection: Frames) => unknown,
): (onEnd: OnEnd) => Promise<RunningServer> {
  return async (onEnd) => {
    const codec = lengthPrefixed({ maxPayloadLength: MAX_PAYLOAD_LENGTH });
    const onError = (error: unknown): void => onEnd(codeOf(error));
    const server = serve(codec, handler, { ...WHERE, ...TIMES, onError });
    await server.ready;
    const { port } = server;
    return { port, connections: () => server.connections, close: () => server.close() };
  };
}

async function echo(connection: Frames): Promise<void> {
  for await (const frame of connection) {
    await connection.send(frame);
  }
}

async function serveMessages(onEnd: OnEnd): Promise<RunningServer> {
  const codec = messages({ maxHeaderLength: MAX_HEADER_LENGTH, maxBodyLength: 1024 * 1024 });
  const server = serve(
    codec,
    async (connection) => {
      for await (const { header, body } of connection) {
        await connection.send({ header: { id: header['id'] ?? 0 }, body });
      }
    },
    { ...WHERE, ...TIMES, onError: (error) => onEnd(codeOf(error)) },
  );
  await server.ready;
  const { port } = server;
  return { port, connections: () => server.connections, close: () => server.close() };
}

const SOURCE_LENGTH = 4 * 1024 * 1024;
const PIECE = Buffer.alloc(64 * 1024, 115);

/** Writes as fast as the other side lets it. */
function pour(channel: Channel): void {
  let left = SOURCE_LENGTH;
  const go = (): void => {
    while (left > 0 && !channel.destroyed) {
      left -= PIECE.length;
      if (!channel.write(PIECE)) {
        return void channel.once('drain', go);
      }
    }
    channel.end();
  };
  go();
}

async function drain(channel: Channel): Promise<void> {
  for await (const _ of channel) {
  }
}

function equip(peer: Peer, onEnd: OnEnd): void {
  peer.handle('echo', (params, { body }) => reply(params, body));
  peer.handle('never', () => new Promise(() => undefined));
  peer.handleEvent('said', () => undefined);
  peer.handleChannel('echo', (channel) => void channel.pipe(channel));
  peer.handleChannel('drain', drain);
  peer.handleChannel('sink', () => undefined);
  peer.handleChannel('source', pour);
  void peer.closed.then(() => onEnd(codeOf(peer.failure ?? 'in order')));
}

async function servePeers(onEnd: OnEnd): Promise<RunningServer> {
  const server = listen((peer) => equip(peer, onEnd), {
    ...WHERE,
    helloTimeout: 2000,
    frameTimeout: 2000,
    heartbeatInterval: 2000,
    heartbeatTimeout: 3000,
    // What a reset channel throws at its handler is the remote's doing.
    onError: () => undefined,
  });
  await server.ready;
  const { port } = server;
  return { port, connections: () => server.peers.size, close: () => server.close() };
}

/** What a planted leak keeps, for the heap to grow. */
const kept: unknown[] = [];

/** Faults of the kinds that a soak must find. */
const planted = {
  /** Keeps memory, a timer and a descriptor of each connection. */
  'planted-leak': serveFrames(async (connection) => {
    kept.push(Array.from({ length: 4000 }, (_, index) => ({ index })));
    setTimeout(() => undefined, 3_600_000).unref();
    if (kept.length % 4 === 0) {
      kept.push(await open('/dev/null'));
    }
    await echo(connection);
  }),
  /** Lets a promise reject without a handler. */
  'planted-rejection': serveFrames((connection) => {
    void connection.closed.then((error) => {
      if (error?.code === 'ERR_FRAME_STALLED' || error?.reason === 'ECONNRESET') {
        throw error;
      }
    });
    return echo(connection);
  }),
  /** Dies of a frame with a certain length. */
  'planted-death': serveFrames(async (connection) => {
    for await (const frame of connection) {
      if (frame.length === 2001) {
        process.exit(3);
      }
      await connection.send(frame);
    }
  }),
  /** Gives answers with a byte changed. */
  'planted-wrong': serveFrames(async (connection) => {
    for await (const frame of connection) {
      frame[0] = 0xff & ~(frame[0] ?? 0);
      await connection.send(frame);
    }
  }),
};

export type Planted = keyof typeof planted;

export const servers: Readonly<
  Record<ServerName | Planted, (onEnd: OnEnd) => Promise<RunningServer>>
> = { frames: serveFrames(echo), messages: serveMessages, peers: servePeers, ...planted };
