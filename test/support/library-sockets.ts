// Connections whose socket the library made: accepted by `serve`, or opened by `dial`. The other end is a
// bare socket, which the test plays by hand. The sockets are poisoned: after each read the library overwrites
// what it has shown of its read buffer.

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { ListenOptions, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import {
  dial,
  dialMessages,
  lengthPrefixed,
  serve,
  serveMessages,
} from '../../src/entries/main.ts';
import type {
  Codec,
  CodecPair,
  Connection,
  FramedOptions,
  FramedServer,
  JsonObject,
  MessageStream,
} from '../../src/entries/main.ts';
import { portOf } from './sockets.ts';
import { deferred, rejection } from './waiting.ts';

export type ReadBuffer = 'reused' | 'own';

export interface Made<C> {
  readonly connection: C;
  readonly far: Socket;
}

export interface Place {
  readonly name: string;
  readonly isUnix: boolean;
  readonly side: 'accepted' | 'outgoing';
}

export const PLACES: readonly Place[] = [
  { name: 'an accepted TCP socket', isUnix: false, side: 'accepted' },
  { name: 'an outgoing TCP socket', isUnix: false, side: 'outgoing' },
  { name: 'an accepted unix socket', isUnix: true, side: 'accepted' },
  { name: 'an outgoing unix socket', isUnix: true, side: 'outgoing' },
];

/** Poisons the sockets that the library makes until the test is over. */
export function poison(): void {
  vi.stubEnv('UNSTICK_POISON', '1');
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
}

type Framing = Pick<FramedOptions, 'copy' | 'frameTimeout' | 'idleTimeout'>;

/** A framed connection in `place`. */
export async function framedAt<I, O>(
  place: Place,
  codec: Codec<I, O> | CodecPair<I, O>,
  options: Framing & { readonly readBuffer?: ReadBuffer } = {},
): Promise<Made<Connection<I, O>>> {
  poison();
  if (place.side === 'outgoing') {
    return fromServer(place, (to) => dial(codec, { ...to, ...options }));
  }
  return fromClient<Connection<I, O>>(place, (where, attend) =>
    serve(codec, attend, { ...where, ...options, onError: () => undefined }),
  );
}

/** A message stream in `place`. */
export async function messagesAt(
  place: Place,
  options: { readonly readBuffer?: ReadBuffer; readonly frameTimeout?: number } = {},
): Promise<Made<MessageStream<JsonObject>>> {
  poison();
  if (place.side === 'outgoing') {
    return fromServer(place, (to) => dialMessages({ ...to, ...options }));
  }
  return fromClient<MessageStream<JsonObject>>(place, (where, attend) =>
    serveMessages(attend, { ...where, ...options, onError: () => undefined }),
  );
}

/**
 * Makes the socket of a connection lend its read buffer: shows one frame to a visitor, which throws. Later
 * readers get copies of the bytes in the read buffer.
 */
export async function prime({
  connection,
  far,
}: Made<Connection<Uint8Array, Uint8Array>>): Promise<void> {
  const enough = new Error('enough');
  const scan = connection.scan(() => {
    throw enough;
  });
  far.write(Buffer.from('0000000178', 'hex'));
  const thrown = await rejection(scan);
  if (thrown !== enough) {
    throw thrown;
  }
}

/**
 * 'lent': a visitor has read one frame first (see `prime`), so that later readers get copies of the buffer.
 */
export const FRAME_KINDS = ['reused', 'own', 'lent'] as const;

export type Plain = Connection<Uint8Array, Uint8Array>;

/** A connection of plain frames. */
export async function plainAt(
  place: Place,
  kind: (typeof FRAME_KINDS)[number],
): Promise<Made<Plain>> {
  const readBuffer = kind === 'own' ? 'own' : 'reused';
  const made = await framedAt(place, lengthPrefixed(), { readBuffer });
  if (kind === 'lent') {
    await prime(made);
  }
  return made;
}

type To = { readonly path: string } | { readonly port: number };

async function whereToListen({ isUnix }: Place): Promise<ListenOptions & { path?: string }> {
  if (!isUnix) {
    return {};
  }
  const folder = await mkdtemp(join(tmpdir(), 'unstick-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return { path: join(folder, 'socket') };
}

async function fromServer<C extends { destroy(): void }>(
  place: Place,
  make: (to: To) => Promise<C>,
): Promise<Made<C>> {
  const where = await whereToListen(place);
  const server = createServer({ allowHalfOpen: true });
  server.listen(where.path === undefined ? { port: 0, host: '127.0.0.1' } : where);
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const to = where.path === undefined ? { port: portOf(server) } : { path: where.path };
  const connection = await make(to);
  const [far]: Socket[] = await accepted;
  server.close();
  if (far === undefined) {
    throw new Error('no connection came');
  }
  onTestFinished(() => connection.destroy());
  return { connection, far: tamed(far) };
}

async function fromClient<C>(
  place: Place,
  open: (where: { path?: string }, attend: (connection: C) => Promise<void>) => FramedServer,
): Promise<Made<C>> {
  const where = await whereToListen(place);
  const over = deferred();
  const made: C[] = [];
  const came = deferred();
  // The handler returns only when the test is over, because the server closes a connection after its handler.
  const server = open(where, async (connection) => {
    made.push(connection);
    came.resolve();
    await over.promise;
  });
  onTestFinished(async () => {
    over.resolve();
    await server.close({ within: 0 });
  });
  await server.ready;
  const to = where.path === undefined ? { port: server.port } : { path: where.path };
  const far = tamed(connect({ ...to, allowHalfOpen: true }));
  await came.promise;
  const [connection] = made;
  if (connection === undefined) {
    throw new Error('no connection came');
  }
  return { connection, far };
}

function tamed(socket: Socket): Socket {
  socket.on('error', () => undefined);
  onTestFinished(() => {
    socket.destroy();
  });
  return socket;
}
