// A stalled answer must stay open, even for a client that has ended its own side: a FIN would make the
// truncated answer look complete.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { chop } from '../../src/entries/testing.ts';

async function serve(answer: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    answer(socket.on('error', () => undefined));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Waits for `count` round trips of one byte. So the test counts turns of the event loop, and not ms. */
async function roundTrips(port: number, count: number): Promise<void> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  for (let trip = 0; trip < count; trip++) {
    socket.write('x');
    await once(socket, 'data');
  }
}

test('does not end a client that half-closed', async () => {
  const server = await serve((socket) => {
    socket.once('data', () => socket.end(Buffer.alloc(100)));
  });
  const echo = await serve((socket) => void socket.pipe(socket));
  const listen = { host: '127.0.0.1', port: 0 };
  const proxy = await chop({
    listen,
    to: { host: '127.0.0.1', port: server },
    schedules: [
      { v: 1, seed: 7, direction: 'to-client', ops: [{ kind: 'hold', n: 20 }, { kind: 'stall' }] },
    ],
  });
  onTestFinished(() => proxy.close());
  const client = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  let received = 0;
  let ended = false;
  client.on('error', () => undefined);
  client.on('data', (bytes) => {
    received += bytes.length;
  });
  client.on('end', () => {
    ended = true;
  });
  client.end('hi');
  await once(client, 'data');
  await roundTrips(echo, 2000);
  expect({ received, ended }).toEqual({ received: 20, ended: false });
  client.destroy();
});
