// A server that is full of silent newcomers still accepts a client: it closes one of the newcomers. It never
// closes clients that have been admitted.

import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { framed, lengthPrefixed, serve } from '../../src/entries/main.ts';
import { connect as connectPeer, listen, reply } from '../../src/entries/peer.ts';
import type { PeerListenOptions } from '../../src/entries/peer.ts';
import { Newcomers } from '../../src/stream/newcomers.ts';
import { utf8 } from '../support/bytes.ts';
import { echo } from '../support/servers.ts';
import { cert, key } from '../support/self-signed.ts';
import { emitted, until } from '../support/waiting.ts';

const tls = { key, cert };
const PLACES = 4;

interface Served {
  readonly port: number;
  readonly connections: number;
}

/** A client that asks something and keeps its connection. Resolves to whether it was answered. */
type Client = (port: number) => Promise<boolean>;

function peers(options: PeerListenOptions): Promise<Served> {
  const serveOne = listen((peer) => peer.handle('echo', (value) => reply(value)), {
    maxConnections: PLACES,
    onError: () => undefined,
    ...options,
  });
  onTestFinished(() => serveOne.close({ within: 0 }));
  return serveOne.ready.then(() => serveOne);
}

async function frames(): Promise<Served> {
  const server = serve(lengthPrefixed(), echo, { tls, maxConnections: PLACES });
  onTestFinished(() => server.close({ within: 0 }));
  await server.ready;
  return server;
}

const askFrames: Client = async (port) => {
  const secure = connectTls({ port, host: '127.0.0.1', ca: cert });
  onTestFinished(() => void secure.destroy());
  const connection = framed(secure, lengthPrefixed());
  await connection.send(utf8('hi'));
  return String(await connection.receive()) === 'hi';
};

function askPeer(secure: boolean): Client {
  return async (port) => {
    const place = { host: '127.0.0.1', port, ...(secure ? { tls: { ca: cert } } : {}) };
    const peer = await connectPeer(place, { admit: (duplex) => duplex });
    onTestFinished(() => peer.destroy());
    return (await peer.request('echo', 'hi')).result === 'hi';
  };
}

const kinds: Readonly<Record<string, readonly [() => Promise<Served>, Client]>> = {
  'serve, in the handshake of TLS': [frames, askFrames],
  'listen, in the handshake of TLS': [() => peers({ tls }), askPeer(true)],
  'listen, in admit': [() => peers({ admit: spoken }), speakFirst],
  'listen, before the hello': [() => peers({}), askPeer(false)],
};

/** An `admit` that waits for one byte. */
async function spoken(duplex: Duplex): Promise<Duplex> {
  const [chunk] = (await once(duplex, 'data')) as [Buffer];
  duplex.pause();
  duplex.unshift(chunk.subarray(1));
  return duplex;
}

async function speakFirst(port: number): Promise<boolean> {
  const peer = await connectPeer(
    { host: '127.0.0.1', port },
    {
      admit: (duplex) => {
        duplex.write('!');
        return duplex;
      },
    },
  );
  onTestFinished(() => peer.destroy());
  return (await peer.request('echo', 'hi')).result === 'hi';
}

/** Connects and sends nothing. */
function knock(port: number, localAddress = '127.0.0.1'): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress }).on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  return socket;
}

async function stranger(port: number, localAddress?: string): Promise<Socket> {
  const socket = knock(port, localAddress);
  await emitted(socket, 'connect');
  return socket;
}

describe.each(Object.entries(kinds))('%s', (_, [open, client]) => {
  test('strangers who hold all places keep no client out', async () => {
    const server = await open();
    const strangers: Socket[] = [];
    for (let n = 0; n < 3 * PLACES; n++) {
      strangers.push(await stranger(server.port));
    }
    await until(() => server.connections === PLACES, 'the server is full');
    const answers: boolean[] = [];
    for (let n = 0; n < PLACES; n++) {
      answers.push(await client(server.port));
    }
    expect(answers).toEqual(Array.from({ length: PLACES }, () => true));
    await until(() => strangers.every(({ destroyed }) => destroyed), 'all strangers made room');
    // Clients have all places now, and they stay.
    const late = knock(server.port);
    await until(() => late.destroyed, 'a stranger is refused');
    expect(server.connections).toBe(PLACES);
  });
});

test('the address with most newcomers loses one, and it is the oldest', async () => {
  const server = await frames();
  const other = await stranger(server.port, '127.0.0.2');
  const many: Socket[] = [];
  for (let n = 0; n < PLACES; n++) {
    many.push(await stranger(server.port));
  }
  await until(() => many[0]?.destroyed === true, 'the oldest of the many is gone');
  expect([other, ...many.slice(1)].map(({ destroyed }) => destroyed)).toEqual(
    Array.from({ length: PLACES }, () => false),
  );
});

function from(address: string, { bytesRead = 0 } = {}): Socket {
  const facts = { remoteAddress: { value: address }, bytesRead: { value: bytesRead } };
  return Object.defineProperties(new Socket(), facts);
}

/** Returns the names of the newcomers in the order in which they make room. */
function order(newcomers: Newcomers, names: ReadonlyMap<Duplex, string>): string[] {
  const left: string[] = [];
  for (let one = newcomers.first(); one !== undefined; one = newcomers.first()) {
    left.push(names.get(one) ?? '?');
    newcomers.leave(one);
  }
  return left;
}

describe('Newcomers', () => {
  test('go in the order of silence, of their address, and of age', () => {
    const newcomers = new Newcomers();
    const names = new Map<Duplex, string>();
    const come = (name: string, socket: Duplex, isInHandshake: boolean): Duplex => {
      names.set(socket, name);
      newcomers.enter(socket, { isInHandshake });
      return socket;
    };
    come('spoke', from('a', { bytesRead: 1 }), false);
    const secured = come('secured', from('a', { bytesRead: 1 }), true);
    come('handshake', from('a', { bytesRead: 500 }), true);
    come('b silent', from('b'), false);
    come('a silent', from('a'), false);
    come('no socket', new Duplex(), false);
    newcomers.secured(secured);
    expect(order(newcomers, names)).toEqual([
      'handshake',
      'a silent',
      'b silent',
      'no socket',
      'secured',
      'spoke',
    ]);
  });

  test('that belong to the server make no room', () => {
    const newcomers = new Newcomers();
    const one = from('a');
    newcomers.enter(one, { isInHandshake: true });
    newcomers.secured(one);
    newcomers.leave(one);
    newcomers.secured(one);
    newcomers.leave(one);
    expect(newcomers.first()).toBeUndefined();
  });
});
