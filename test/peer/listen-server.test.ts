// What a server of peers has in common with serve(): its counts, the resets of refused remotes, and its end.

import { describe, expect, onTestFinished, test } from 'vitest';
import { connect, listen } from '../../src/entries/peer.ts';
import type { Peer } from '../../src/entries/peer.ts';
import { UsageError } from '../../src/errors.ts';
import { dialPeer, HELLO, playClient, startPeers } from '../support/peers.ts';
import { cert, key } from '../support/self-signed.ts';
import { dial, fateOf, warnings } from '../support/servers.ts';
import { deferred, rejection, turns, until } from '../support/waiting.ts';

const nothing = (): void => undefined;
const tls = { key, cert };
const neverAnswers = (peer: Peer): void => peer.handle('never', () => deferred().promise);

test('a server of peers tells its address and its connections', async () => {
  const server = await startPeers(nothing);
  expect(server.address).toBe(`127.0.0.1:${server.port}`);
  expect(server.connections).toBe(0);
  const peer = await dialPeer(server.port);
  await playClient(server.port);
  await until(() => server.connections === 2, 'a peer and a stranger count');
  await peer.close();
  await until(() => server.connections === 1, 'the peer is gone');
  await server.close();
  expect(server.connections).toBe(0);
  expect(server.address).toBeUndefined();
});

describe('who is refused sees a reset', () => {
  test.each([
    ['maxConnections: 0', { maxConnections: 0 }],
    ['maxConnections: 0, before the handshake of TLS', { maxConnections: 0, tls }],
  ])('by %s', async (_, options) => {
    const server = await startPeers(nothing, options);
    expect((await fateOf(dial(server))).how).toBe('RST');
    expect(server.errors).toEqual([]);
  });

  test('because the server closes while it is in admit', async () => {
    const server = await startPeers(nothing, { admit: () => new Promise<never>(nothing) });
    const stranger = dial(server);
    const fate = fateOf(stranger);
    await until(() => server.connections === 1, 'it is in admit');
    await server.close();
    expect((await fate).how).toBe('RST');
  });

  test.each([
    ['nothing', new Uint8Array(0)],
    ['half a hello', HELLO.subarray(0, 9)],
  ])('because the server closes while it has said %s', async (_, said) => {
    const server = await startPeers(nothing, { helloTimeout: Infinity });
    const stranger = dial(server);
    const fate = fateOf(stranger);
    stranger.write(said);
    await until(() => server.peers.size === 1, 'its hello is waited for');
    await server.close({ within: Infinity });
    expect((await fate).how).toBe('RST');
  });
});

test('admitTimeout bounds the handshake of TLS, however many bytes come', async () => {
  const seen = warnings();
  const server = await startPeers(nothing, { tls, admitTimeout: 80 });
  const slow = dial(server);
  const fate = fateOf(slow);
  slow.write(Buffer.from([0x16, 3, 1, 0x40, 0]));
  const dribble = setInterval(() => slow.write('\0'), 5);
  onTestFinished(() => clearInterval(dribble));
  expect((await fate).how).toBe('RST');
  expect(seen).toEqual([]);
});

describe('a server of peers ends', () => {
  test('a second close may shorten the time', async () => {
    const server = await startPeers(neverAnswers);
    const peer = await dialPeer(server.port);
    const answer = rejection(peer.request('never'));
    await peer.ping();
    const closing = server.close({ within: 60_000 });
    await server.close({ within: 10 });
    await closing;
    expect(await answer).toMatchObject({ code: 'ERR_CONNECTION_LOST', sent: true });
    expect(server.connections).toBe(0);
  });

  test('within a time also when a remote reads nothing', async () => {
    const server = await startPeers((peer) => {
      peer.handleChannel('rows', async (channel) => {
        while (!channel.destroyed) {
          await new Promise((resolve) => channel.write('row', resolve));
        }
      });
    });
    const peer = await dialPeer(server.port);
    peer.open('rows').on('error', nothing);
    await peer.ping();
    await server.close({ within: 20 });
    expect(server.connections).toBe(0);
    expect(server.peers.size).toBe(0);
  });

  test('by a signal that was aborted before, without listening', async () => {
    const server = listen(nothing, { signal: AbortSignal.abort() });
    await server.ready;
    expect(server.server.listening).toBe(false);
    await server.close();
  });

  test('by its signal, with a reset for each peer and stranger', async () => {
    const abort = new AbortController();
    const server = await startPeers(neverAnswers, { signal: abort.signal });
    const peer = await dialPeer(server.port);
    const answer = rejection(peer.request('never'));
    await peer.ping();
    const stranger = fateOf(dial(server));
    await until(() => server.connections === 2, 'both are here');
    const [ours] = server.peers;
    abort.abort(new Error('enough'));
    expect(await answer).toMatchObject({ code: 'ERR_CONNECTION_LOST', sent: true });
    expect((await stranger).how).toBe('RST');
    expect(await ours?.closed).toMatchObject({
      cause: expect.objectContaining({ message: 'enough' }),
    });
    expect(server.connections).toBe(0);
  });
});

test('a server of peers that cannot listen tells onError, and then nothing is unhandled', async () => {
  const seen = warnings();
  const told: unknown[] = [];
  const first = await startPeers(nothing);
  const second = listen(nothing, { port: first.port, onError: (error) => void told.push(error) });
  await second.close();
  await turns(5);
  expect(told).toEqual([expect.objectContaining({ code: 'ERR_LISTEN', reason: 'EADDRINUSE' })]);
  expect(seen).toEqual([]);
});

test('reusePort of a server of peers shares its port, or is refused where Node cannot', async () => {
  const isShared = startShared().then(
    () => true,
    (error: unknown) => error instanceof UsageError && /needs Node/.test(error.message),
  );
  expect(await isShared).toBe(true);
});

async function startShared(): Promise<void> {
  const { port } = await startPeers(nothing, { reusePort: true });
  await startPeers(nothing, { port, reusePort: true });
}

test('a handshake of TLS that fails says nothing here, and the next client is served', async () => {
  const seen = warnings();
  const server = await startPeers((peer) => peer.handle('hi', () => 'ok'), { tls });
  dial(server).end('GET / HTTP/1.1\r\n\r\n');
  const peer = await connect({ port: server.port, tls: { ca: cert } });
  expect((await peer.request('hi')).result).toBe('ok');
  await peer.close();
  expect(server.errors).toEqual([]);
  expect(seen).toEqual([]);
});
