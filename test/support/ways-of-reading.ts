// Every way of reading frames from a socket, behind one interface. `read` returns the frames as text, and the
// error. After each frame `read` awaits `pause`, so a test can make the consumer slow. A scan cannot wait
// between frames: it calls `pause` for each frame, and awaits all the pauses at the end.

import { Readable, Writable } from 'node:stream';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { callbackify } from 'node:util';
import { decodeStream, framed, lengthPrefixed } from '../../src/entries/main.ts';
import type { FrameCodec } from '../../src/entries/main.ts';
import { decodeStream as decodeWebStream } from '../../src/stream/web-streams.ts';

export interface Reading {
  readonly frames: string[];
  /** The error of the reading; undefined if it came to the end of the stream. */
  readonly error: unknown;
}

export interface WayOfReading {
  readonly name: string;
  /** Whether an error of the transport ends the reading at once, so that frames not yet read are lost. */
  readonly losesOnReset: boolean;
  readonly read: (
    duplex: Duplex,
    pause: () => Promise<void>,
    codec?: FrameCodec,
  ) => Promise<Reading>;
}

type Collect = (
  duplex: Duplex,
  codec: FrameCodec,
  onFrame: (frame: Uint8Array) => Promise<void>,
) => Promise<void>;

function way(name: string, collect: Collect, losesOnReset = false): WayOfReading {
  return {
    name,
    losesOnReset,
    async read(duplex, pause, codec = lengthPrefixed()) {
      const frames: string[] = [];
      let error: unknown;
      try {
        await collect(duplex, codec, (frame) => {
          frames.push(Buffer.from(frame).toString());
          return pause();
        });
      } catch (caught) {
        error = caught;
      }
      return { frames, error };
    },
  };
}

export const framedWays: readonly WayOfReading[] = [
  way('for await', async (duplex, codec, onFrame) => {
    for await (const frame of framed(duplex, codec)) {
      await onFrame(frame);
    }
  }),
  way('receive', async (duplex, codec, onFrame) => {
    const connection = framed(duplex, codec);
    for (;;) {
      const frame = await connection.receive();
      if (frame === undefined) {
        return;
      }
      await onFrame(frame);
    }
  }),
  way('scan', async (duplex, codec, onFrame) => {
    const shown: Promise<void>[] = [];
    await framed(duplex, codec).scan((bytes, start, end) => {
      shown.push(onFrame(bytes.subarray(start, end)));
    });
    await Promise.all(shown);
  }),
  way('batches', async (duplex, codec, onFrame) => {
    for await (const batch of framed(duplex, codec).batches()) {
      for (const frame of batch) {
        await onFrame(frame);
      }
    }
  }),
];

const streamWays: readonly WayOfReading[] = [
  way(
    'decodeStream, iterated',
    async (duplex, codec, onFrame) => {
      await pipeline(duplex, decodeStream(codec), async (frames: AsyncIterable<Uint8Array>) => {
        for await (const frame of frames) {
          await onFrame(frame);
        }
      });
    },
    true,
  ),
  way(
    "decodeStream, 'data' with pause and resume",
    (duplex, codec, onFrame) =>
      new Promise((resolve, reject) => {
        const frames = decodeStream(codec);
        duplex.on('error', (error) => frames.destroy(error));
        duplex.pipe(frames);
        frames
          .on('data', (frame: Uint8Array) => {
            frames.pause();
            void onFrame(frame).then(() => frames.resume());
          })
          .on('end', resolve)
          .on('error', reject);
      }),
    true,
  ),
  way(
    'decodeStream, piped on',
    (duplex, codec, onFrame) =>
      new Promise((resolve, reject) => {
        const frames = decodeStream(codec);
        duplex.on('error', (error) => frames.destroy(error));
        // `pipe`, because `pipeline` would drop the frames that wait in the sink when the source fails.
        const sink = new Writable({
          objectMode: true,
          highWaterMark: 1,
          write(frame: Uint8Array, _encoding, done) {
            callbackify(onFrame)(frame, done);
          },
        });
        let failure: unknown;
        frames.on('error', (error) => {
          failure = error;
          sink.end();
        });
        sink.on('finish', () => (failure === undefined ? resolve() : reject(failure)));
        duplex.pipe(frames).pipe(sink);
      }),
    true,
  ),
  way(
    'web decodeStream',
    async (duplex, codec, onFrame) => {
      const frames = Readable.toWeb(duplex).pipeThrough(decodeWebStream(codec));
      for await (const frame of frames) {
        await onFrame(frame);
      }
    },
    true,
  ),
];

export const allWays: readonly WayOfReading[] = [...framedWays, ...streamWays];
