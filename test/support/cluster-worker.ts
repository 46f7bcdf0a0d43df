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
  const lends: boolean[] = [];
  const server = serve(codec, async (accepted) => {
    await accepted.scan(() => undefined);
    lends.push(lenderOf(accepted.duplex) !== undefined);
  });
  await server.ready;
  const outgoing = await dial(codec, { port: server.port });
  // The accepted side closes when this side has ended.
  await outgoing.end();
  await outgoing.scan(() => undefined);
  lends.push(lenderOf(outgoing.duplex) !== undefined);
  process.send?.(lends);
}
