// A receiver for benchmarks with other languages: `node bench/receiver.mjs WAY PORT`. It uses the built dist.
// It prints READY when it listens, and for each connection that has ended "FRAMES BYTES", the numbers
// received. WAY: scan, batches, iterate (for await), or echo (every frame is sent back).

import { lengthPrefixed, serve } from '../dist/entries/main.js';

const [way = 'scan', port = '0'] = process.argv.slice(2);

const ways = {
  async scan(connection, seen) {
    await connection.scan((_bytes, start, end) => {
      seen.frames++;
      seen.bytes += end - start;
    });
  },
  async batches(connection, seen) {
    for await (const batch of connection.batches()) {
      seen.frames += batch.length;
      for (const frame of batch) seen.bytes += frame.length;
    }
  },
  async iterate(connection, seen) {
    for await (const frame of connection) {
      seen.frames++;
      seen.bytes += frame.length;
    }
  },
  async echo(connection, seen) {
    for await (const frame of connection) {
      seen.frames++;
      seen.bytes += frame.length;
      void connection.send(frame);
    }
  },
};

const server = serve(
  lengthPrefixed(),
  async (connection) => {
    const seen = { frames: 0, bytes: 0 };
    await ways[way](connection, seen);
    console.log(`${seen.frames} ${seen.bytes}`);
  },
  { port: Number(port), onError: (error) => console.error(error) },
);
await server.ready;
console.log('READY');
