// Events over real sockets: in order, not answered, and no faster than their handlers.

import { expect, test } from 'vitest';
import { deferred, settled, turns, until } from '../support/waiting.ts';
import { HELLO, dialPeer, playServer, twoPeers } from '../support/peers.ts';

test('events are heard in order, with their params and bodies', async () => {
  const heard: unknown[] = [];
  const { here } = await twoPeers((peer) => {
    peer.handleEvent('said', (params, { body }) => void heard.push([params, String(body)]));
  });
  for (let i = 0; i < 1000; i++) {
    void here.notify('said', i, { body: `body ${i}` });
  }
  await until(() => heard.length === 1000, 'all were heard');
  expect(heard).toEqual(Array.from({ length: 1000 }, (_, i) => [i, `body ${i}`]));
});

test('an event that nobody handles is dropped, and what comes after it is not', async () => {
  const { here } = await twoPeers((peer) => peer.handle('echo', (params) => params));
  for (let i = 0; i < 500; i++) {
    await here.notify('nobody', i);
  }
  expect((await here.request('echo', 'after')).result).toBe('after');
});

test('an event and a request stay in order', async () => {
  const heard: unknown[] = [];
  const { here } = await twoPeers((peer) => {
    peer.handleEvent('said', (params) => void heard.push(params));
    peer.handle('asked', () => [...heard]);
  });
  void here.notify('said', 1);
  void here.notify('said', 2);
  const answer = here.request('asked');
  void here.notify('said', 3);
  expect((await answer).result).toEqual([1, 2]);
});

test('a handler that fails is reported, and the next event is handled', async () => {
  const heard: unknown[] = [];
  const { here, errors } = await twoPeers((peer) => {
    peer.handleEvent('said', async (params) => {
      if (params === 1) {
        throw new Error('sync or not');
      }
      heard.push(params);
      return Promise.reject(new Error('later'));
    });
  });
  for (const i of [0, 1, 2]) {
    await here.notify('said', i);
  }
  await until(() => errors.length === 3, 'all failed');
  expect(heard).toEqual([0, 2]);
});

test('slow handlers stop the sender; nothing is lost', async () => {
  const gate = deferred();
  let started = 0;
  const { here } = await twoPeers((peer) => {
    peer.handleEvent('said', async () => {
      started++;
      await gate.promise;
    });
  });
  const body = Buffer.alloc(64 * 1024);
  // Together 64 MiB: a kernel may hold 36 MiB for the two ends of a connection.
  const count = 1024;
  let taken = 0;
  const sending = (async () => {
    for (let i = 0; i < count; i++) {
      await here.notify('said', i, { body });
      taken++;
    }
  })();
  await until(() => started === 128, 'as many run as may');
  await settled(() => taken);
  expect(started).toBe(128);
  // What the sockets hold, and not one event more.
  expect(taken).toBeLessThan(count - 1);
  gate.resolve();
  await sending;
  await until(() => started === count, 'all were handled');
});

test('handlers that take longer than the heartbeat are no reason to end the connection', async () => {
  const gate = deferred();
  let started = 0;
  const heartbeat = { heartbeatInterval: 20, heartbeatTimeout: 20 };
  const { here, there } = await twoPeers((peer) => {
    peer.handleEvent('said', () => {
      started++;
      return gate.promise;
    });
  }, heartbeat);
  for (let i = 0; i < 200; i++) {
    void here.notify('said', i);
  }
  await until(() => started === 128, 'as many run as may');
  // What is sent meanwhile wakes it up, too.
  const since = performance.now();
  while (performance.now() - since < 150 && there.failure === undefined) {
    void there.notify('still here');
    await turns(1);
  }
  expect(there.failure).toBeUndefined();
  gate.resolve();
  await until(() => started === 200, 'all were handled');
});

test('a sender waits for a remote that does not read', async () => {
  const port = await playServer((socket) => {
    socket.write(HELLO);
    socket.pause();
  });
  const here = await dialPeer(port);
  const body = Buffer.alloc(2 ** 20);
  let taken = 0;
  void (async () => {
    for (let i = 0; i < 100; i++) {
      await here.notify('x', i, { body });
      taken++;
    }
  })().catch(() => undefined);
  await until(() => taken > 0, 'the first went out');
  await settled(() => taken);
  expect(taken).toBeLessThan(50);
  const over = here.closed;
  here.destroy();
  await over;
});
