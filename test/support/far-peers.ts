// A server of peers in a process of its own, so that it runs while its parent is busy. After each late answer
// it appends a byte to the file that the parent named as its argument.

import { appendFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { listen } from '../../src/entries/peer.ts';

async function tellParent(): Promise<void> {
  await turn();
  await turn();
  appendFileSync(String(process.argv[2]), '.');
}

const server = listen((peer) => {
  peer.handle('late', (ms) => {
    return new Promise((resolve) => {
      setTimeout(() => {
        resolve(ms);
        void tellParent();
      }, Number(ms));
    });
  });
  peer.handleChannel('give', (channel) => void channel.end(Buffer.alloc(Number(channel.params))));
});
await server.ready;
process.send?.(server.port);
process.on('disconnect', () => process.exit());
