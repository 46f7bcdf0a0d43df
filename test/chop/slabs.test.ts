// Long transfers are read into slabs, which are filled again. No byte may change by that, and whoever may
// keep bytes must get memory of its own.

import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ChopOptions } from '../../src/chop/chop-options.ts';
import { SLAB_LENGTH, Slabs } from '../../src/chop/slabs.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { random } from '../../src/schedule/random.ts';
import { connect, proxyTo, serveWith } from './sockets.ts';

const total = 6 * 1024 * 1024;

/** Bytes of which no two runs of 4 are alike. */
function stream(): Buffer {
  const bytes = Buffer.alloc(total);
  for (let at = 0; at < total; at += 4) {
    bytes.writeUInt32BE(at, at);
  }
  return bytes;
}

function* writes(bytes: Buffer): Generator<Buffer> {
  const sizes = random(1);
  for (let at = 0; at < bytes.length;) {
    const length = sizes.between(1, 3) === 1 ? sizes.between(1, 20_000) : 2 * SLAB_LENGTH;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

/** Sends a stream through the proxy to a receiver that is slow to read, and which sends it back. */
async function roundTrip(options: Omit<ChopOptions, 'listen' | 'to'>): Promise<Buffer> {
  const echo = await serveWith((socket) => void socket.pipe(socket));
  const client = await connect((await proxyTo(echo, options)).port);
  const sending = pipeline(Readable.from(writes(stream())), client);
  const back: Buffer[] = [];
  for await (const chunk of client as AsyncIterable<Buffer>) {
    back.push(chunk);
    if (back.length % 7 === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  await sending;
  return Buffer.concat(back);
}

/** A finder that keeps every chunk, as a decoder keeps the bytes of an incomplete frame. */
function keepingPlan(kept: Uint8Array[]): ChopOptions['plan'] {
  const decoder = lengthPrefixed().decoder();
  return {
    finder: () => (chunk) => {
      kept.push(chunk);
      decoder.push(chunk);
      return [];
    },
  };
}

test.each([
  ['no plan', {}],
  ['coalesce', { plan: 'coalesce' }],
  ['large pieces', { plan: 'mtu:100000' }],
  ['halves', { plan: 'halves', quietTime: 1, patience: 1 }],
  ['a throttle', { faults: ['throttle:20000000'] }],
  ['a record', { plan: 'coalesce', record: true }],
] as const)('%s: a long transfer comes back as it was sent', async (_name, options) => {
  expect((await roundTrip(options)).equals(stream())).toBe(true);
});

test('onPass may keep the bytes that it is shown', async () => {
  const kept: Uint8Array[] = [];
  await roundTrip({
    onPass: ({ direction, bytes }) => {
      if (direction === 'to-server' && bytes !== undefined) {
        kept.push(bytes);
      }
    },
  });
  expect(Buffer.concat(kept).equals(stream())).toBe(true);
});

test('a finder of frames may keep the bytes that it is shown', async () => {
  const kept: Uint8Array[] = [];
  await roundTrip({ plan: keepingPlan(kept), direction: 'to-server', patience: 1 });
  expect(Buffer.concat(kept).equals(stream())).toBe(true);
});

/** Reads a stream through slabs, and gives back each chunk. Returns the memory of each long chunk. */
async function memoryOf(reclaims: boolean): Promise<readonly ArrayBufferLike[]> {
  const port = await serveWith((socket) => void pipeline(Readable.from(writes(stream())), socket));
  const socket = await connect(port);
  const slabs = new Slabs(socket);
  const long: ArrayBufferLike[] = [];
  for (let read = 0; read < total;) {
    const chunk: unknown = socket.read();
    if (!Buffer.isBuffer(chunk)) {
      await once(socket, 'readable');
      continue;
    }
    read += chunk.length;
    slabs.giveBack(chunk);
    if (reclaims) {
      slabs.reclaim();
    }
    if (chunk.buffer.byteLength === SLAB_LENGTH) {
      long.push(chunk.buffer);
    }
  }
  return long;
}

describe.skipIf(process.platform !== 'linux')('slabs', () => {
  beforeEach(() => {
    vi.stubEnv('UNSTICK_READ_BUFFER', '');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test('are filled again when they are reclaimed', async () => {
    const long = await memoryOf(true);
    expect(long.length).toBeGreaterThan(10);
    expect(new Set(long).size).toBeLessThanOrEqual(5);
  });

  test('are not filled again before they are reclaimed', async () => {
    const long = await memoryOf(false);
    expect(long.length).toBeGreaterThan(10);
    expect(new Set(long).size).toBe(long.length);
  });
});
