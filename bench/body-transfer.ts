// Sends a message with a body of 1 GiB to another process. Reports by how many bytes the memory of each
// process grew at most, and the bytes a second. Both processes hash the body, so that a lost byte is noticed.

import { createHash } from 'node:crypto';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { messageStream } from '../src/entries/main.ts';
import { seconds } from './harness.ts';

const BODY_LENGTH = 1024 * 1024 * 1024;
const PIECE = Buffer.alloc(65_536, 120);

/** Measures the largest growth of this process's resident memory. */
class Peak {
  readonly #start = process.memoryUsage.rss();
  grown = 0;

  look(): void {
    this.grown = Math.max(this.grown, process.memoryUsage.rss() - this.#start);
  }
}

async function send(): Promise<void> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const receiver = fork(fileURLToPath(import.meta.url), ['receiver', String(port)]);
  receiver.on('exit', (code) => {
    if (code !== 0) {
      throw new Error('the receiver ended');
    }
  });
  const [socket] = await once(server, 'connection');
  const stream = messageStream(socket);
  const peak = new Peak();
  const hash = createHash('sha256');
  async function* body(): AsyncGenerator<Buffer> {
    for (let sent = 0; sent < BODY_LENGTH; sent += PIECE.length) {
      PIECE.writeUInt32BE(sent / PIECE.length);
      const piece = Buffer.from(PIECE);
      hash.update(piece);
      peak.look();
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
  if (there?.sha256 !== hash.digest('hex')) {
    throw new Error('the body arrived changed');
  }
  process.send?.([peak.grown, there.grown, BODY_LENGTH / time]);
  server.close();
}

async function receive(): Promise<void> {
  const stream = messageStream(connect(Number(process.argv[3]), '127.0.0.1'));
  const peak = new Peak();
  const hash = createHash('sha256');
  for await (const message of stream) {
    for await (const piece of message.body) {
      hash.update(piece);
      peak.look();
    }
  }
  await stream.close();
  process.send?.({ sha256: hash.digest('hex'), grown: peak.grown });
  process.disconnect();
}

if (process.argv[2] === 'receiver') {
  await receive();
} else {
  await send();
}
