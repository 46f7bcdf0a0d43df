// Deadlines and turns: an answer that already lies in the kernel is not a timeout, the steps before a peer
// exists share one deadline, and a peer that downloads much lets the others take turns.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/entries/peer.ts';
import type { Channel, Peer } from '../../src/entries/peer.ts';
import { beBusy, hasArrivedFrom } from '../support/busy.ts';
import { dialPeer, playClient, playServer, startPeers, twoPeers } from '../support/peers.ts';
import { cert, key } from '../support/self-signed.ts';
import { emitted, reached, rejection, turns, until } from '../support/waiting.ts';

const MIB = 2 ** 20;

interface Far {
  readonly peer: Peer;
  readonly port: number;
  /** How many late answers it has written. */
  readonly answers: () => number;
}

async function farPeer(options: object = {}): Promise<Far> {
  const server = fileURLToPath(new URL('../support/far-peers.ts', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'unstick-far-'));
  const told = join(folder, 'answers');
  writeFileSync(told, '');
  const child = fork(server, [told], { execArgv: ['--import', 'tsx'] });
  onTestFinished(async () => {
    child.kill();
    await once(child, 'exit');
    rmSync(folder, { recursive: true });
  });
  const [given]: number[] = await once(child, 'message');
  const port = Number(given);
  return { peer: await dialPeer(port, options), port, answers: () => statSync(told).size };
}

describe('an answer that came while the process was busy is no timeout', () => {
  test('of a request, also behind megabytes of a channel', async () => {
    const { peer: far, answers } = await farPeer();
    await far.request('late', 0);
    await until(() => answers() === 1, 'it has told of the first');
    const channel = far.open('give', 8 * MIB);
    channel.resume();
    // The time until this process is busy counts, too.
    const answer = far.request('late', 20, { timeout: 400 });
    await turns(3);
    beBusy(800, () => answers() === 2);
    expect((await answer).result).toBe(20);
  });

  test('of a ping, and of the heartbeat', async () => {
    const heartbeat = { heartbeatInterval: 300, heartbeatTimeout: 300 };
    const { peer: far, port } = await farPeer(heartbeat);
    for (let i = 0; i < 3; i++) {
      let isAnswered = false;
      const pong = far.ping({ timeout: 400 }).finally(() => (isAnswered = true));
      await turns(2);
      // On an idle machine the pong may be here already, and nothing else is to come.
      beBusy(1000, () => isAnswered || hasArrivedFrom(port));
      expect(await pong).toBeGreaterThan(0);
    }
    expect(far.failure).toBeUndefined();
  });
});

describe('what comes before a peer has one deadline', () => {
  test('for TLS, admit and the hello in sum', async () => {
    const server = await startPeers(() => undefined, {
      tls: { key, cert },
      admitTimeout: 2000,
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
    let isOver = false;
    tls.once('close', () => (isOver = true));
    // Late, but in time for `admit`; and then no hello. A deadline for each would end at 3.6 s.
    await until(() => performance.now() - startedAt > 1600, 'most of it is over');
    tls.write('x');
    await reached(startedAt + 3000);
    expect(isOver).toBe(true);
    expect(server.peers.size).toBe(0);
  });

  test('for an attempt to connect, the hello included', async () => {
    const port = await playServer((socket) => socket.resume());
    const startedAt = performance.now();
    const failing = connect({ port }, { timeout: 60, admit: (duplex) => duplex });
    expect(await rejection(failing)).toMatchObject({ code: 'ERR_CONNECT' });
    // The hello alone may take 10 s.
    expect(performance.now() - startedAt).toBeLessThan(8000);
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
  const channel = one.open('give', 128 * MIB);
  let received = 0;
  channel.on('data', (bytes: Buffer) => (received += bytes.length));
  let pings = 0;
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  while (!channel.readableEnded) {
    const before = received;
    await other.ping();
    // Counted, and not timed: a busy machine gives both connections less.
    expect(received - before).toBeLessThan(16 * MIB);
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
