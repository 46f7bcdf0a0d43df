// serve(): connections are framed and passed to a handler, and errors are reported.

import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { framed, lengthPrefixed, serve } from '../../src/entries/main.ts';
import type { Connection } from '../../src/entries/main.ts';
import { hex, join, utf8 } from '../support/bytes.ts';
import { dial, echo, start, warnings } from '../support/servers.ts';
import { readToEnd } from '../support/sockets.ts';
import { emitted, rejection, turns, until } from '../support/waiting.ts';

type Frames = Connection<Uint8Array, Uint8Array>;
const codec = lengthPrefixed();
const frame = (words: string): Uint8Array => join(codec.encode(utf8(words)));

test('serves a connection: framed, answered, closed when the handler is done', async () => {
  const server = await start();
  const connection = framed(dial(server));
  await connection.send(utf8('one'));
  await connection.send(utf8('two'));
  expect(String(await connection.receive())).toBe('one');
  await connection.end();
  expect(String(await connection.receive())).toBe('two');
  expect(await connection.receive()).toBeUndefined();
  await until(() => server.connections === 0, 'the connection is let go');
});

test('answers 20 requests of a client that sends and ends, and is no library', async () => {
  const server = await start();
  const client = dial(server);
  const received = readToEnd(client);
  const requests = Array.from({ length: 20 }, (_, i) => frame(`request ${i}`));
  client.end(join(requests));
  expect(await received).toEqual(Buffer.concat(requests));
});

test('answers 20 requests of a framed client that calls close', async () => {
  const server = await start(async (connection) => {
    for await (const value of connection) {
      await turns(2);
      await connection.send(value);
    }
  });
  const connection = framed(dial(server));
  for (let i = 0; i < 20; i++) {
    void connection.send(utf8(`request ${i}`));
  }
  await connection.end();
  const answers: string[] = [];
  for await (const value of connection) {
    answers.push(String(value));
  }
  expect(answers).toEqual(Array.from({ length: 20 }, (_, i) => `request ${i}`));
});

test('outlives 1000 quick connections, and keeps nothing of them', async () => {
  const server = await start();
  let answered = 0;
  const visit = async (i: number): Promise<void> => {
    const connection = framed(dial(server));
    await connection.send(utf8(String(i)));
    if (i % 3 === 0) {
      // Some clients go without sending anything.
      connection.destroy();
      return;
    }
    expect(String(await connection.receive())).toBe(String(i));
    answered++;
    await connection.end();
    expect(await connection.receive()).toBeUndefined();
  };
  for (let i = 0; i < 1000; i += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, k) => visit(i + k)));
  }
  expect(answered).toBe(666);
  await until(() => server.connections === 0, 'all connections are let go');
});

test('survives clients that send garbage, and serves the next one', async () => {
  const seen = warnings();
  const server = await start();
  for (const garbage of ['GET / HTTP/1.1\r\n\r\n', '\u0016\u0003\u0001', '\n'.repeat(9)]) {
    const client = dial(server);
    const gone = emitted(client, 'close');
    client.end(garbage);
    client.resume();
    await gone;
  }
  const connection = framed(dial(server));
  await connection.send(utf8('still here?'));
  expect(String(await connection.receive())).toBe('still here?');
  // A remote that misbehaves is no bug of this side, so there is no warning.
  expect(seen).toEqual([]);
});

describe('a handler that throws', () => {
  test('has its connection destroyed and its error given to onError, with the connection', async () => {
    const errors: unknown[] = [];
    let handled: Frames | undefined;
    const server = await start(
      (connection) => {
        handled = connection;
        throw new Error('bug');
      },
      { onError: (error, connection) => errors.push([error, connection]) },
    );
    const client = dial(server);
    await emitted(client.resume(), 'close');
    expect(errors).toEqual([[expect.objectContaining({ message: 'bug' }), handled]]);
    await until(() => server.connections === 0, 'the connection is let go');
  });

  test.each([
    [
      'a bug of its own',
      () => {
        throw new TypeError('no such thing');
      },
    ],
    ['a wrong call of this package', (c: Frames) => c.send(Buffer.alloc(2 ** 24))],
  ])('is warned about by default (%s)', async (_, handler) => {
    const seen = warnings();
    const server = await start(handler);
    await emitted(dial(server).resume(), 'close');
    await until(() => seen.length === 1, 'a warning');
    expect(['TypeError', 'UsageError']).toContain(seen[0]?.name);
  });
});

describe('a server that cannot listen', () => {
  test('rejects ready with an error of ours that names the reason', async () => {
    warnings();
    const first = await start();
    const second = serve(codec, echo, { port: first.port });
    expect(await rejection(second.ready)).toMatchObject({
      name: 'ConnectionError',
      code: 'ERR_LISTEN',
      reason: 'EADDRINUSE',
    });
    await second.close();
  });
});

test('refuses wrong options when it is made, not with the first connection', () => {
  expect(() => serve(codec, echo, { idleTimeout: -1 })).toThrow(
    expect.objectContaining({ code: 'ERR_OPTION' }),
  );
});

test('serves on a unix path', async () => {
  const folder = await mkdtemp(joinPath(tmpdir(), 'unstick-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = joinPath(folder, 'socket');
  const server = await start(echo, { path });
  expect(server.port).toBe(0);
  const connection = framed(connect(path));
  await connection.send(utf8('over a path'));
  expect(String(await connection.receive())).toBe('over a path');
  await connection.end();
  expect(await connection.receive()).toBeUndefined();
});

test('passes its options on to the connections', async () => {
  const codes: unknown[] = [];
  const server = await start(echo, {
    frameTimeout: 40,
    onError: (error) => codes.push(error),
  });
  const client = dial(server);
  client.write(hex('0000'));
  await emitted(client.resume(), 'close');
  expect(codes).toEqual([expect.objectContaining({ code: 'ERR_FRAME_STALLED' })]);
});
