// Receiving over loopback TCP: one process sends frames from memory, another receives and counts them.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { decodeStream, framed, lengthPrefixed } from '../src/index.ts';
import { hold, seconds } from './harness.ts';
import type { Contest } from './harness.ts';
import { loopTransform, subarrayLoop } from './loops.ts';

type Receive = (socket: Socket) => Promise<number>;

const SENDER = fileURLToPath(new URL('sender.ts', import.meta.url));

/** Millions of frames a second of one connection, which must bring them all. */
async function connection(
  payloadLength: number,
  frames: number,
  receive: Receive,
): Promise<number> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  fork(SENDER, [address.port, payloadLength, frames].map(String));
  const [socket]: Socket[] = await once(server, 'connection');
  if (socket === undefined) throw new Error('no connection');
  let found = 0;
  const time = await seconds(async () => {
    found = await receive(socket);
  });
  socket.destroy();
  server.close();
  if (found !== frames) throw new Error(`found ${found} of ${frames} frames`);
  return frames / time / 1e6;
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

function rawBytes(payloadLength: number): Receive {
  return async (socket) => {
    let bytes = 0;
    socket.on('data', (chunk) => {
      bytes += chunk.length;
    });
    await once(socket, 'end');
    return bytes / (payloadLength + 4);
  };
}

const iterateTransform: Receive = async (socket) => {
  let found = 0;
  for await (const frame of socket.pipe(loopTransform())) if (frame instanceof Uint8Array) found++;
  return found;
};

const iterateDecodeStream: Receive = async (socket) => {
  let found = 0;
  const stream = socket.pipe(decodeStream(lengthPrefixed()));
  for await (const frame of stream) if (frame instanceof Uint8Array) found++;
  return found;
};

const iterateFramed: Receive = async (socket) => {
  let found = 0;
  for await (const frame of framed(socket)) if (frame.length >= 0) found++;
  return found;
};

const batches: Receive = async (socket) => {
  let found = 0;
  for await (const batch of framed(socket).batches()) found += batch.length;
  return found;
};

const scan: Receive = async (socket) => {
  let found = 0;
  await framed(socket).scan(() => found++);
  return found;
};

function sized(payloadLength: number, label: string, frames: number): Contest {
  const contenders: Record<string, Receive> = {
    'for await, plain Transform': iterateTransform,
    'for await, decodeStream': iterateDecodeStream,
    'for await, framed': iterateFramed,
    'framed.batches': batches,
    'framed.scan': scan,
    'hand-written loop': byLoop,
    'raw bytes, no framing': rawBytes(payloadLength),
  };
  return {
    title: `receive ${label} payloads over loopback`,
    unit: 'M frames/s',
    reference: 'for await, plain Transform',
    ...(payloadLength === 64 ? { targets: { 'for await, framed': 1.8 } } : {}),
    contenders: Object.fromEntries(
      Object.entries(contenders).map(([name, receive]) => [
        name,
        () => connection(payloadLength, frames, receive),
      ]),
    ),
  };
}

await hold(import.meta.url, [
  sized(64, '64 B', 3_000_000),
  sized(1024, '1 KiB', 600_000),
  sized(65_536, '64 KiB', 12_000),
]);
