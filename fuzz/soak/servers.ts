// The servers that a soak attacks, built with the public API. A few servers have a planted fault, for testing
// the soak itself.

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
  /** Number of connections that the server counts now. */
  connections(): number;
  close(): Promise<void>;
}

/** Called with the code of the error when a connection ends. */
export type OnEnd = (code: string) => void;

type Frames = Connection<Uint8Array, Uint8Array>;

/** Timeouts in ms. They are shorter than the defaults, so that each one expires within a soak of seconds. */
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

/** Writes SOURCE_LENGTH bytes as fast as the other side takes them. */
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
    // Ignore the errors of channel handlers: here they come from channels that the remote has reset.
    onError: () => undefined,
  });
  await server.ready;
  const { port } = server;
  return { port, connections: () => server.peers.size, close: () => server.close() };
}

/** Objects that the planted leak keeps, so that the heap grows. */
const kept: unknown[] = [];

/** Faults of the kinds that a soak must find. */
const planted = {
  /** Keeps memory and a timer for each connection, and a descriptor for every fourth. */
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
  /** Exits at a frame of 2001 bytes. */
  'planted-death': serveFrames(async (connection) => {
    for await (const frame of connection) {
      if (frame.length === 2001) {
        process.exit(3);
      }
      await connection.send(frame);
    }
  }),
  /** Changes the first byte of each answer. */
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
