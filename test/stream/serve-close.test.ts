// The end of a server: graceful, within a time, and leaving nobody listening.

import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { framed, lengthPrefixed, serve } from '../../src/entries/main.ts';
import type { Connection } from '../../src/entries/main.ts';
import { hex, join, utf8 } from '../support/bytes.ts';
import { dial, echo, start } from '../support/servers.ts';
import { readToEnd } from '../support/sockets.ts';
import { deferred, emitted, rejection, turns, until } from '../support/waiting.ts';

type Frames = Connection<Uint8Array, Uint8Array>;
const codec = lengthPrefixed();
const frame = (words: string): Uint8Array => join(codec.encode(utf8(words)));

describe('close', () => {
  test('lets a handler finish what it has, and its answer goes out', async () => {
    const gate = deferred();
    const server = await start(async (connection) => {
      for await (const value of connection) {
        await gate.promise;
        await connection.send(value);
      }
    });
    const client = framed(dial(server));
    await client.send(utf8('in flight'));
    await until(() => server.connections === 1, 'accepted');
    await turns(5);
    const closing = server.close({ grace: 10_000 });
    gate.resolve();
    expect(String(await client.receive())).toBe('in flight');
    expect(await client.receive()).toBeUndefined();
    await client.end();
    await closing;
    expect(await rejection(once(dial(server), 'connect'))).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('waits for a frame that was begun', async () => {
    const server = await start();
    const socket = dial(server);
    await once(socket, 'connect');
    const received = readToEnd(socket);
    socket.write(hex('00000002 68'));
    await until(() => server.connections === 1, 'accepted');
    await turns(5);
    const closing = server.close({ grace: 10_000 });
    socket.write(hex('69'));
    expect(await received).toEqual(Buffer.from(hex('00000002 6869')));
    socket.end();
    await closing;
  });

  test('ends idle connections', async () => {
    const server = await start();
    const client = framed(dial(server));
    await client.send(utf8('hello'));
    await client.receive();
    const closing = server.close({ grace: 10_000 });
    expect(await client.receive()).toBeUndefined();
    await client.end();
    await closing;
    expect(server.connections).toBe(0);
  });

  test('destroys what is left after the grace, also under a handler that never returns', async () => {
    let handled: Frames | undefined;
    const server = await start((connection) => {
      handled = connection;
      return new Promise(() => undefined);
    });
    const client = dial(server);
    const gone = emitted(client.resume(), 'close');
    await until(() => handled !== undefined, 'accepted');
    await server.close({ grace: 20 });
    expect(handled?.duplex.destroyed).toBe(true);
    await gone;
  });

  test('called right after serve leaves nobody listening', async () => {
    const server = serve(codec, echo);
    await server.close();
    expect(server.server.listening).toBe(false);
    await server.ready;
    expect(server.server.listening).toBe(false);
  });

  test('can be called twice, and disposes', async () => {
    const server = await start();
    await Promise.all([server.close(), server[Symbol.asyncDispose]()]);
    await server.close();
    expect(server.server.listening).toBe(false);
  });

  test('refuses a grace that is no number of ms', async () => {
    const server = await start();
    expect(await rejection(server.close({ grace: Infinity }))).toMatchObject({
      code: 'ERR_OPTION',
    });
  });
});

describe('the option signal', () => {
  test('ends the server and every connection at once', async () => {
    const controller = new AbortController();
    const errors: unknown[] = [];
    const server = await start(echo, {
      signal: controller.signal,
      onError: (error) => errors.push(error),
    });
    const client = dial(server);
    client.write(frame('a'));
    await once(client, 'data');
    controller.abort();
    await emitted(client.resume(), 'close');
    await until(() => !server.server.listening, 'it listens no more');
    expect(errors).toEqual([expect.objectContaining({ reason: 'aborted' })]);
  });

  test('that was aborted before leaves nobody listening', async () => {
    const server = serve(codec, echo, { signal: AbortSignal.abort() });
    await server.ready;
    await until(() => !server.server.listening, 'it listens no more');
    await server.close();
    expect(server.connections).toBe(0);
  });
});
