// A program for read-buffer-sharing.test.ts: prints whether a worker of node:cluster lends the bytes of its
// sockets, accepted and outgoing.

import cluster from 'node:cluster';
import { dial, lengthPrefixed, serve } from '../../src/entries/main.ts';
import { lenderOf } from '../../src/stream/read-buffer.ts';

if (cluster.isPrimary) {
  cluster.fork().on('message', (said) => {
    console.log(JSON.stringify(said));
    process.exit();
  });
} else {
  const codec = lengthPrefixed();
  const server = serve(codec, async (accepted) => {
    await Promise.all([
      accepted.end(),
      accepted.scan(() => undefined),
      outgoing.scan(() => undefined),
      outgoing.end(),
    ]);
    const lends = [accepted, outgoing].map(({ duplex }) => lenderOf(duplex) !== undefined);
    process.send?.(lends);
  });
  await server.ready;
  const outgoing = await dial(codec, { port: server.port });
}
