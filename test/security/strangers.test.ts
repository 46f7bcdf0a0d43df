// A crowd of strangers leaves a server without onError as it was: no connection, timer or descriptor
// stays, nothing is written on stderr, the process lives, and whoever comes next is answered.

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { dial, dialMessages, lengthPrefixed, messages } from '../../src/entries/main.ts';
import { connect as connectPeer } from '../../src/entries/peer.ts';
import { hex, join, utf8 } from '../support/bytes.ts';
import { HELLO, messageBytes } from '../support/peers.ts';
import { cert } from '../support/self-signed.ts';
import type { StrangersReport } from '../support/strangers-server.ts';
import { breath } from '../support/waiting.ts';

const COPIES = 5;
const LIMIT_MS = 60_000;
const SERVER = fileURLToPath(new URL('../support/strangers-server.ts', import.meta.url));

const message = join(messages().encode({ header: { a: 1 }, body: 'x'.repeat(100) }));
const requests = Array.from({ length: 200 }, (_, i) =>
  messageBytes({ kind: 'request', id: i + 1, name: 'get' }),
);

/** What a stranger does once it is connected, with its socket. */
const DEEDS: Readonly<Record<string, (socket: Socket) => unknown>> = {
  'says nothing': () => undefined,
  'goes at once': (socket) => socket.destroy(),
  'resets at once': (socket) => socket.resetAndDestroy(),
  'ends at once': (socket) => socket.end(),
  'says half a header': (socket) => socket.write(hex('0000')),
  'says half a frame': (socket) => socket.write(hex('00000005 7b')),
  'ends in a frame': (socket) => socket.end(hex('00000005 7b')),
  'resets in a frame': (socket) => socket.write(hex('00000005 7b'), () => socket.resetAndDestroy()),
  'says half a body': (socket) => socket.write(message.subarray(0, message.length - 50)),
  'speaks HTTP': (socket) => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  'speaks TLS': (socket) => socket.write(hex('16030100c8 010000c4 0303')),
  'says noise': (socket) => socket.write(Buffer.alloc(100_000, 0xff)),
  'says a header twice over': (socket) => socket.write(hex('0000000d 7b2261223a312c2261223a327d')),
  'asks and never reads': (socket) => {
    socket.pause().write(join(Array.from({ length: 200 }, () => hex('00000002 7b7d'))));
  },
  'asks as a peer and never reads': (socket) => socket.pause().write(join([HELLO, ...requests])),
  'breaks a rule of peers': (socket) => socket.write(join([HELLO, HELLO])),
};

async function ask(server: ChildProcess): Promise<StrangersReport> {
  server.send('report');
  const [report]: StrangersReport[] = await once(server, 'message');
  if (report === undefined) {
    throw new Error('The server says nothing.');
  }
  return report;
}

async function stranger(port: number, deed: (socket: Socket) => unknown): Promise<void> {
  const socket = connect(port, '127.0.0.1').resume();
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  deed(socket);
}

/** Those who keep to the rules are answered. */
async function expectAnswers({ ports }: StrangersReport): Promise<void> {
  for (const [name, tls] of [['serve'], ['tls', { ca: cert }]] as const) {
    const client = await dial(lengthPrefixed(), { port: ports[name], tls });
    await client.send(utf8('hi'));
    expect((await client.receive())?.length).toBe(64 * 1024);
    await client.close();
  }
  const stream = await dialMessages({ port: ports['serveMessages'] });
  await stream.send({ header: {} });
  expect((await (await stream.receive())?.bytes())?.length).toBe(64 * 1024);
  await stream.close();
  const peer = await connectPeer({ port: ports['listen'] ?? 0 });
  expect((await peer.request('get')).body.length).toBe(64 * 1024);
  await peer.close();
}

/** What the server holds once nothing of a connection is left, or when that took too long. */
async function rested(server: ChildProcess): Promise<StrangersReport> {
  const start = performance.now();
  for (;;) {
    const now = await ask(server);
    const isRested = now.connections === 0 && now.resources === 0;
    if (isRested || performance.now() - start > LIMIT_MS) {
      return now;
    }
    await breath();
  }
}

test('a crowd of strangers leaves nothing behind, and nothing on stderr', async () => {
  const server = fork(SERVER, {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  onTestFinished(() => void server.kill());
  let printed = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream?.setEncoding('latin1').on('data', (text: string) => (printed += text));
  }
  await once(server, 'message');
  await expectAnswers(await ask(server));
  const before = await rested(server);
  for (const port of Object.values(before.ports)) {
    const crowd = Object.values(DEEDS).flatMap((deed) =>
      Array.from({ length: COPIES }, () => deed),
    );
    await Promise.all(crowd.map((deed) => stranger(port, deed)));
  }
  expect((await ask(server)).resources).toBeGreaterThan(0);
  await expectAnswers(before);
  const after = await rested(server);
  expect(after).toMatchObject({ connections: 0, resources: 0 });
  expect(after.descriptors).toBeLessThanOrEqual(before.descriptors);
  expect(server.exitCode).toBeNull();
  expect(printed).toBe('');
});
