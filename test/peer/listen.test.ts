// A server of peers: addresses, TLS, admission, limits, and its end.

import { connect as connectSocket } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { framed } from '../../src/entries/main.ts';
import { connect, listen } from '../../src/entries/peer.ts';
import type { Admit, Peer } from '../../src/entries/peer.ts';
import { utf8 } from '../support/bytes.ts';
import { dialPeer, playClient, startPeers } from '../support/peers.ts';
import { cert, key } from '../support/self-signed.ts';
import { deferred, emitted, rejection, turns, until } from '../support/waiting.ts';

const echo = (peer: Peer): void => peer.handle('echo', (params) => params);

/** Says a word on frames, and gives the duplex back. */
const saying =
  (word: string): Admit =>
  async (duplex) => {
    const door = framed(duplex);
    await door.send(utf8(word));
    if (String(await door.receive()) !== 'come in') {
      throw new Error('refused');
    }
    return door.release();
  };

const guarding: Admit = async (duplex) => {
  const door = framed(duplex);
  if (String(await door.receive()) !== 'open sesame') {
    throw new Error('wrong word');
  }
  await door.send(utf8('come in'));
  return door.release();
};

describe('peers meet', () => {
  test('on a unix socket', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'unstick-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'peers');
    const server = await startPeers(echo, { path });
    expect(server.port).toBe(0);
    const peer = await connect({ path });
    expect((await peer.request('echo', 1)).result).toBe(1);
    await peer.close();
  });

  test('over TLS, with half-closed channels and a close in order', async () => {
    const server = await startPeers(
      (peer) => peer.handleChannel('echo', (channel) => void channel.pipe(channel)),
      { tls: { key, cert } },
    );
    const peer = await connect({ port: server.port, tls: { ca: cert } });
    const channel = peer.open('echo');
    const bytes = Buffer.alloc(2 ** 20, 'tls');
    channel.end(bytes);
    const chunks: Buffer[] = [];
    channel.on('data', (chunk: Buffer) => chunks.push(chunk));
    await emitted(channel, 'end');
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    await peer.close();
    expect(peer.failure).toBeUndefined();
    await until(() => server.peers.size === 0, 'gone over there, too');
  });

  test('not over TLS whose certificate is unknown', async () => {
    const server = await startPeers(echo, { tls: { key, cert } });
    expect(await rejection(connect({ port: server.port, tls: {} }))).toMatchObject({
      code: 'ERR_CONNECT',
      sent: false,
    });
  });

  test('with handlers that setup registers on both sides, before anything is heard', async () => {
    const heard: unknown[] = [];
    const server = await startPeers((peer) => {
      void peer.notify('first', 1);
      return peer.request('ask').then(({ result }) => heard.push(result));
    });
    await dialPeer(server.port, {
      setup: (peer) => {
        peer.handleEvent('first', (params) => void heard.push(params));
        peer.handle('ask', () => 'answer');
      },
    });
    await until(() => heard.length === 2, 'both came');
    expect(heard).toEqual([1, 'answer']);
  });

  test('a hundred times', async () => {
    const server = await startPeers(echo);
    for (let round = 0; round < 10; round++) {
      await Promise.all(
        Array.from({ length: 10 }, async (_, i) => {
          const peer = await connect({ port: server.port });
          expect((await peer.request('echo', i)).result).toBe(i);
          await peer.close();
        }),
      );
    }
    await until(() => server.peers.size === 0, 'all are gone');
    expect(server.errors).toEqual([]);
  });
});

describe('admit', () => {
  test('lets in whoever says the word; setup is given the duplex', async () => {
    let isSame = false;
    const doors = new Set<unknown>();
    const server = await startPeers(
      (peer) => {
        isSame = doors.size === 1;
        echo(peer);
      },
      {
        admit: async (duplex, signal) => {
          const inner = await guarding(duplex, signal);
          doors.add(inner);
          return inner;
        },
      },
    );
    const peer = await dialPeer(server.port, { admit: saying('open sesame') });
    expect((await peer.request('echo', 'in')).result).toBe('in');
    expect(isSame).toBe(true);
  });

  test('refuses whoever does not, and tells both sides why', async () => {
    const server = await startPeers(echo, { admit: guarding });
    const refused = connect({ port: server.port }, { admit: saying('please'), retry: {} });
    expect(await rejection(refused)).toMatchObject({ message: expect.any(String) });
    await until(() => server.errors.length === 1, 'the server heard of it');
    expect(server.errors[0]).toMatchObject({ message: 'wrong word' });
    expect(server.peers.size).toBe(0);
  });

  test('gives connect the very error that it threw', async () => {
    const server = await startPeers(echo);
    const own = new Error('of my own');
    const admit: Admit = () => Promise.reject(own);
    expect(await rejection(connect({ port: server.port }, { admit, retry: {} }))).toBe(own);
  });

  test('may take admitTimeout, then the stranger is shown the door', async () => {
    const aborted: unknown[] = [];
    const server = await startPeers(echo, {
      admitTimeout: 30,
      admit: (duplex, signal) => {
        signal.addEventListener('abort', () => aborted.push(signal.reason));
        return guarding(duplex, signal);
      },
    });
    const stranger = await playClient(server.port);
    await emitted(stranger.resume(), 'close');
    expect(aborted).toMatchObject([{ code: 'ERR_TIMEOUT', limit: 30 }]);
    await until(() => server.errors.length === 1, 'the server heard of it');
    expect(server.errors).toMatchObject([{ code: 'ERR_TIMEOUT' }]);
  });

  test('that is cut short by the end of the server leaves nothing', async () => {
    const server = await startPeers(echo, { admit: guarding });
    const stranger = await playClient(server.port);
    const ended = emitted(stranger.resume(), 'close');
    stranger.once('end', () => stranger.end());
    await turns(10);
    await server.close();
    await ended;
    expect(server.peers.size).toBe(0);
  });
});

