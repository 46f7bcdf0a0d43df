// Receiving over loopback TCP: one process sends frames from memory, another receives and counts them.

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import {
  decodeStream,
  framed,
  lengthPrefixed,
  messages,
  messageStream,
} from '../src/entries/main.ts';
import { hold, seconds } from './harness.ts';
import type { Contender, Contest } from './harness.ts';
import { plainFrame } from './input.ts';
import { loopTransform, messageLoop, subarrayLoop } from './loops.ts';
import type { Target } from './results.ts';

/** A frame, `head` and then `restLength` more bytes, and how often the sender sends it. */
interface Sent {
  readonly head: Buffer;
  readonly restLength: number;
  readonly frames: number;
}

interface Rates {
  readonly frames: number;
  readonly bytes: number;
}

type Receive = (socket: Socket, sent: Sent) => Promise<number>;

let sender: ChildProcess | undefined;
const SENDER = fileURLToPath(new URL('sender.ts', import.meta.url));

/** Receives all frames on one connection. Returns the millions of frames, and of bytes, a second. */
async function connection(sent: Sent, receive: Receive): Promise<Rates> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) {
    throw new Error('no port');
  }
  const { head, restLength, frames } = sent;
  sender ??= fork(SENDER);
  sender.send([address.port, head.toString('hex'), restLength, frames]);
  const [socket]: Socket[] = await once(server, 'connection');
  if (socket === undefined) {
    throw new Error('no connection');
  }
  let found = 0;
  const time = await seconds(async () => {
    found = await receive(socket, sent);
  });
  socket.destroy();
  server.close();
  if (found !== frames) {
    throw new Error(`found ${found} of ${frames} frames`);
  }
  const perSecond = frames / time / 1e6;
  return { frames: perSecond, bytes: perSecond * (head.length + restLength) };
}

const byLoop: Receive = async (socket) => {
  let found = 0;
  socket.on(
    'data',
    subarrayLoop(() => found++),
  );
  await once(socket, 'end');
  return found;
};

const rawBytes: Receive = async (socket, { head, restLength }) => {
  let bytes = 0;
  socket.on('data', (chunk) => {
    bytes += chunk.length;
  });
  await once(socket, 'end');
  return bytes / (head.length + restLength);
};

async function iterate(frames: AsyncIterable<unknown>): Promise<number> {
  let found = 0;
  for await (const frame of frames) {
    if (frame instanceof Uint8Array) {
      found++;
    }
  }
  return found;
}

const batches: Receive = async (socket) => {
  let found = 0;
  for await (const batch of framed(socket).batches()) {
    found += batch.length;
  }
  return found;
};

const scan: Receive = async (socket) => {
  let found = 0;
  await framed(socket).scan(() => found++);
  return found;
};

const LOOP = 'hand loop';
const RAW = 'raw bytes, no framing';
const PLAIN = 'plain Transform, for await';
const ITERATE = 'framed, for await';
const BATCHES = 'framed, batches';

const ways: Readonly<Record<string, Receive>> = {
  [LOOP]: byLoop,
  [PLAIN]: (socket) => iterate(socket.pipe(loopTransform())),
  'decodeStream, for await': (socket) => iterate(socket.pipe(decodeStream(lengthPrefixed()))),
  [ITERATE]: (socket) => iterate(framed(socket)),
  [BATCHES]: batches,
  'framed, scan': scan,
  [RAW]: rawBytes,
};

/**
 * These ways get FAST_FACTOR times the frames: otherwise a turn would end before TCP reaches its full speed.
 */
const FAST: readonly string[] = ['framed, scan', RAW];
const FAST_FACTOR = 4;

function contenders(
  sent: Sent,
  rate: keyof Rates,
  receives: Readonly<Record<string, Receive>>,
): Record<string, Contender> {
  return Object.fromEntries(
    Object.entries(receives).map(([name, receive]): [string, Contender] => {
      const frames = sent.frames * (FAST.includes(name) ? FAST_FACTOR : 1);
      return [name, async () => (await connection({ ...sent, frames }, receive))[rate]];
    }),
  );
}

function sized(
  { payloadLength, label, frames }: { payloadLength: number; label: string; frames: number },
  targets: readonly Target[],
): Contest {
  const head = plainFrame(payloadLength).subarray(0, 4);
  return {
    title: `receive ${label} payloads over loopback`,
    unit: 'M frames/s',
    reference: LOOP,
    targets,
    contenders: contenders({ head, restLength: payloadLength, frames }, 'frames', ways),
  };
}

const streamedBodies: Receive = async (socket) => {
  let found = 0;
  for await (const { header, body } of messageStream(socket)) {
    let bytes = 0;
    for await (const piece of body) {
      bytes += piece.length;
    }
    if (bytes === header['bodyLength']) {
      found++;
    }
  }
  return found;
};

/** Collects whole bodies, as most people write it. */
const wholeBodies: Receive = async (socket) => {
  let found = 0;
  socket.on(
    'data',
    messageLoop(() => found++),
  );
  await once(socket, 'end');
  return found;
};

function bodies(bodyLength: number, label: string, count: number): Contest {
  const body = Buffer.alloc(bodyLength);
  const [head = body] = messages().encode({ header: { id: 1 }, body });
  return {
    title: `receive message bodies of ${label} over loopback`,
    unit: 'MB/s',
    reference: RAW,
    targets: [{ name: 'messageStream, streamed', atLeast: 0.95 }],
    contenders: contenders(
      { head: Buffer.from(head), restLength: bodyLength, frames: count },
      'bytes',
      {
        [RAW]: rawBytes,
        'messageStream, streamed': streamedBodies,
        'hand loop, whole bodies': wholeBodies,
      },
    ),
  };
}

await hold(import.meta.url, [
  sized({ payloadLength: 64, label: '64 B', frames: 3_000_000 }, [
    { name: BATCHES, atLeast: 1 },
    { name: ITERATE, atLeast: 0.55 },
    { name: ITERATE, of: PLAIN, atLeast: 1.8 },
  ]),
  sized({ payloadLength: 1024, label: '1 KiB', frames: 600_000 }, [
    { name: 'framed, scan', of: RAW, atLeast: 0.95 },
  ]),
  sized({ payloadLength: 65_536, label: '64 KiB', frames: 12_000 }, [
    { name: 'framed, scan', of: RAW, atLeast: 0.9 },
  ]),
  bodies(16 * 1024 * 1024, '16 MiB', 48),
]);
