// Frames to and from a program that sends back what it gets: sizes around every border of a length,
// many small ones behind each other, and none of them lost, joined or cut.

import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { framed, serve } from '../../../src/entries/main.ts';
import type { Codec, FrameCodec } from '../../../src/entries/main.ts';

const timeout = 60_000;
const sizes = [0, 1, 127, 128, 255, 256, 16_383, 16_384, 65_533, 65_535, 65_536, 1_000_003];

/** Frames of every interesting size up to a limit, and a thousand small ones. */
export function framesUpTo(limit: number): Buffer[] {
  const fitting = sizes.filter((size) => size <= limit).map((size) => randomBytes(size));
  const small = Array.from({ length: 1000 }, (_, i) => Buffer.from(`\u7c98\u5305 ${i}`));
  return [...fitting, ...small, ...fitting];
}

/** Sends all frames, and gives what came back for them, as many. */
export async function echoed(
  socket: Socket,
  codec: Codec<Uint8Array>,
  frames: readonly Uint8Array[],
): Promise<Buffer[]> {
  const connection = framed(socket, codec);
  const sent = (async () => {
    for (const frame of frames) {
      await connection.send(frame);
    }
  })();
  const received: Buffer[] = [];
  while (received.length < frames.length) {
    const frame = await connection.receive({ timeout });
    if (frame === undefined) {
      throw new Error(`the remote ended after ${received.length} frames`);
    }
    received.push(Buffer.from(frame));
  }
  await sent;
  await connection.end();
  return received;
}

/** The first frame that did not come back as it was sent; -1 where all did. */
export function firstDifference(sent: readonly Buffer[], back: readonly Buffer[]): number {
  if (sent.length !== back.length) {
    return Math.min(sent.length, back.length);
  }
  return sent.findIndex((frame, i) => back[i]?.equals(frame) !== true);
}

/** A server of ours that sends back what it gets, until the test is over. Its port. */
export async function echoServer(codec: FrameCodec): Promise<number> {
  const server = serve(
    codec,
    async (connection) => {
      for await (const frame of connection) {
        await connection.send(frame);
      }
      await connection.end();
    },
    { port: 0, host: '127.0.0.1' },
  );
  onTestFinished(() => server.close());
  await server.ready;
  return server.port;
}
