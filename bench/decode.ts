// Decoding in process: frames of one size in 64 KiB chunks, u32be.

import { once } from 'node:events';
import type { Transform } from 'node:stream';
import { decodeStream, lengthPrefixed } from '../src/index.ts';
import { hold, seconds } from './harness.ts';
import type { Contest } from './harness.ts';
import { loop, loopTransform, subarrayLoop } from './loops.ts';

const CHUNK_LENGTH = 65_536;
const TOTAL_LENGTH = 48 * 1024 * 1024;
const codec = lengthPrefixed();

interface Input {
  readonly frames: number;
  readonly chunks: readonly Buffer[];
}

const inputs = new Map<number, Input>();

/** Chunks that own their memory, as a socket gives them. */
function input(payloadLength: number): Input {
  const made = inputs.get(payloadLength);
  if (made !== undefined) return made;
  const frames = Math.ceil(TOTAL_LENGTH / (payloadLength + 4));
  const bytes = Buffer.alloc(frames * (payloadLength + 4));
  for (let i = 0; i < frames; i++) bytes.writeUInt32BE(payloadLength, i * (payloadLength + 4));
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_LENGTH) {
    const part = bytes.subarray(at, at + CHUNK_LENGTH);
    const chunk = Buffer.allocUnsafeSlow(part.length);
    part.copy(chunk);
    chunks.push(chunk);
  }
  inputs.set(payloadLength, { frames, chunks });
  return { frames, chunks };
}

/** Millions of frames a second of one pass, which must have found them all. */
async function pass(
  payloadLength: number,
  count: (input: Input) => number | Promise<number>,
): Promise<number> {
  const given = input(payloadLength);
  let found = 0;
  const time = await seconds(async () => {
    found = await count(given);
  });
  if (found !== given.frames) throw new Error(`found ${found} of ${given.frames} frames`);
  return given.frames / time / 1e6;
}

function byLoop({ chunks }: Input): number {
  let found = 0;
  const push = subarrayLoop(() => found++);
  for (const chunk of chunks) push(chunk);
  return found;
}

function byBareLoop({ chunks }: Input): number {
  let found = 0;
  const push = loop(() => found++);
  for (const chunk of chunks) push(chunk);
  return found;
}

function byTake({ chunks }: Input): number {
  let found = 0;
  const decoder = codec.decoder();
  for (const chunk of chunks) {
    decoder.push(chunk);
    while (decoder.take() !== undefined) found++;
  }
  return found;
}

function byTakeOfUint8Arrays({ chunks }: Input): number {
  let found = 0;
  const decoder = codec.decoder();
  for (const { buffer, byteOffset, length } of chunks) {
    decoder.push(new Uint8Array(buffer, byteOffset, length));
    while (decoder.take() !== undefined) found++;
  }
  return found;
}

function byScan({ chunks }: Input): number {
  let found = 0;
  const decoder = codec.decoder();
  for (const chunk of chunks) decoder.scan(chunk, () => found++);
  return found;
}

function through(make: () => Transform, read: (stream: Transform) => Promise<number>) {
  return async ({ chunks }: Input): Promise<number> => {
    const stream = make();
    const found = read(stream);
    for (const chunk of chunks) if (!stream.write(chunk)) await once(stream, 'drain');
    stream.end();
    return found;
  };
}

async function listen(stream: Transform): Promise<number> {
  let found = 0;
  stream.on('data', () => found++);
  await once(stream, 'end');
  return found;
}

async function iterate(stream: Transform): Promise<number> {
  let found = 0;
  for await (const frame of stream) if (frame instanceof Uint8Array) found++;
  return found;
}

function sized(payloadLength: number, label: string, targets: Record<string, number>): Contest {
  return {
    title: `decode ${label} payloads`,
    unit: 'M frames/s',
    reference: 'hand-written Buffer.subarray loop',
    targets,
    contenders: {
      'hand-written Buffer.subarray loop': () => pass(payloadLength, byLoop),
      'hand-written loop, no objects': () => pass(payloadLength, byBareLoop),
      'push/take, Buffers': () => pass(payloadLength, byTake),
      'push/take, Uint8Arrays': () => pass(payloadLength, byTakeOfUint8Arrays),
      scan: () => pass(payloadLength, byScan),
    },
  };
}

const decoding = (): Transform => decodeStream(codec);
const EVERY = { 'push/take, Buffers': 0.95 };

await hold(import.meta.url, [
  sized(16, '16 B', { 'push/take, Buffers': 1, 'push/take, Uint8Arrays': 1.5, scan: 5 }),
  sized(256, '256 B', EVERY),
  sized(4096, '4 KiB', EVERY),
  sized(65_536, '64 KiB', EVERY),
  sized(1_048_576, '1 MiB', EVERY),
  {
    title: "Transform, 16 B payloads, 'data'",
    unit: 'M frames/s',
    reference: 'plain Transform, loop inside',
    targets: { decodeStream: 0.9 },
    contenders: {
      'plain Transform, loop inside': () => pass(16, through(loopTransform, listen)),
      decodeStream: () => pass(16, through(decoding, listen)),
    },
  },
  {
    title: 'Transform, 16 B payloads, for await',
    unit: 'M frames/s',
    reference: 'plain Transform, loop inside',
    targets: { decodeStream: 0.9 },
    contenders: {
      'plain Transform, loop inside': () => pass(16, through(loopTransform, iterate)),
      decodeStream: () => pass(16, through(decoding, iterate)),
    },
  },
]);
