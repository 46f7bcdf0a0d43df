// The table of docs/connection.md over TCP, seen by a client in Python: what it gets from each verb of a
// framed connection, a message stream and a peer. It asks the kernel, so a reset is one of the kernel's.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  framed,
  isUnstickError,
  lengthPrefixed,
  messages,
  messageStream,
} from '../../src/entries/main.ts';
import type {
  Connection,
  FramedOptions,
  JsonObject,
  MessageStream,
} from '../../src/entries/main.ts';
import { peer } from '../../src/entries/peer.ts';
import type { Peer, PeerOptions } from '../../src/entries/peer.ts';
import { join } from '../support/bytes.ts';
import { HELLO, messageBytes } from '../support/peers.ts';
import { portOf } from '../support/sockets.ts';
import { python, runPython } from './support/python.ts';

type Frames = Connection<Uint8Array, Uint8Array>;
type Manner = 'read' | 'end' | 'reset' | 'late';

/** More than a write of the kernel takes at once. */
const LARGE = Buffer.alloc(3_000_000, 0x61);
const HI = Buffer.from('000000026869', 'hex');
const HALF = Buffer.from('0000000268', 'hex');
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const seen = (bytes: Uint8Array): string =>
  `FIN ${bytes.length} ${createHash('sha256').update(bytes).digest('hex')}`;

/** A socket of node:net whose other end is the client in Python; `printed` is what that says at last. */
async function toPython(
  says: Uint8Array,
  manner: Manner,
): Promise<{ socket: Socket; printed: Promise<string> }> {
  const server = createServer({ allowHalfOpen: true });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const accepted = once(server, 'connection');
  const printed = runPython('watching_client', String(portOf(server)), hexOf(says), manner);
  const [socket]: Socket[] = await accepted;
  server.close();
  if (socket === undefined) {
    throw new Error('nobody came');
  }
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  return { socket, printed };
}

/** `rest`: all that was sent, then the end. */
type Sees = 'rest' | 'reset';

interface Case<Subject, Options> {
  readonly act: (subject: Subject, controller: AbortController) => unknown;
  readonly sees: Sees;
  readonly says?: Uint8Array;
  readonly manner?: Manner;
  readonly options?: Options;
}

const within = { within: 100 };

async function disposed(subject: AsyncDisposable): Promise<void> {
  await using _ = subject;
}

/** What `framed` and `messageStream` have in common. */
const VERBS: Readonly<Record<string, Case<Frames | MessageStream<JsonObject>, FramedOptions>>> = {
  'end()': { act: (one) => one.end(), sees: 'rest' },
  'close()': { act: (one) => one.close(), sees: 'rest' },
  'close() to a remote that reads late': {
    act: (one) => one.close(),
    sees: 'rest',
    manner: 'late',
  },
  'close() whose time is over': {
    act: (one) => one.close({ within: 50 }),
    sees: 'reset',
    manner: 'late',
  },
  'await using': { act: disposed, sees: 'rest' },
  'destroy()': { act: (one) => one.destroy(), sees: 'reset' },
  'destroy(cause)': { act: (one) => one.destroy(new Error('why')), sees: 'reset' },
  'abort of signal': { act: (_, controller) => controller.abort(), sees: 'reset' },
  'release(), then end() of the socket': {
    act: (one) => void one.release().end(),
    sees: 'rest',
  },
  'break out of a loop, then close()': {
    act: async (one) => {
      await one[Symbol.asyncIterator]().return?.();
      await one.close();
    },
    sees: 'rest',
  },
  frameTimeout: {
    act: (one) => one.receive(),
    sees: 'reset',
    says: HALF,
    options: { frameTimeout: 100 },
  },
  idleTimeout: { act: () => undefined, sees: 'reset', options: { idleTimeout: 100 } },
  sendTimeout: {
    act: () => undefined,
    sees: 'reset',
    manner: 'late',
    options: { sendTimeout: 100 },
  },
  'close() after the remote ended': {
    act: async (one) => {
      expect(await one.receive()).toBeUndefined();
      await one.close();
    },
    sees: 'rest',
    manner: 'end',
  },
};

/** A verb may reject, as `close` does whose time is over: what counts here is what the client sees. */
async function perform(act: () => unknown): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!isUnstickError(error)) {
      throw error;
    }
  }
}

