// A server of peers in a process of its own, which goes on while its parent is busy.

import { listen } from '../../src/entries/peer.ts';

const server = listen((peer) => {
  peer.handle('late', (ms) => {
    return new Promise((resolve) => {
      setTimeout(() => resolve(ms), Number(ms));
    });
  });
  peer.handleChannel('give', (channel) => void channel.end(Buffer.alloc(Number(channel.params))));
});
await server.ready;
process.send?.(server.port);
process.on('disconnect', () => process.exit());
