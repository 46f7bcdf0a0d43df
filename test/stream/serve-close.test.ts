// The end of a server is orderly, takes a limited time, and leaves no listener behind.

import { getEventListeners, once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { framed, lengthPrefixed, serve } from '../../src/entries/main.ts';
import type { Connection, FramedServer } from '../../src/entries/main.ts';
import { hex, join, utf8 } from '../support/bytes.ts';
import { dial, echo, fateOf, start, warnings } from '../support/servers.ts';
import { deferred, emitted, rejection, turns, until } from '../support/waiting.ts';

type Frames = Connection<Uint8Array, Uint8Array>;
const codec = lengthPrefixed();
const frame = (words: string): Uint8Array => join(codec.encode(utf8(words)));
const never = new Promise<void>(() => undefined);

/** Resolves to whether the server resets the next remote that connects. */
async function full(server: FramedServer): Promise<boolean> {
  const client = dial(server);
  const { how } = await fateOf(client);
  client.destroy();
  return how === 'RST';
}

describe('close', () => {
  test('lets a handler finish what it has, and its answer goes out', async () => {
    const gate = deferred();
    const server = await start(async (connection) => {
      for await (const value of connection) {
        await gate.promise;
        await connection.send(value);
      }
    });
    const client = framed(dial(server), codec);
    await client.send(utf8('in flight'));
    await until(() => server.connections === 1, 'accepted');
    await turns(5);
    const closing = server.close({ within: 10_000 });
    gate.resolve();
    expect(String(await client.receive())).toBe('in flight');
    expect(await client.receive()).toBeUndefined();
    await client.end();
    await closing;
    expect(await rejection(once(dial(server), 'connect'))).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('waits for a frame that was begun', async () => {
    const server = await start();
    const client = dial(server);
    await once(client, 'connect');
    const fate = fateOf(client);
    client.write(hex('00000002 68'));
    await until(() => server.connections === 1, 'accepted');
    await turns(5);
    const closing = server.close({ within: 10_000 });
    client.end(hex('69'));
    expect((await fate).received).toBe('\0\0\0\u0002hi');
    await closing;
  });

  test('ends idle connections', async () => {
    const server = await start();
    const client = framed(dial(server), codec);
    await client.send(utf8('hello'));
    await client.receive();
    const closing = server.close({ within: 10_000 });
    expect(await client.receive()).toBeUndefined();
    await client.end();
    await closing;
    expect(server.connections).toBe(0);
  });

  test('waits for a handler whose remote has gone', async () => {
    const gate = deferred();
    let isSaved = false;
    const server = await start(async (connection) => {
      await connection.receive();
      await gate.promise;
      isSaved = true;
    });
    const client = dial(server);
    client.write(frame('save'));
    await until(() => server.connections === 1, 'accepted');
    await turns(5);
    const closing = server.close({ within: 10_000 }).then(() => isSaved);
    client.resetAndDestroy();
    await turns(20);
    gate.resolve();
    expect(await closing).toBe(true);
  });

  const HOLDING: Record<string, (connection: Frames) => unknown> = {
    'never returns': () => never,
    'sends to a remote that never reads': async (connection) => {
      for (;;) {
        await connection.send(Buffer.alloc(60_000));
      }
    },
    'returns, with answers that nobody reads': (connection) => {
      for (let i = 0; i < 10; i++) {
        void connection.send(Buffer.alloc(1_000_000));
      }
    },
    'scans a frame that never ends': (connection) => connection.scan(() => undefined),
    'holds a released socket': (connection) => {
      connection.release();
      return never;
    },
    'gave a released socket away': (connection) => void connection.release(),
    'reads inside a released socket': async (connection) => {
      await framed(connection.release(), codec).receive();
      await never;
    },
  };

  test.each(Object.keys(HOLDING))(
    'resets what is left within the time: a handler that %s',
    async (name) => {
      let socket: Frames['duplex'] | undefined;
      const server = await start((connection) => {
        socket = connection.duplex;
        return HOLDING[name]?.(connection);
      });
      const client = dial(server);
      client.write(hex('00000002 68'));
      await until(() => socket !== undefined, 'handled');
      await turns(5);
      await server.close({ within: 20 });
      expect(server.connections).toBe(0);
      expect(server.server.listening).toBe(false);
      expect(socket?.destroyed).toBe(true);
    },
  );

  test('asks a framing inside a released socket to end at its boundary', async () => {
    const server = await start(async (outer) => {
      await outer.receive();
      const inner = framed(outer.release(), codec);
      for await (const value of inner) {
        await inner.send(value);
      }
      await inner.close();
    });
    const client = dial(server);
    const fate = fateOf(client);
    client.write(join([frame('upgrade'), frame('hi')]));
    await once(client, 'data');
    const closing = server.close({ within: 10_000 });
    expect(await fate).toEqual({ how: 'FIN', received: '\0\0\0\u0002hi' });
    client.destroy();
    await closing;
  });

  test('may become impatient: the shortest time counts', async () => {
    const server = await start(() => never);
    const client = dial(server);
    const fate = fateOf(client);
    await once(client, 'connect');
    await until(() => server.connections === 1, 'accepted');
    const patient = server.close({ within: Infinity });
    await server.close({ within: 0 });
    expect((await fate).how).toBe('RST');
    expect(server.connections).toBe(0);
    // The handler never returns, and only a caller without a limit would wait for it.
    void patient;
  });

  test('called right after serve leaves nobody listening', async () => {
    const server = serve(codec, echo);
    await server.close();
    expect(server.server.listening).toBe(false);
    await server.ready;
    expect(server.server.listening).toBe(false);
  });

  test('called right after serve on a port in use resolves, and nothing is unhandled', async () => {
    const seen = warnings();
    const first = await start();
    const second = serve(codec, echo, { port: first.port });
    await second.close();
    expect(await rejection(second.ready)).toMatchObject({ code: 'ERR_LISTEN' });
    expect(seen).toEqual([]);
  });

  test('can be called twice, and disposes', async () => {
    const server = await start();
    await Promise.all([server.close(), server[Symbol.asyncDispose]()]);
    await server.close();
    expect(server.server.listening).toBe(false);
  });

  test('resets whoever comes while it ends', async () => {
    const gate = deferred();
    const server = await start(() => gate.promise);
    await once(dial(server), 'connect');
    await until(() => server.connections === 1, 'accepted');
    const late = dial(server);
    const fate = fateOf(late);
    const closing = server.close();
    expect((await fate).how).not.toBe('FIN');
    gate.resolve();
    await closing;
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
    expect(server.server.listening).toBe(false);
    await server.close();
    expect(server.connections).toBe(0);
  });

  test('aborted in the tick of serve leaves nobody listening', async () => {
    const controller = new AbortController();
    const server = serve(codec, echo, { signal: controller.signal });
    controller.abort();
    await server.ready;
    await until(() => !server.server.listening, 'it listens no more');
    expect(server.address).toBeUndefined();
  });

  test('has one listener, however many connections there are, and none in the end', async () => {
    const seen = warnings();
    const { signal } = new AbortController();
    const server = await start(echo, { signal });
    const clients: Socket[] = Array.from({ length: 20 }, () => dial(server));
    await until(() => server.connections === 20, 'all are accepted');
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for (const client of clients) {
      client.destroy();
    }
    await server.close();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(seen).toEqual([]);
  });
});

describe('connections', () => {
  test('beyond maxConnections are reset, and those that are there go on', async () => {
    const server = await start(echo, { maxConnections: 1 });
    const first = framed(dial(server), codec);
    await first.send(utf8('a'));
    await first.receive();
    expect(await full(server)).toBe(true);
    expect(server.connections).toBe(1);
    await first.send(utf8('b'));
    expect(String(await first.receive())).toBe('b');
  });

  test('count while their socket is open, also when they were released', async () => {
    let released: ReturnType<Frames['release']> | undefined;
    const server = await start(
      (connection) => {
        released = connection.release();
      },
      { maxConnections: 1 },
    );
    await once(dial(server), 'connect');
    await until(() => released !== undefined, 'released');
    await turns(5);
    expect(server.connections).toBe(1);
    expect(await full(server)).toBe(true);
    released?.destroy();
    await until(() => server.connections === 0, 'it is let go');
    const next = dial(server);
    await until(() => server.connections === 1, 'the next one is taken');
    next.destroy();
  });

  test('are let go when the remote is, though the handler never returns', async () => {
    const server = await start(() => never);
    const client = dial(server);
    await until(() => server.connections === 1, 'accepted');
    client.resetAndDestroy();
    await until(() => server.connections === 0, 'it is let go');
    expect(server.server.listening).toBe(true);
  });
});
