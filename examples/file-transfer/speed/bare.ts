// The bare script that speed.ts compares with. It copies one file over a raw socket and hashes on both sides.
// It has no login, names, resume or part file, and calls fsync only when asked to.
//
//   bare.ts receive FILE [sync]    prints its port, takes one connection, sends back the SHA-256
//   bare.ts send FILE PORT         prints how long it took, from connect to the equal SHA-256

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { connect, createServer } from 'node:net';
import { Transform } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

/** Length of one read. It is faster than Node's 64 KiB, so that the bare script is a fair opponent. */
const highWaterMark = 512 * 1024;

function hashing(): { through: Transform; digest: () => string } {
  const hash = createHash('sha256');
  const through = new Transform({
    highWaterMark,
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  return { through, digest: () => hash.digest('hex') };
}

async function receive(file: string): Promise<void> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  console.log(`listening on 127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
  server.once('connection', (socket) => {
    server.close();
    const { through, digest } = hashing();
    const output = createWriteStream(file, { highWaterMark, flush: sync });
    const copied = pipeline(socket, through, output);
    void copied.then(() => socket.end(digest()));
  });
}

async function send(file: string, port: number): Promise<void> {
  const begun = performance.now();
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const { through, digest } = hashing();
  const answer = text(socket);
  await pipeline(createReadStream(file, { highWaterMark }), through, socket);
  const isEqual = (await answer) === digest();
  const seconds = (performance.now() - begun) / 1000;
  console.log(`${isEqual ? 'copied' : 'DAMAGED'} in ${seconds.toFixed(3)} s`);
}

const [verb, file = '', last] = process.argv.slice(2);
const sync = last === 'sync';
await (verb === 'receive' ? receive(file) : send(file, Number(last)));
