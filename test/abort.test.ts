// One AbortSignal for many connections and calls: it ends all of them, Node warns of no leak, and no listener
// stays on the signal.

import { getEventListeners, once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { unwatchAbort, watchAbort } from '../src/abort.ts';
import { dial, dialMessages, framed, lengthPrefixed, serve } from '../src/entries/main.ts';
import { connect, listen } from '../src/entries/peer.ts';
import { chop } from '../src/entries/testing.ts';
import { start, warnings } from './support/servers.ts';
import { settled, turns } from './support/waiting.ts';

const COUNT = 50;
const codec = lengthPrefixed();

/** Something that waits for the signal until it is ended. */
type Begin = (signal: AbortSignal) => Promise<() => unknown>;

async function port(): Promise<number> {
  return (await start()).port;
}

const ways: Record<string, () => Promise<Begin>> = {
  framed: async () => {
    const where = { port: await port(), host: '127.0.0.1' };
    return async (signal) => {
      const socket = connectSocket(where);
      await once(socket, 'connect');
      const connection = framed(socket, codec, { signal });
      return () => connection.close();
    };
  },
  dial: async () => {
    const where = { port: await port() };
    return async (signal) => {
      const connection = await dial(codec, { ...where, signal });
      return () => connection.close();
    };
  },
  dialMessages: async () => {
    const where = { port: await port() };
    return async (signal) => {
      const stream = await dialMessages({ ...where, signal });
      return () => stream.close();
    };
  },
  serve: async () => async (signal) => {
    const server = serve(codec, () => undefined, { signal });
    await server.ready;
    return () => server.close();
  },
  'receive, many at once': async () => {
    const where = { port: await port() };
    return async (signal) => {
      const connection = await dial(codec, where);
      const reading = connection.receive({ signal });
      return async () => {
        await connection.end();
        await reading;
      };
    };
  },
  'connect of peers, and their requests': async () => {
    const server = listen((peer) => peer.handle('wait', () => new Promise(() => undefined)));
    onTestFinished(() => server.close({ within: 0 }));
    await server.ready;
    return async (signal) => {
      const peer = await connect({ port: server.port }, { signal });
      const request = peer.request('wait', undefined, { signal });
      request.catch(() => undefined);
      return () => peer.destroy();
    };
  },
  chop: async () => {
    const to = await port();
    return async (signal) => {
      const proxy = await chop({ listen: '127.0.0.1:0', to: `127.0.0.1:${to}`, signal });
      return () => proxy.close();
    };
  },
};

describe.each(Object.entries(ways))('%s', (_, open) => {
  test(`${COUNT} with one signal warn of nothing and leave nothing on it`, async () => {
    const seen = warnings();
    const begin = await open();
    const { signal } = new AbortController();
    const ends = await Promise.all(Array.from({ length: COUNT }, () => begin(signal)));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await Promise.all(ends.map((end) => end()));
    await settled(() => getEventListeners(signal, 'abort').length);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(seen).toEqual([]);
  });
});

test('an abort ends every connection of the signal', async () => {
  const where = { port: await port() };
  const controller = new AbortController();
  const { signal } = controller;
  const all = await Promise.all(
    Array.from({ length: COUNT }, () => dial(codec, { ...where, signal })),
  );
  controller.abort();
  const ends = await Promise.all(all.map((one) => one.closed));
  expect(ends.map((end) => end?.reason)).toEqual(Array(COUNT).fill('aborted'));
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a callback that was taken back by an earlier one is not called', () => {
  const controller = new AbortController();
  const called: string[] = [];
  const second = (): void => void called.push('second');
  watchAbort(controller.signal, () => {
    called.push('first');
    unwatchAbort(controller.signal, second);
    watchAbort(controller.signal, () => called.push('at once'));
  });
  watchAbort(controller.signal, second);
  watchAbort(controller.signal, () => called.push('third'));
  controller.abort();
  expect(called).toEqual(['first', 'at once', 'third']);
});

test('what a callback throws is uncaught, and the others are called', async () => {
  const controller = new AbortController();
  const uncaught: unknown[] = [];
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => uncaught.push(error));
  onTestFinished(() => {
    process.removeAllListeners('uncaughtException');
    for (const listener of listeners) {
      process.on('uncaughtException', listener);
    }
  });
  const bug = new Error('a bug');
  let isCalled = false;
  watchAbort(controller.signal, () => {
    throw bug;
  });
  watchAbort(controller.signal, () => {
    isCalled = true;
  });
  controller.abort();
  await turns(2);
  expect({ isCalled, uncaught }).toEqual({ isCalled: true, uncaught: [bug] });
});
