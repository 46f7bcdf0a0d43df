// A call begins before its socket is connected, and is given up later. Its error must name the remote all the
// same. The server of the test answers nothing and reads nothing.

import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { framed, messageStream } from '../../src/entries/main.ts';
import { portOf } from '../support/sockets.ts';
import { emitted, rejection } from '../support/waiting.ts';

type Call = (socket: Socket, connected: AbortSignal) => Promise<unknown>;

/** More bytes than the kernel takes while the server does not read. */
const LONG = new Uint8Array(8 * 1024 * 1024);

const calls: Record<string, Call> = {
  'framed receive({ timeout })': (socket) => framed(socket).receive({ timeout: 50 }),
  'framed receive({ signal })': (socket, signal) => framed(socket).receive({ signal }),
  'framed send({ signal })': (socket, signal) => framed(socket).send(LONG, { signal }),
  'messageStream receive({ timeout })': (socket) => messageStream(socket).receive({ timeout: 50 }),
  'messageStream receive({ signal })': (socket, signal) =>
    messageStream(socket).receive({ signal }),
};

test.each(Object.entries(calls))('%s', async (_, call) => {
  const server = createServer((socket) => {
    socket.pause().on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await emitted(server, 'listening');
  const port = portOf(server);
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  const connected = new AbortController();
  socket.once('connect', () => connected.abort());
  const error = await rejection(call(socket, connected.signal));
  expect(error).toMatchObject({ remoteAddress: `127.0.0.1:${port}` });
});
