// Connecting to a server of peers: one attempt or many, aborted attempts, timeouts, and refusals.

import { describe, expect, test } from 'vitest';
import { connect } from '../../src/entries/peer.ts';
import type { Peer } from '../../src/entries/peer.ts';
import { HELLO, dialPeer, playServer, startPeers, twoPeers } from '../support/peers.ts';
import { cert } from '../support/self-signed.ts';

import { rejection, turns, until } from '../support/waiting.ts';
import { freePort } from '../support/free-port.ts';

const echo = (peer: Peer): void => peer.handle('echo', (params) => params);

describe('connect', () => {
  test('fails where nobody listens, once unless told otherwise', async () => {
    const port = await freePort();
    expect(await rejection(connect({ port }))).toMatchObject({
      name: 'ConnectionError',
      code: 'ERR_CONNECT',
      reason: 'ECONNREFUSED',
      sent: false,
      cause: { code: 'ECONNREFUSED' },
    });
    const retry = { attempts: 3, minDelay: 1, maxDelay: 2 };
    expect(await rejection(connect({ port }, { retry }))).toMatchObject({
      code: 'ERR_CONNECT',
      message: expect.stringContaining('3 attempts'),
    });
  });

  test('tries again until the server is there', async () => {
    const port = await freePort();
    const connecting = connect({ port }, { retry: { attempts: 1000, minDelay: 1, maxDelay: 5 } });
    await turns(20);
    const server = await startPeers(echo, { port });
    const peer = await connecting;
    expect((await peer.request('echo', 'late')).result).toBe('late');
    await peer.close();
    expect(server.errors).toEqual([]);
  });

  test('tries again where the connection breaks before the hello', async () => {
    let calls = 0;
    const port = await playServer((socket) => {
      if (++calls < 3) {
        socket.resetAndDestroy();
      } else {
        socket.write(HELLO);
      }
    });
    const peer = await dialPeer(port, { retry: { minDelay: 1 } });
    expect(calls).toBe(3);
    expect(peer.failure).toBeUndefined();
  });

  test('waits longer each time, and half of it by chance', async () => {
    const port = await freePort();
    const started = performance.now();
    const retry = { attempts: 5, minDelay: 8, maxDelay: 20 };
    await rejection(connect({ port }, { retry }));
    // At least half of 8 + 16 + 20 + 20.
    expect(performance.now() - started).toBeGreaterThanOrEqual(32 - 4);
  });

  test('stops trying when its signal aborts, also between two attempts', async () => {
    const port = await freePort();
    const abort = new AbortController();
    const retry = { attempts: 1000, minDelay: 60_000, maxDelay: 60_000 };
    const failing = rejection(connect({ port }, { retry, signal: abort.signal }));
    await turns(30);
    abort.abort(new Error('enough'));
    expect(await failing).toMatchObject({
      code: 'ERR_CONNECTION_CLOSED',
      reason: 'aborted',
      cause: { message: 'enough' },
    });
    expect(await rejection(connect({ port }, { signal: abort.signal }))).toMatchObject({
      reason: 'aborted',
    });
  });

  test('is aborted while it waits for the hello; afterwards the signal ends the peer', async () => {
    const silent = await playServer((socket) => socket.resume());
    const one = new AbortController();
    const failing = rejection(
      connect(
        { port: silent },
        { signal: one.signal, setup: () => setImmediate(() => one.abort()) },
      ),
    );
    expect(await failing).toMatchObject({ code: 'ERR_CONNECTION_CLOSED', reason: 'aborted' });
    const other = new AbortController();
    const { here } = await twoPeers(echo, {}, { signal: other.signal });
    other.abort(new Error('enough'));
    await here.closed;
    expect(here.failure).toMatchObject({ cause: { message: 'enough' } });
  });

  test('has a time limit for each attempt, the TLS handshake included', async () => {
    const port = await playServer((socket) => socket.resume());
    expect(await rejection(connect({ port, tls: { ca: cert } }, { timeout: 30 }))).toMatchObject({
      code: 'ERR_CONNECT',
      reason: 'timeout',
      limit: 30,
    });
  });

  test('fails with what setup throws', async () => {
    const server = await startPeers(echo);
    const own = new Error('of my own');
    const setup = (): void => {
      throw own;
    };
    expect(await rejection(connect({ port: server.port }, { setup }))).toBe(own);
    await until(() => server.peers.size === 0, 'the connection is gone');
  });

  test.each<readonly [string, object]>([
    ['no port', {}],
    ['port 0', { port: 0 }],
    ['a port beyond 65535', { port: 65_536 }],
    ['a name that is none', { prot: 1 }],
  ])('refuses an address with %s', async (_, where) => {
    expect(await rejection(connect({ ...where }))).toMatchObject({ code: 'ERR_OPTION' });
  });
});
