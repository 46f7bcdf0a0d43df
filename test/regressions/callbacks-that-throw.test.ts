// A plan, a finder or a listener of the caller throws. The connection must end with the reason in its report,
// the proxy must go on, and no rejection may be unhandled.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { framed, UsageError } from '../../src/entries/main.ts';
import { chop } from '../../src/entries/testing.ts';
import type { ConnectionReport } from '../../src/entries/testing.ts';

async function echoServer(): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined).pipe(socket);
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('ends a connection whose plan throws, and says why', async () => {
  const reports: ConnectionReport[] = [];
  const proxy = await chop({
    listen: { host: '127.0.0.1', port: 0 },
    to: { host: '127.0.0.1', port: await echoServer() },
    plan: () => {
      throw new Error('no such plan');
    },
    onClose: (report) => reports.push(report),
  });
  onTestFinished(() => proxy.close());
  const client = connect(proxy.port, '127.0.0.1');
  client.on('error', () => undefined);
  client.write('hello');
  await once(client, 'close');
  await proxy.close();
  expect(reports.map(({ cause }) => cause)).toEqual(['no such plan']);
});

test('goes on when a listener throws, which becomes a warning', async () => {
  const warned = once(process, 'warning');
  const proxy = await chop({
    listen: { host: '127.0.0.1', port: 0 },
    to: { host: '127.0.0.1', port: await echoServer() },
    onOpen: () => {
      throw new Error('a bug of the listener');
    },
  });
  onTestFinished(() => proxy.close());
  const client = connect(proxy.port, '127.0.0.1').on('error', () => undefined);
  client.write('hello');
  const [echoed]: Buffer[] = await once(client, 'data');
  expect(String(echoed)).toBe('hello');
  client.destroy();
  const [warning]: Error[] = await warned;
  expect(warning?.message).toBe('a bug of the listener');
});

test('refuses to frame what is no duplex', () => {
  for (const wrong of [undefined, null, 'socket', {}]) {
    expect(() => Reflect.apply(framed, undefined, [wrong])).toThrow(UsageError);
  }
});
