// Receiving in a server of this package over loopback TCP, compared with a bare socket that counts bytes. The
// ways that only look at the bytes (scan, body.visit) are measured with the read buffer that all sockets
// share, and with new memory for each read.

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { lengthPrefixed, messages, serve, serveMessages } from '../src/entries/main.ts';
import type { Connection, IncomingMessage, JsonObject, NodeBytes } from '../src/entries/main.ts';
import { hold, seconds } from './harness.ts';
import type { Contender, Contest } from './harness.ts';
import { plainFrame } from './input.ts';
import type { Target } from './results.ts';

/** A frame, `head` and then `restLength` more bytes, and how often the sender sends it. */
interface Sent {
  readonly head: Buffer;
  readonly restLength: number;
  readonly frames: number;
}

interface Listening {
  readonly port: number;
  close(): unknown;
}

/**
 * Opens a server. It calls `begun` when a client has connected, and `done` with the number of frames at its
 * end.
 */
type Open = (
  sent: Sent,
  begun: () => unknown,
  done: (frames: number) => unknown,
) => Promise<Listening>;

type ReadBuffer = 'reused' | 'own';
type Framed = Connection<Uint8Array, NodeBytes>;

const SENDER = fileURLToPath(new URL('sender.ts', import.meta.url));
let sender: ChildProcess | undefined;

/** Receives all frames on one connection. Returns the millions of frames, or of bytes, a second. */
async function rate(open: Open, sent: Sent, isBytes: boolean): Promise<number> {
  // The emitter turns the calls of the server into promises.
  const events = new EventEmitter();
  const begun = once(events, 'begun');
  const done = once(events, 'done');
  const server = await open(
    sent,
    () => events.emit('begun'),
    (count) => events.emit('done', count),
  );
  sender ??= fork(SENDER);
  const { head, restLength, frames } = sent;
  sender.send([server.port, head.toString('hex'), restLength, frames]);
  await begun;
  const time = await seconds(() => done);
  await server.close();
  const [found] = await done;
  if (found !== frames) {
    throw new Error(`found ${String(found)} of ${frames} frames`);
  }
  return ((frames / time) * (isBytes ? head.length + restLength : 1)) / 1e6;
}

const raw: Open = async ({ head, restLength }, begun, done) => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let bytes = 0;
    socket.on('data', (chunk) => {
      bytes += chunk.length;
    });
    socket.on('end', () => {
      socket.end();
      done(bytes / (head.length + restLength));
    });
    begun();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: () => server.close(),
  };
};

function served(readBuffer: ReadBuffer, read: (connection: Framed) => Promise<number>): Open {
  return async (_, begun, done) => {
    const handler = async (connection: Framed): Promise<void> => {
      begun();
      done(await read(connection));
    };
    const server = serve(lengthPrefixed(), handler, { readBuffer });
    await server.ready;
    return server;
  };
}

function servedBodies(
  readBuffer: ReadBuffer,
  read: (message: IncomingMessage<JsonObject>) => Promise<number>,
): Open {
  return async (_, begun, done) => {
    const server = serveMessages(
      async (stream) => {
        begun();
        let found = 0;
        for await (const message of stream) {
          found += (await read(message)) === message.bodyLength ? 1 : 0;
        }
        done(found);
      },
      { readBuffer },
    );
    await server.ready;
    return server;
  };
}

async function scan(connection: Framed): Promise<number> {
  let found = 0;
  await connection.scan(() => found++);
  return found;
}

async function iterate(connection: Framed): Promise<number> {
  let found = 0;
  for await (const frame of connection) {
    found += frame.length > 0 ? 1 : 0;
  }
  return found;
}

async function batches(connection: Framed): Promise<number> {
  let found = 0;
  for await (const batch of connection.batches()) {
    found += batch.length;
  }
  return found;
}

async function streamed({ body }: IncomingMessage<JsonObject>): Promise<number> {
  let length = 0;
  for await (const piece of body) {
    length += piece.length;
  }
  return length;
}

async function visited({ body }: IncomingMessage<JsonObject>): Promise<number> {
  let length = 0;
  await body.visit((bytes) => {
    length += bytes.length;
  });
  return length;
}

const RAW = "raw bytes on 'data'";
const SCAN = 'serve, scan';
const ITERATE = 'serve, for await';
const BATCHES = 'serve, batches';
const STREAMED = 'serveMessages, body';
const VISITED = 'serveMessages, body.visit';
const OWN = ', own memory';

const ways: Readonly<Record<string, Open>> = {
  [RAW]: raw,
  [SCAN]: served('reused', scan),
  [SCAN + OWN]: served('own', scan),
  // These ways keep their frames, so the server never uses the shared buffer for them.
  [ITERATE]: served('reused', iterate),
  [BATCHES]: served('reused', batches),
};

const bodyWays: Readonly<Record<string, Open>> = {
  [RAW]: raw,
  [VISITED]: servedBodies('reused', visited),
  [VISITED + OWN]: servedBodies('own', visited),
  [STREAMED]: servedBodies('reused', streamed),
};

/**
 * All other ways get FAST_FACTOR times the frames: otherwise a turn would end before TCP reaches its full
 * speed.
 */
const SLOW: readonly string[] = [ITERATE, BATCHES];
const FAST_FACTOR = 4;

function contenders(
  opens: Readonly<Record<string, Open>>,
  sent: Sent,
  isBytes: boolean,
): Record<string, Contender> {
  return Object.fromEntries(
    Object.entries(opens).map(([name, open]): [string, Contender] => {
      const frames = sent.frames * (SLOW.includes(name) ? 1 : FAST_FACTOR);
      return [name, () => rate(open, { ...sent, frames }, isBytes)];
    }),
  );
}

function sized(
  { payloadLength, label, frames }: { payloadLength: number; label: string; frames: number },
  targets: readonly Target[],
): Contest {
  const head = plainFrame(payloadLength).subarray(0, 4);
  return {
    title: `serve ${label} payloads over loopback`,
    unit: 'M frames/s',
    reference: RAW,
    targets,
    contenders: contenders(ways, { head, restLength: payloadLength, frames }, false),
  };
}

function bodies(bodyLength: number, label: string, count: number): Contest {
  const body = Buffer.alloc(bodyLength);
  const [head = body] = messages().encode({ header: { id: 1 }, body });
  const sent = { head: Buffer.from(head), restLength: bodyLength, frames: count };
  return {
    title: `serve message bodies of ${label} over loopback`,
    unit: 'MB/s',
    reference: RAW,
    targets: [
      { name: VISITED, atLeast: 1.2 },
      { name: STREAMED, atLeast: 0.95 },
    ],
    contenders: contenders(bodyWays, sent, true),
  };
}

await hold(import.meta.url, [
  sized({ payloadLength: 64, label: '64 B', frames: 3_000_000 }, [{ name: SCAN, atLeast: 1.2 }]),
  sized({ payloadLength: 1024, label: '1 KiB', frames: 600_000 }, [{ name: SCAN, atLeast: 1.2 }]),
  sized({ payloadLength: 65_536, label: '64 KiB', frames: 12_000 }, [{ name: SCAN, atLeast: 1 }]),
  bodies(16 * 1024 * 1024, '16 MiB', 16),
]);
