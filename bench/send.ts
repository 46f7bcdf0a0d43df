// Sending frames with 64-byte payloads over loopback TCP to a process that only counts bytes.

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { framed } from '../src/entries/main.ts';
import { hold, seconds } from './harness.ts';

const PAYLOAD = Buffer.alloc(64, 120);
const FRAME_LENGTH = 68;
const SLAB_LENGTH = 65_536;
const FRAMES = 1_200_000;
const SENDER = fileURLToPath(new URL('sender.ts', import.meta.url));

interface Sink {
  readonly sink: ChildProcess;
  readonly port: number;
}

let started: Sink | undefined;

async function startSink(): Promise<Sink> {
  const sink = fork(SENDER, ['sink']);
  const [port]: unknown[] = await once(sink, 'message');
  return { sink, port: Number(port) };
}

async function timed(frames: number, send: (socket: Socket) => Promise<void>): Promise<number> {
  const { sink, port } = (started ??= await startSink());
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let received: unknown;
  const time = await seconds(async () => {
    const counted = once(sink, 'message');
    await send(socket);
    [received] = await counted;
  });
  socket.destroy();
  if (received !== frames * FRAME_LENGTH) {
    throw new Error(`${String(received)} bytes arrived`);
  }
  return frames / time / 1e6;
}

async function oneWriteEach(socket: Socket): Promise<void> {
  for (let i = 0; i < FRAMES / 4; i++) {
    const frame = Buffer.allocUnsafe(FRAME_LENGTH);
    frame.writeUInt32BE(PAYLOAD.length, 0);
    PAYLOAD.copy(frame, 4);
    if (!socket.write(frame)) {
      await once(socket, 'drain');
    }
  }
  socket.end();
}

async function packedByHand(socket: Socket): Promise<void> {
  let slab = Buffer.allocUnsafeSlow(SLAB_LENGTH);
  let at = 0;
  for (let i = 0; i < FRAMES; i++) {
    if (at + FRAME_LENGTH > SLAB_LENGTH) {
      if (!socket.write(slab.subarray(0, at))) {
        await once(socket, 'drain');
      }
      slab = Buffer.allocUnsafeSlow(SLAB_LENGTH);
      at = 0;
    }
    slab.writeUInt32BE(PAYLOAD.length, at);
    slab.set(PAYLOAD, at + 4);
    at += FRAME_LENGTH;
  }
  socket.end(slab.subarray(0, at));
}

async function framedSend(socket: Socket): Promise<void> {
  const connection = framed(socket);
  for (let i = 0; i < FRAMES; i++) {
    const sent = connection.send(PAYLOAD);
    if (i % 1024 === 0) {
      await sent;
    }
  }
  await connection.end();
}

async function framedAwaited(socket: Socket): Promise<void> {
  const connection = framed(socket);
  for (let i = 0; i < FRAMES; i++) {
    await connection.send(PAYLOAD);
  }
  await connection.end();
}

const EACH = 'one socket.write each';
const PACKED = 'packed into 64 KiB by hand';

await hold(import.meta.url, [
  {
    title: 'send 64 B payloads over loopback',
    unit: 'M frames/s',
    reference: EACH,
    targets: [
      { name: 'framed.send', atLeast: 6 },
      { name: 'framed.send', of: PACKED, atLeast: 0.7 },
    ],
    contenders: {
      [EACH]: () => timed(FRAMES / 4, oneWriteEach),
      [PACKED]: () => timed(FRAMES, packedByHand),
      'framed.send': () => timed(FRAMES, framedSend),
      'framed.send, each awaited': () => timed(FRAMES, framedAwaited),
    },
  },
]);