/** What the client prints; after a reset it may have read some of what was sent. */
function farewell(sees: Sees, sent: Uint8Array): RegExp {
  return new RegExp(sees === 'reset' ? '^RST' : `^${seen(sent)}$`);
}

const CLOSE = messageBytes({ kind: 'close' });
const ping = (id: number): Uint8Array => messageBytes({ kind: 'ping', id });
const GREETED = join([HELLO, CLOSE]);
const PEER: Readonly<Record<string, Case<Peer, PeerOptions>>> = {
  'close()': { act: (one) => one.close(), sees: 'rest', says: GREETED },
  'await using': { act: disposed, sees: 'rest', says: GREETED },
  'close() whose time is over': { act: (one) => one.close(within), sees: 'reset' },
  'destroy()': { act: (one) => one.destroy(), sees: 'reset' },
  'a broken rule': { act: () => undefined, sees: 'reset', says: join([HELLO, HELLO]) },
  'another protocol': {
    act: () => undefined,
    sees: 'reset',
    says: Buffer.from('GET / HTTP/1.1\r\n'),
  },
  helloTimeout: {
    act: () => undefined,
    sees: 'reset',
    says: HI.subarray(0, 0),
    options: { helloTimeout: 100 },
  },
  frameTimeout: {
    act: () => undefined,
    sees: 'reset',
    says: join([HELLO, HALF]),
    options: { frameTimeout: 100 },
  },
  heartbeatTimeout: {
    act: () => undefined,
    sees: 'reset',
    options: { heartbeatInterval: 50, heartbeatTimeout: 50 },
  },
  floodRate: {
    act: () => undefined,
    sees: 'reset',
    says: join([HELLO, ping(1), ping(2), ping(3)]),
    options: { floodBurst: 2, floodRate: 0.09 },
  },
  'a remote that ends without a close': { act: () => undefined, sees: 'reset', manner: 'end' },
};

describe.skipIf(python === undefined)('a client in Python (needs python3) sees of', () => {
  describe('framed', () => {
    test.each(Object.entries(VERBS))('%s', async (_, { act, sees, says, manner, options }) => {
      const { socket, printed } = await toPython(says ?? HI.subarray(0, 0), manner ?? 'read');
      const controller = new AbortController();
      const { signal } = controller;
      const connection = framed(socket, lengthPrefixed(), { signal, ...options });
      void connection.send(LARGE);
      await perform(() => act(connection, controller));
      expect(await printed).toMatch(farewell(sees, join(lengthPrefixed().encode(LARGE))));
    });
  });

  describe('messageStream', () => {
    test.each(Object.entries(VERBS))('%s', async (_, { act, sees, says, manner, options }) => {
      const { socket, printed } = await toPython(says ?? HI.subarray(0, 0), manner ?? 'read');
      const controller = new AbortController();
      const stream = messageStream(socket, { signal: controller.signal, ...options });
      const message = { header: { of: 'Python' }, body: LARGE };
      stream.send(message).catch(() => undefined);
      await perform(() => act(stream, controller));
      expect(await printed).toMatch(farewell(sees, join(messages().encode(message))));
    });
  });

  describe('peer', () => {
    test.each(Object.entries(PEER))('%s', async (_, { act, sees, says, manner, options }) => {
      const { socket, printed } = await toPython(says ?? HELLO, manner ?? 'read');
      const one = peer(socket, { onError: () => undefined, ...options });
      await perform(() => one.ready);
      await perform(() => act(one, new AbortController()));
      expect(await printed).toMatch(sees === 'reset' ? /^RST/ : /^FIN/);
    });
  });

  describe('and a reset by it', () => {
    test('is ERR_CONNECTION_LOST of a framed connection, never an end', async () => {
      const { socket, printed } = await toPython(HI, 'reset');
      const connection = framed(socket);
      expect(await printed).toBe('gone');
      const words: string[] = [];
      for (let i = 0; i < 2; i++) {
        await connection.receive().then(
          (frame) => words.push(String(frame)),
          (error: unknown) => words.push(isUnstickError(error) ? error.code : String(error)),
        );
      }
      expect(words.at(-1)).toBe('ERR_CONNECTION_LOST');
      expect(words).not.toContain('undefined');
    });

    test('is ERR_CONNECTION_LOST of a peer', async () => {
      const { socket } = await toPython(HELLO, 'reset');
      const one = peer(socket, { onError: () => undefined });
      expect(await one.closed).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
    });
  });
});
