// A server of peers in a process of its own. When its parent sends a message, it reports the memory and the
// peers that it holds.

import { listen } from '../../src/entries/peer.ts';

export interface HeldReport {
  /** Heap and array buffers outside of the heap, in bytes, after a garbage collection. */
  readonly held: number;
  readonly peers: number;
  /** How often the handlers of `never` and `unread` were called. */
  readonly calls: number;
}

const never = (): Promise<void> => new Promise(() => undefined);

let calls = 0;
const server = listen(
  (peer) => {
    peer.handleEvent('filler', () => undefined);
    peer.handle('never', () => {
      calls++;
      return never();
    });
    peer.handleChannel('echo', (channel) => void channel.pipe(channel));
    peer.handleChannel('unread', () => void calls++);
    peer.handleChannel('slow', async (channel) => {
      for await (const _ of channel) {
        await never();
      }
    });
  },
  { floodRate: Infinity },
);
await server.ready;
process.send?.(server.port);

async function collect(): Promise<void> {
  // What waits for a turn of the event loop, such as a finished compilation, holds memory until then.
  for (let turn = 0; turn < 3; turn++) {
    await new Promise(setImmediate);
    globalThis.gc?.();
  }
}

async function tell(): Promise<void> {
  await collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const report: HeldReport = { held: heapUsed + arrayBuffers, peers: server.peers.size, calls };
  process.send?.(report);
}

process.on('message', () => void tell());
process.on('disconnect', () => process.exit());
