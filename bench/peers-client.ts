// The other end of the benchmarks of peers. Arguments: way, port, number of bytes or of requests.
//   raw       writes that many bytes to a socket, in pieces of 64 KiB
//   channel   writes them to a channel
//   read      reads a channel to its end
//   requests  sends that many requests, AT_A_TIME of them at a time
//   lines     likewise, as lines of JSON over a socket, by hand

import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect } from '../src/entries/peer.ts';

/**
 * The bytes that are written again and again. New memory for each piece would measure how often glibc gives
 * memory back to the system: a piece would cost up to 16 page faults, or none.
 */
const PIECE = Buffer.alloc(65_536, 'piece');
const AT_A_TIME = 1000;
const [way = '', port = '0', length = '0'] = process.argv.slice(2);
const total = Number(length);

async function writeAll(duplex: Duplex): Promise<void> {
  for (let left = total; left > 0; left -= PIECE.length) {
    if (!duplex.write(PIECE.subarray(0, left))) {
      await once(duplex, 'drain');
    }
  }
  const ended = once(duplex.resume(), 'end');
  duplex.end();
  await ended;
}

/** Calls `ask` `total` times, with AT_A_TIME calls pending. */
async function askAll(ask: (id: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < total) {
      await ask(next++);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, one));
}

async function byLines(): Promise<void> {
  const socket = connectSocket(Number(port), '127.0.0.1');
  const waiting = new Map<number, (result: unknown) => void>();
  let rest = '';
  socket.on('data', (chunk) => {
    const texts = (rest + chunk.toString()).split('\n');
    rest = texts.pop() ?? '';
    for (const text of texts) {
      const { id, result }: { id: number; result: unknown } = JSON.parse(text);
      waiting.get(id)?.(result);
      waiting.delete(id);
    }
  });
  await askAll(
    (id) =>
      new Promise((resolve) => {
        waiting.set(id, resolve);
        socket.write(`${JSON.stringify({ id, name: 'add', params: [id, 1] })}\n`);
      }),
  );
  socket.end();
}

async function byPeer(): Promise<void> {
  const peer = await connect({ port: Number(port) });
  if (way === 'channel') {
    await writeAll(peer.open('bytes'));
  } else if (way === 'read') {
    const channel = peer.open('bytes');
    channel.end();
    await once(channel.resume(), 'end');
  } else {
    await askAll((id) => peer.request('add', [id, 1]));
  }
  await peer.close();
}

if (way === 'raw') {
  await writeAll(connectSocket(Number(port), '127.0.0.1'));
} else {
  await (way === 'lines' ? byLines() : byPeer());
}
process.exit();
