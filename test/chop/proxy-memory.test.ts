// Backpressure through the proxy: a receiver that does not read stops the sender, and the bytes wait in
// the kernel and at the sender, not in the proxy.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { heldArrayBufferLength } from '../../src/prove/decoder/gauge.ts';
import { connect, proxyTo, serveWith } from './sockets.ts';

const MiB = 1024 * 1024;
const total = 96 * MiB;

function* chunks(hash: { update: (bytes: Uint8Array) => unknown }): Generator<Buffer> {
  for (let sent = 0, index = 0; sent < total; sent += 64 * 1024, index++) {
    const chunk = Buffer.alloc(64 * 1024, index % 253);
    hash.update(chunk);
    yield chunk;
  }
}

/** Round trips of one byte: time that is counted in turns of the event loop, not in ms. */
async function roundTrips(socket: Socket, count: number): Promise<void> {
  for (let trip = 0; trip < count; trip++) {
    socket.write('x');
    await once(socket, 'data');
  }
}

test('slows the sender down when the receiver does not read, and keeps next to nothing', async () => {
  let reader: Socket | undefined;
  const silent = await serveWith((socket) => {
    reader = socket.pause();
  });
  const proxy = await proxyTo(silent);
  const echo = await proxyTo(await serveWith((socket) => void socket.pipe(socket)));
  const [client, other] = [await connect(proxy.port), await connect(echo.port)];
  const before = heldArrayBufferLength();
  const sentHash = createHash('sha256');
  const sending = pipeline(Readable.from(chunks(sentHash)), client);

  await roundTrips(other, 3000);
  const stuck = client.bytesWritten;
  await roundTrips(other, 1000);
  expect(client.bytesWritten).toBe(stuck);
  // What two pairs of kernel buffers take: each may be 36 MiB, and mostly is a few.
  expect(stuck).toBeLessThan(80 * MiB);
  expect(heldArrayBufferLength() - before).toBeLessThan(40 * MiB);

  if (reader === undefined) {
    throw new Error('nobody connected');
  }
  const receivedHash = createHash('sha256');
  for await (const chunk of reader) {
    receivedHash.update(chunk as Buffer);
  }
  await sending;
  expect(receivedHash.digest('hex')).toBe(sentHash.digest('hex'));
  expect(heldArrayBufferLength() - before).toBeLessThan(64 * MiB);
});
