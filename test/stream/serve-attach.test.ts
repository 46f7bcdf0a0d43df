// attach(): connections that another server accepted get the same limits, handler and end.

import { once } from 'node:events';
import { createServer as createHttpServer, request } from 'node:http';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { framed, lengthPrefixed, serve } from '../../src/entries/main.ts';
import type { Connection } from '../../src/entries/main.ts';
import { join, utf8 } from '../support/bytes.ts';
import { duplexPair } from '../support/duplex-pair.ts';
import { echo, fateOf, start } from '../support/servers.ts';
import { portOf, tcpPair } from '../support/sockets.ts';
import { until } from '../support/waiting.ts';

const codec = lengthPrefixed();
const frame = (words: string): Uint8Array => join(codec.encode(utf8(words)));

function attach(duplex: Socket, options: object): boolean {
  return serve(codec, echo, { listen: false }).attach(duplex, options);
}

test('an HTTP upgrade: the head of the request comes first', async () => {
  const server = await start(echo, { listen: false });
  const http = createHttpServer();
  http.on('upgrade', (_, socket, head) => {
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: frames\r\n\r\n',
    );
    expect(head.length).toBeGreaterThan(0);
    server.attach(socket, { unread: head });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(() => void http.close());
  const client = connect(portOf(http), '127.0.0.1');
  const fate = fateOf(client);
  const upgrade = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: frames\r\n\r\n';
  // The frames come in the same segment as the request, and the last frame is cut.
  client.write(join([utf8(upgrade), frame('one'), frame('two').subarray(0, 5)]));
  await once(client, 'data');
  client.end(frame('two').subarray(5));
  const { how, received } = await fate;
  expect(how).toBe('FIN');
  expect(received.slice(received.indexOf('\r\n\r\n') + 4)).toBe('\0\0\0\u0003one\0\0\0\u0003two');
  await until(() => server.connections === 0, 'it is let go');
});

test('a client of an upgrade does the same with its head', async () => {
  const upstream = createServer((socket) => {
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: frames\r\n\r\n',
    );
    socket.write(frame('early'));
    socket.on('error', () => undefined).resume();
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  onTestFinished(() => void upstream.close());
  const seen: string[] = [];
  const server = await start(
    async (connection) => {
      seen.push(String(await connection.receive()));
    },
    { listen: false },
  );
  const req = request({
    port: portOf(upstream),
    host: '127.0.0.1',
    headers: { connection: 'Upgrade', upgrade: 'frames' },
  });
  req.end();
  req.on('upgrade', (_, socket, head) => server.attach(socket, { unread: head }));
  await until(() => seen.length === 1, 'the frame is read');
  expect(seen).toEqual(['early']);
});

test('a socket of another server, with the limit and the end of this one', async () => {
  const server = await start(echo, { maxConnections: 1 });
  const one = await tcpPair();
  const two = await tcpPair();
  expect(server.attach(one.near)).toBe(true);
  expect(server.connections).toBe(1);
  const refused = fateOf(two.far);
  expect(server.attach(two.near)).toBe(false);
  expect((await refused).how).toBe('RST');
  const client = framed(one.far, codec);
  await client.send(utf8('hi'));
  expect(String(await client.receive())).toBe('hi');
  const closing = server.close();
  expect(await client.receive()).toBeUndefined();
  await client.close();
  await closing;
  const three = await tcpPair();
  const late = fateOf(three.far);
  expect(server.attach(three.near)).toBe(false);
  expect((await late).how).toBe('RST');
});

test('a duplex of any kind', async () => {
  const server = await start(echo, { listen: false });
  const [near, far] = duplexPair();
  server.attach(near);
  const client = framed(far, codec);
  await client.send(utf8('hi'));
  expect(String(await client.receive())).toBe('hi');
  await server.close({ within: 0 });
  expect(near.destroyed).toBe(true);
  expect(server.connections).toBe(0);
});

test('a duplex that tells nobody when it closes does not hold the server up', async () => {
  const server = await start(echo, { listen: false });
  const [near] = duplexPair({ emitClose: false });
  server.attach(near);
  await server.close({ within: 10 });
  expect(near.destroyed).toBe(true);
  expect(server.connections).toBe(0);
});

test('a duplex whose remote has ended, with bytes unread', async () => {
  const { near, far } = await tcpPair();
  near.allowHalfOpen = true;
  far.allowHalfOpen = true;
  far.end();
  near.resume();
  await once(near, 'end');
  const server = await start(echo, { listen: false });
  const fate = fateOf(far);
  server.attach(near, { unread: frame('last') });
  expect(await fate).toEqual({ how: 'FIN', received: '\0\0\0\u0004last' });
  await until(() => server.connections === 0, 'it is let go');
});

test('a duplex that is closed already is not taken', async () => {
  const { near } = await tcpPair();
  near.destroy();
  const server = await start(echo, { listen: false });
  expect(server.attach(near)).toBe(false);
  expect(server.connections).toBe(0);
});

describe('refuses', () => {
  test('what is framed already, and leaves it alone', async () => {
    const server = await start(echo, { listen: false });
    const { near, far } = await tcpPair();
    const connection: Connection<Uint8Array, Uint8Array> = framed(near, codec);
    expect(() => server.attach(near)).toThrow(expect.objectContaining({ name: 'UsageError' }));
    expect(server.connections).toBe(0);
    far.write(frame('still'));
    expect(String(await connection.receive())).toBe('still');
  });

  test('what is attached already, framed or released', async () => {
    const released = await tcpPair();
    const framedNow = await tcpPair();
    const server = await start(
      (connection) =>
        connection.duplex === released.near ? connection.release() : echo(connection),
      { listen: false },
    );
    for (const { near } of [framedNow, released]) {
      server.attach(near);
      expect(() => server.attach(near)).toThrow(expect.objectContaining({ name: 'UsageError' }));
    }
    expect(server.connections).toBe(2);
  });

  test.each([
    ['no duplex', (socket: Socket) => Reflect.apply(attach, undefined, [5, socket])],
    [
      'text as unread',
      (socket: Socket) => Reflect.apply(attach, undefined, [socket, { unread: 'x' }]),
    ],
    [
      'a misspelt option',
      (socket: Socket) => Reflect.apply(attach, undefined, [socket, { head: '' }]),
    ],
  ])('%s', async (_, call) => {
    const { near } = await tcpPair();
    expect(() => call(near)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }));
    expect(near.destroyed).toBe(false);
  });
});

test('listen: false opens no socket', async () => {
  const server = serve(codec, echo, { listen: false });
  await server.ready;
  expect(server.server.listening).toBe(false);
  expect(server.port).toBe(0);
  expect(server.address).toBeUndefined();
  await server.close();
  await server.close();
});
