// Invariant: through a proxy on real sockets, with any plan and delays, both sides get every byte of the
// other, unchanged and in order, and then the end.

import { deepStrictEqual, strictEqual } from 'node:assert';
import { once } from 'node:events';
import net from 'node:net';
import { chop } from '../../src/chop/proxy.ts';
import type { Random } from '../../src/schedule/random.ts';
import { Choices, randomBytes } from './target.ts';
import type { Target } from './target.ts';

const plans = ['random', 'halves', 'coalesce', 'dribble', 'mtu:3', 'mtu:64', undefined] as const;
const faults: readonly [string[], ...string[][]] = [[], ['delay:0-1ms'], ['throttle:20000']];

/** An echo server that does not keep the process alive. */
async function echo(): Promise<net.Server> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: net.Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('no port');
  }
  return address.port;
}

async function fuzz(bytes: Uint8Array): Promise<void> {
  const choices = new Choices(bytes);
  const server = await echo();
  const proxy = await chop({
    listen: '127.0.0.1:0',
    to: { host: '127.0.0.1', port: portOf(server) },
    plan: choices.pick(plans),
    faults: choices.pick(faults),
    seed: choices.seed(),
    direction: choices.pick(['both', 'to-server', 'to-client']),
    quietTime: 1,
    pause: 0,
    patience: 100,
  });
  try {
    const sent = Buffer.from(choices.rest().subarray(0, 200));
    const client = net.connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
    const middle = Math.floor(sent.length / 2);
    client.write(sent.subarray(0, middle));
    client.end(sent.subarray(middle));
    const answer: Buffer[] = [];
    for await (const chunk of client) {
      if (Buffer.isBuffer(chunk)) {
        answer.push(chunk);
      }
    }
    deepStrictEqual(Buffer.concat(answer), sent);
    strictEqual(client.readableEnded, true);
  } finally {
    await proxy.close();
    server.close();
  }
}

function sample(source: Random): Uint8Array {
  return randomBytes(source, 7 + source.below(120));
}

export const proxy: Target = { name: 'proxy', fuzz, sample, dictionary: 'frames' };