describe('a server that closes', () => {
  test('lets its peers finish what is under way', async () => {
    const gate = deferred();
    const server = await startPeers((peer) =>
      peer.handle('wait', async () => {
        await gate.promise;
        return 'done';
      }),
    );
    const peer = await dialPeer(server.port);
    const answer = peer.request('wait');
    await peer.ping();
    const closing = server.close();
    expect(await rejection(connect({ port: server.port }))).toMatchObject({ code: 'ERR_CONNECT' });
    gate.resolve();
    expect((await answer).result).toBe('done');
    await closing;
    await peer.closed;
    expect(peer.failure).toBeUndefined();
  });

  test('lets them finish also when setup has not returned', async () => {
    const gate = deferred();
    const server = await startPeers(async (peer) => {
      peer.handle('wait', async () => {
        await gate.promise;
        return 'done';
      });
      await peer.closed;
    });
    const peer = await dialPeer(server.port);
    const answer = peer.request('wait');
    await peer.ping();
    const closing = server.close();
    await turns(5);
    gate.resolve();
    expect((await answer).result).toBe('done');
    await closing;
  });

  test('cuts off what is not done after `within`', async () => {
    const server = await startPeers((peer) => peer.handle('never', () => deferred().promise));
    const peer = await dialPeer(server.port);
    const answer = rejection(peer.request('never'));
    await peer.ping();
    await server.close({ within: 20 });
    expect(await answer).toMatchObject({ code: 'ERR_CONNECTION_LOST', sent: true });
    expect(server.peers.size).toBe(0);
  });

  test('does not wait for strangers: connected, and silent', async () => {
    const server = await startPeers(echo, { helloTimeout: Infinity });
    const stranger = await playClient(server.port);
    stranger.resume();
    await until(() => server.peers.size === 1, 'it is known');
    await server.close({ within: 20 });
    expect(server.peers.size).toBe(0);
  });

  test('does not wait for strangers that never finish their TLS handshake', async () => {
    const server = await startPeers(echo, { tls: { key, cert } });
    const stranger = await playClient(server.port);
    stranger.resume();
    await server.close({ within: 20 });
    expect(server.server.listening).toBe(false);
  });

  test('by its signal ends at once', async () => {
    const abort = new AbortController();
    const server = await startPeers((peer) => peer.handle('never', () => deferred().promise), {
      signal: abort.signal,
    });
    const peer = await dialPeer(server.port);
    const answer = rejection(peer.request('never'));
    await peer.ping();
    abort.abort();
    expect(await answer).toMatchObject({ sent: true });
    await until(() => !server.server.listening, 'it stopped listening');
  });
});

describe('a server', () => {
  test('refuses connections beyond maxConnections, and takes them when there is room again', async () => {
    const server = await startPeers(echo, { maxConnections: 1 });
    const first = await dialPeer(server.port);
    expect(await rejection(connect({ port: server.port }))).toMatchObject({ code: 'ERR_CONNECT' });
    await first.close();
    const second = await connect({ port: server.port }, { retry: { minDelay: 1 } });
    expect((await second.request('echo', 2)).result).toBe(2);
    await second.close();
  });

  test('ends the peer whose setup fails, and says why', async () => {
    const server = await startPeers(() => Promise.reject(new Error('no place')));
    const peer = await dialPeer(server.port).catch(() => undefined);
    await peer?.closed;
    await until(() => server.errors.length > 0, 'it was said');
    expect(server.errors).toMatchObject([{ message: 'no place' }]);
  });

  test('that cannot listen says so', async () => {
    const server = await startPeers(echo);
    const second = listen(echo, { port: server.port, onError: () => undefined });
    expect(await rejection(second.ready)).toMatchObject({
      code: 'ERR_LISTEN',
      reason: 'EADDRINUSE',
    });
    await second.close();
  });

  test.each([
    ['window', 0],
    ['maxChannels', 0],
    ['maxPendingRequests', -1],
    ['maxBodyLength', 1],
    ['maxHeaderLength', 10],
    ['heartbeatTimeout', 0],
    ['helloTimeout', 0],
    ['helloTimeout', '5'],
    ['maxConnections', Number.NaN],
    ['admitTimeout', -1],
    ['windw', 5],
    ['onError', 5],
    ['port', 70_000],
  ])('refuses the option %s: %s', (name, value) => {
    expect(() => listen(echo, { [name]: value })).toThrow(
      expect.objectContaining({ name: 'UsageError', code: 'ERR_OPTION' }),
    );
  });
});

test('quick connections that say nothing leave nothing behind', async () => {
  const server = await startPeers(echo);
  for (let i = 0; i < 200; i++) {
    const socket = connectSocket(server.port, '127.0.0.1');
    socket.on('error', () => undefined).once('connect', () => socket.destroy());
  }
  await turns(50);
  await until(() => server.peers.size === 0, 'all are gone');
  const peer = await dialPeer(server.port);
  expect(await peer.ping()).toBeGreaterThanOrEqual(0);
});
