// A peer that has ended, in any way, leaves no timer, socket or listener behind.

import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { connect } from '../../src/entries/peer.ts';
import type { Peer } from '../../src/entries/peer.ts';
import { liveTimers, openSockets } from '../support/leaks.ts';
import { startPeers } from '../support/peers.ts';
import { deferred, rejection, until } from '../support/waiting.ts';

const endings: Record<string, (here: Peer, there: Peer | undefined) => Promise<unknown>> = {
  'close here': (here) => here.close(),
  'close there': async (here, there) => Promise.all([there?.close(), here.closed]),
  'close with a limit': (here) => here.close({ within: 60_000 }),
  'destroy here': async (here) => here.destroy(),
  'destroy there': async (here, there) => {
    there?.destroy();
    await here.closed;
  },
  'a request that times out, then close': async (here) => {
    await rejection(here.request('echo', 1, { timeout: 1 })).catch(() => undefined);
    await here.close();
  },
  'requests, channels and pings that wait, then destroy': async (here) => {
    const waiting = [
      rejection(
        here.request('never', 1, { timeout: 60_000, signal: new AbortController().signal }),
      ),
      rejection(here.ping({ timeout: 60_000 }).then(() => here.request('never'))),
    ];
    here.open('never').write(Buffer.alloc(2 ** 20));
    await here.ping();
    here.destroy();
    await Promise.all(waiting);
  },
};

test.each(Object.entries(endings))('%s leaves no timer, no socket, no listener', async (_, end) => {
  const timers = liveTimers(/\/src\/(?:peer|stream)\//);
  const before = openSockets();
  const { signal } = new AbortController();
  let there: Peer | undefined;
  const server = await startPeers((peer) => {
    there = peer;
    peer.handle('echo', (params) => params);
    peer.handle('never', () => deferred().promise);
    peer.handleChannel('never', () => undefined);
  });
  for (let i = 0; i < 10; i++) {
    const here = await connect({ port: server.port }, { signal, timeout: 60_000 });
    await here.request('echo', 1, { timeout: 60_000, signal });
    // The count sees what it is to count.
    expect(timers.size).toBeGreaterThan(0);
    await end(here, there);
    await here.closed;
  }
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  await until(() => server.peers.size === 0, 'no peers are left');
  await server.close();
  await until(() => timers.size === 0, `all timers gone: ${[...timers.values()].join('\n')}`);
  await until(() => openSockets() <= before, 'all sockets are gone');
});
