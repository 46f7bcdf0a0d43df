// How each way of ending at a server looks to a remote that does not use this package. It sees an orderly end
// (FIN) only if everything went well, and a reset (RST) in every other case.

import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { framed, lengthPrefixed, serve } from '../../src/entries/main.ts';
import type { Connection, ServeOptions } from '../../src/entries/main.ts';
import { join, utf8 } from '../support/bytes.ts';
import { dial, echo, fateOf, start, warnings } from '../support/servers.ts';
import { until } from '../support/waiting.ts';

type Frames = Connection<Uint8Array, Uint8Array>;
const codec = lengthPrefixed();
const frame = (words: string): Uint8Array => join(codec.encode(utf8(words)));
const text = (words: string): string => Buffer.from(frame(words)).toString('latin1');

interface Ending {
  readonly name: string;
  readonly handler: (connection: Frames) => unknown;
  readonly options?: ServeOptions;
  /** Bytes that the remote sends. Default: one frame, `hi`. */
  readonly request?: Uint8Array;
  /**
   * What the server does when the answer has come. 'abort': it aborts its signal. A number: it closes within
   * that many ms.
   */
  readonly next?: 'abort' | number;
  readonly how: 'FIN' | 'RST';
  readonly received: string;
}

const never = new Promise<void>(() => undefined);

const ENDINGS: readonly Ending[] = [
  {
    name: 'a handler that returns',
    handler: async (c) => c.send((await c.receive()) ?? utf8('nothing')),
    how: 'FIN',
    received: text('hi'),
  },
  { name: 'a handler that returns at once', handler: () => undefined, how: 'FIN', received: '' },
  {
    name: 'a handler that throws',
    handler: async (c) => {
      await c.receive();
      throw new Error('bug');
    },
    how: 'RST',
    received: '',
  },
  {
    name: 'a handler that throws what is no error',
    handler: () => {
      throw Object.create(null);
    },
    how: 'RST',
    received: '',
  },
  {
    name: 'a handler that destroys',
    handler: async (c) => {
      await c.receive();
      c.destroy(new Error('no'));
    },
    how: 'RST',
    received: '',
  },
  {
    name: 'a protocol error behind good requests: their answers come first',
    handler: echo,
    request: join([frame('a'), frame('b'), utf8('GET / HTTP/1.1\r\n\r\n')]),
    how: 'RST',
    received: text('a') + text('b'),
  },
  {
    name: 'a protocol error at once',
    handler: echo,
    request: utf8('GET / HTTP/1.1\r\n\r\n'),
    how: 'RST',
    received: '',
  },
  {
    name: 'a protocol error that the handler answers',
    handler: async (c) => {
      await c.receive().catch(() => c.send(utf8('what?')));
    },
    request: utf8('GET / HTTP/1.1\r\n\r\n'),
    how: 'FIN',
    received: text('what?'),
  },
  {
    name: 'a frame that stalls',
    handler: echo,
    options: { frameTimeout: 30 },
    request: utf8('\0\0'),
    how: 'RST',
    received: '',
  },
  {
    name: 'idleness',
    handler: echo,
    options: { idleTimeout: 30 },
    how: 'RST',
    received: text('hi'),
  },
  {
    name: 'the signal',
    handler: echo,
    next: 'abort',
    how: 'RST',
    received: text('hi'),
  },
  {
    name: 'close at a boundary',
    handler: echo,
    next: 5000,
    how: 'FIN',
    received: text('hi'),
  },
  {
    name: 'close whose time runs out',
    handler: async (c) => {
      await c.send((await c.receive()) ?? utf8(''));
      await never;
    },
    next: 10,
    how: 'RST',
    received: text('hi'),
  },
  {
    name: 'maxConnections',
    handler: echo,
    options: { maxConnections: 0 },
    how: 'RST',
    received: '',
  },
  {
    name: 'a released socket that the handler ends',
    handler: (c) => c.release().resume().end('bye'),
    how: 'FIN',
    received: 'bye',
  },
  {
    name: 'a handler that throws after a release',
    handler: async (c) => {
      await c.receive();
      c.release();
      throw new Error('bug');
    },
    how: 'RST',
    received: '',
  },
  {
    name: 'a protocol error of a framing inside: its answers come first',
    handler: async (outer) => {
      await outer.receive();
      const inner = framed(outer.release(), codec);
      for await (const value of inner) {
        await inner.send(value);
      }
    },
    request: join([frame('outer'), frame('a'), utf8('GET / HTTP/1.1\r\n\r\n')]),
    how: 'RST',
    received: text('a'),
  },
  {
    name: 'the signal, after a release',
    handler: async (outer) => {
      const socket = outer.release();
      socket.write('here');
      await never;
    },
    next: 'abort',
    how: 'RST',
    received: 'here',
  },
];

