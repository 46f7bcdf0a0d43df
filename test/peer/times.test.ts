// Deadlines and turns: an answer that lies in the kernel is no timeout, what comes before a peer has one
// sum, and one that downloads leaves the others their turn.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connect as connectSocket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/entries/peer.ts';
import type { Channel, Peer } from '../../src/entries/peer.ts';
import { dialPeer, playClient, playServer, startPeers, twoPeers } from '../support/peers.ts';
import { cert, key } from '../support/self-signed.ts';
import { emitted, rejection, turns, until } from '../support/waiting.ts';

/** The process does nothing else for so long. */
function beBusy(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

async function farPeer(options: object = {}): Promise<Peer> {
  const server = fileURLToPath(new URL('../support/far-peers.ts', import.meta.url));
  const child = fork(server, { execArgv: ['--import', 'tsx'] });
  onTestFinished(() => void child.kill());
  const [port]: number[] = await once(child, 'message');
  return dialPeer(Number(port), options);
}

describe('an answer that came while the process was busy is no timeout', () => {
  test('of a request, also behind megabytes of a channel', async () => {
    const far = await farPeer();
    await far.request('late', 0);
    const channel = far.open('give', 8 * 2 ** 20);
    channel.resume();
    const answer = far.request('late', 20, { timeout: 60 });
    await turns(3);
    beBusy(200);
    expect((await answer).result).toBe(20);
  });

  test('of a ping, and of the heartbeat', async () => {
    const far = await farPeer({ heartbeatInterval: 30, heartbeatTimeout: 30 });
    for (let i = 0; i < 5; i++) {
      const pong = far.ping({ timeout: 50 });
      await turns(2);
      beBusy(120);
      expect(await pong).toBeGreaterThan(0);
    }
    expect(far.failure).toBeUndefined();
  });
});

describe('what comes before a peer has one deadline', () => {
  test('for TLS, admit and the hello in sum', async () => {
    const server = await startPeers(() => undefined, {
      tls: { key, cert },
      admitTimeout: 300,
      admit: async (duplex) => {
        await emitted(duplex, 'readable');
        return duplex;
      },
    });
    const startedAt = performance.now();
    const stranger = await playClient(server.port);
    await turns(1);
    const tls = connectTls({ socket: stranger, ca: cert, rejectUnauthorized: false });
    tls.on('error', () => undefined);
    await emitted(tls, 'secureConnect');
    // Late, but in time for `admit`; and then no hello.
    await until(() => performance.now() - startedAt > 200, 'most of it is over');
    tls.write('x');
    await emitted(tls, 'close');
    expect(performance.now() - startedAt).toBeLessThan(300 + 250);
    expect(server.peers.size).toBe(0);
  });

  test('for an attempt to connect, the hello included', async () => {
    const port = await playServer((socket) => socket.resume());
    const startedAt = performance.now();
    const failing = connect({ port }, { timeout: 60, admit: (duplex) => duplex });
    expect(await rejection(failing)).toMatchObject({ code: 'ERR_CONNECT' });
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  test('and one that is refused for its number sees a reset', async () => {
    const server = await startPeers(() => undefined, { maxConnections: 0 });
    const stranger = connectSocket(server.port, '127.0.0.1');
    onTestFinished(() => void stranger.destroy());
    const error = await new Promise((resolve) => {
      stranger.once('error', resolve).once('close', resolve).resume();
    });
    expect(error).toMatchObject({ code: 'ECONNRESET' });
  });
});

/** A handler that writes from memory as fast as it may. */
function give(channel: Channel): void {
  const piece = Buffer.alloc(64 * 1024);
  let left = Number(channel.params);
  const go = (): void => {
    while (left > 0) {
      left -= piece.length;
      if (!channel.write(piece)) {
        return void channel.once('drain', go);
      }
    }
    channel.end();
  };
  go();
}

test('another connection and the timers have their turn while one downloads 128 MiB', async () => {
  const server = await startPeers((peer) => peer.handleChannel('give', give));
  const one = await dialPeer(server.port);
  const other = await dialPeer(server.port);
  const channel = one.open('give', 128 * 2 ** 20);
  channel.resume();
  let pings = 0;
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  while (!channel.readableEnded) {
    expect(await other.ping()).toBeLessThan(500);
    pings++;
  }
  clearInterval(timer);
  expect(pings).toBeGreaterThan(10);
  expect(ticks).toBeGreaterThan(10);
});

test('a request on a peer that is ending is rejected at once, and was not sent', async () => {
  const { here, there } = await twoPeers((peer) => {
    peer.handle('never', () => new Promise(() => undefined));
  });
  const pending = rejection(here.request('never'));
  await here.ping();
  const closing = there.close({ within: 200 });
  const refusal = { code: 'ERR_CONNECTION_CLOSED', reason: 'closed', sent: false };
  let error: unknown;
  await until(() => {
    here.request('x').catch((one: unknown) => (error = one));
    return error !== undefined && Object(error).remoteCode === undefined;
  }, 'it is ending');
  expect(error).toMatchObject(refusal);
  expect(await rejection(here.notify('x'))).toMatchObject(refusal);
  expect(() => here.open('x')).toThrow(expect.objectContaining(refusal));
  expect(await rejection(closing)).toMatchObject({ code: 'ERR_TIMEOUT', limit: 200 });
  expect(await pending).toMatchObject({ sent: true });
});

test('await using closes a peer, and leaves no timer', async () => {
  const server = await startPeers((peer) => peer.handle('echo', (params) => params));
  let inner: Peer | undefined;
  {
    await using peer = await connect({ port: server.port });
    inner = peer;
    expect((await peer.request('echo', 1)).result).toBe(1);
  }
  expect(await inner.closed).toBeUndefined();
});
