// How cost and memory grow: 1-byte chunks, a declared length with nothing behind it, a body of 1 GiB.

import { createHash } from 'node:crypto';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { lengthPrefixed, messageStream } from '../src/index.ts';
import { median, seconds } from './harness.ts';

const MIB = 1024 * 1024;
const BODY_LENGTH = 1024 * MIB;
const PIECE = Buffer.alloc(65_536, 120);

if (process.argv[2] === 'receiver') await receiveBody();
else {
  await byteByByte();
  declaredLength();
  await streamedBody();
}

/** 4 MiB in 1-byte chunks against 1 MiB; the frames are 1 MiB each. */
async function byteByByte(): Promise<void> {
  const one = await timeOf(MIB);
  const four = await timeOf(4 * MIB);
  report('4 MiB against 1 MiB, in 1-byte chunks', `${(four / one).toFixed(2)} ×`, 'at most 4.5');
}

async function timeOf(length: number): Promise<number> {
  const frame = Buffer.concat(lengthPrefixed().encode(Buffer.alloc(length)));
  const chunks = Array.from(frame, (byte) => Buffer.from([byte]));
  const times: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    const decoder = lengthPrefixed().decoder();
    let found = 0;
    times.push(
      await seconds(() => {
        for (const chunk of chunks) {
          decoder.push(chunk);
          if (decoder.take() !== undefined) found++;
        }
      }),
    );
    if (found !== 1) throw new Error('the frame was not found');
  }
  return median(times);
}

function declaredLength(): void {
  const before = memory();
  const decoder = lengthPrefixed({ maxPayloadLength: 2 ** 32 - 1 }).decoder();
  decoder.push(Buffer.from('ffffffff', 'hex'));
  if (decoder.take() !== undefined) throw new Error('there is no frame');
  const grown = (memory() - before) / MIB;
  report('memory for a declared length of 4294967295', `${grown.toFixed(2)} MiB`, 'under 1 MiB');
}

function memory(): number {
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

async function streamedBody(): Promise<void> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const receiver = fork(fileURLToPath(import.meta.url), ['receiver', String(port)]);
  const [socket] = await once(server, 'connection');
  const stream = messageStream(socket);
  const start = process.memoryUsage.rss();
  const hash = createHash('sha256');
  let peak = start;
  async function* body(): AsyncGenerator<Buffer> {
    for (let sent = 0; sent < BODY_LENGTH; sent += PIECE.length) {
      PIECE.writeUInt32BE(sent / PIECE.length);
      const piece = Buffer.from(PIECE);
      hash.update(piece);
      peak = Math.max(peak, process.memoryUsage.rss());
      yield piece;
    }
  }
  const told = once(receiver, 'message');
  const time = await seconds(async () => {
    await stream.send({ header: {}, body: body(), bodyLength: BODY_LENGTH });
    await stream.close();
    await told;
  });
  const [there]: { sha256: string; grown: number }[] = await told;
  if (there?.sha256 !== hash.digest('hex')) throw new Error('the body arrived changed');
  const rate = BODY_LENGTH / MIB / time;
  report(
    '1 GiB message body, sender grows by',
    `${((peak - start) / MIB).toFixed(0)} MiB`,
    'under 64 MiB',
  );
  report(
    '1 GiB message body, receiver grows by',
    `${(there.grown / MIB).toFixed(0)} MiB`,
    'under 64 MiB',
  );
  report('1 GiB message body, hashed on both sides', `${rate.toFixed(0)} MiB/s`, '');
  server.close();
}

async function receiveBody(): Promise<void> {
  const stream = messageStream(connect(Number(process.argv[3])));
  const start = process.memoryUsage.rss();
  let peak = start;
  const hash = createHash('sha256');
  for await (const message of stream) {
    for await (const piece of message.body) {
      hash.update(piece);
      peak = Math.max(peak, process.memoryUsage.rss());
    }
  }
  await stream.close();
  process.send?.({ sha256: hash.digest('hex'), grown: peak - start });
  process.disconnect();
}

function report(what: string, figure: string, wanted: string): void {
  console.log(`  ${what.padEnd(46)}${figure.padStart(12)}  ${wanted && `wanted ${wanted}`}`);
}