describe('a remote sees', () => {
  test.each(ENDINGS)(
    '$how of $name',
    async ({ handler, options, request, next, how, received }) => {
      const controller = new AbortController();
      const server = await start(handler, {
        signal: controller.signal,
        onError: () => undefined,
        ...options,
      });
      const client = dial(server);
      const fate = fateOf(client);
      client.write(request ?? frame('hi'));
      if (next !== undefined) {
        await once(client, 'data');
        if (next === 'abort') {
          controller.abort();
        } else {
          void server.close({ within: next });
        }
      }
      expect(await fate).toEqual({ how, received });
      client.destroy();
      await until(() => server.connections === 0, 'the connection is let go');
    },
  );
});

describe('what a remote does by itself is no warning', () => {
  const DEEDS: Record<string, (client: ReturnType<typeof dial>) => unknown> = {
    'a reset': (client) => client.write(frame('a'), () => client.resetAndDestroy()),
    'a reset inside a frame': (client) => client.write('\0\0', () => client.resetAndDestroy()),
    'an end inside a frame': (client) => client.end('\0\0'),
    garbage: (client) => client.write('GET / HTTP/1.1\r\n\r\n'),
    'a stall': (client) => client.write('\0\0'),
    silence: () => undefined,
    'going while it is answered': (client) => client.write(frame('a'), () => client.destroy()),
  };

  test.each(Object.keys(DEEDS))('%s', async (deed) => {
    const seen = warnings();
    const server = await start(
      async (connection) => {
        for await (const _ of connection) {
          for (let i = 0; i < 100; i++) {
            await connection.send(Buffer.alloc(60_000));
          }
        }
      },
      { frameTimeout: 20, idleTimeout: 40 },
    );
    const client = dial(server).resume();
    await once(client, 'connect');
    await until(() => server.connections === 1, 'it is accepted');
    DEEDS[deed]?.(client);
    await until(() => server.connections === 0, 'it is let go');
    expect(seen).toEqual([]);
  });

  test('a socket that was released and reset', async () => {
    const seen = warnings();
    const server = await start(async (connection) => {
      for await (const _ of connection.release()) {
      }
    });
    const client = dial(server);
    await once(client, 'connect');
    await until(() => server.connections === 1, 'it is accepted');
    client.resetAndDestroy();
    await until(() => server.connections === 0, 'it is let go');
    expect(seen).toEqual([]);
  });
});

test('a codec that makes no decoder resets, and the server lives', async () => {
  const told: unknown[] = [];
  let made = 0;
  const broken: typeof codec = {
    ...codec,
    decoder: (options) => {
      made++;
      if (made === 1) {
        throw new Error('no zlib here');
      }
      return codec.decoder(options);
    },
  };
  const server = serve(broken, echo, { onError: (error) => told.push(error) });
  onTestFinished(() => server.close({ within: 0 }));
  await server.ready;
  expect((await fateOf(dial(server))).how).toBe('RST');
  expect(told).toEqual([expect.objectContaining({ message: 'no zlib here' })]);
  const good = framed(dial(server), codec);
  await good.send(utf8('hi'));
  expect(String(await good.receive())).toBe('hi');
});

test('an error of another connection of the handler is warned about', async () => {
  const seen = warnings();
  const upstream = await start(async (connection) => {
    await connection.receive();
    connection.destroy();
  });
  const server = await start(async () => {
    const other = framed(dial(upstream), codec);
    await other.send(utf8('question'));
    await other.receive();
  });
  const client = dial(server);
  expect(await fateOf(client)).toMatchObject({ how: 'RST' });
  await until(() => seen.length === 1, 'a warning');
  expect(seen[0]).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
});

test('a broadcast to a client that never reads ends neither the server nor the others', async () => {
  const everybody = new Set<Frames>();
  const server = await start(
    async (connection) => {
      everybody.add(connection);
      try {
        for await (const value of connection) {
          for (const one of everybody) {
            void one.send(value);
          }
        }
      } finally {
        everybody.delete(connection);
      }
    },
    { maxQueuedLength: 200_000 },
  );
  const deaf = dial(server).pause();
  await until(() => everybody.size === 1, 'the deaf one is there');
  const good = framed(dial(server), codec);
  let heard = 0;
  for (let i = 0; i < 200; i++) {
    await good.send(Buffer.alloc(60_000));
    if ((await good.receive()) !== undefined) {
      heard++;
    }
  }
  expect(heard).toBe(200);
  deaf.destroy();
  await good.close();
});
