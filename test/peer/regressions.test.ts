// What a review of the peer found, each as the smallest program that went wrong.

import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { connect } from '../../src/entries/peer.ts';
import type { Channel } from '../../src/entries/peer.ts';
import { dialPeer, HELLO, playClient, playServer, startPeers, twoPeers } from '../support/peers.ts';
import { until } from '../support/waiting.ts';

test('a buffer that a channel has written may be used again', async () => {
  const wrong: number[] = [];
  let round = 0;
  const { here } = await twoPeers((peer) =>
    peer.handleChannel('upload', async (channel) => {
      let at = 0;
      for await (const bytes of channel) {
        for (const byte of bytes as Buffer) {
          if (byte !== (at++ >> 16) % 251) {
            wrong.push(at);
          }
        }
      }
      round = at;
      channel.end();
    }),
  );
  const channel = here.open('upload');
  const buffer = Buffer.alloc(65_536);
  for (let i = 0; i < 200; i++) {
    buffer.fill(i % 251);
    await new Promise<void>((resolve, reject) =>
      channel.write(buffer, (error) => (error ? reject(error) : resolve())),
    );
  }
  channel.end();
  await once(channel.resume(), 'close');
  expect({ round, wrong: wrong.length }).toEqual({ round: 200 * 65_536, wrong: 0 });
});

test('a peer whose event handlers hang does not wait for them for ever', async () => {
  const { here, there } = await twoPeers(
    (peer) => peer.handleEvent('hang', () => new Promise(() => undefined)),
    { eventTimeout: 40 },
  );
  for (let i = 0; i < 200; i++) {
    here.notify('hang', i).catch(() => undefined);
  }
  const asked = there.request('anything').catch((error: unknown) => error);
  await there.closed;
  expect(there.failure).toMatchObject({ code: 'ERR_TIMEOUT', limit: 40 });
  expect(await asked).toMatchObject({ code: 'ERR_TIMEOUT', sent: true });
});

test('channels that are opened and reset in a burst do not make as many handlers run', async () => {
  let running = 0;
  let most = 0;
  const { here } = await twoPeers(
    (peer) =>
      peer.handleChannel('slow', async (channel) => {
        most = Math.max(most, ++running);
        await until(() => channel.destroyed, 'it is reset');
        await here.closed;
        running--;
      }),
    { maxChannels: 4 },
  );
  for (let i = 0; i < 500; i++) {
    here.open('slow').reset();
  }
  await here.ping();
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(8);
  here.destroy();
});

test('a channel that both sides ended can be read after the peer was closed', async () => {
  const { here } = await twoPeers((peer) =>
    peer.handleChannel('report', (channel) => void channel.end(Buffer.alloc(100_000, 1))),
  );
  const channel: Channel = here.open('report');
  channel.end();
  await here.close();
  expect((await text(channel)).length).toBe(100_000);
  expect(here.failure).toBeUndefined();
});

test('an admit that never ends and hears no signal is given up', async () => {
  const errors: unknown[] = [];
  const server = await startPeers(() => undefined, {
    admit: () => new Promise(() => undefined),
    admitTimeout: 30,
    onError: (error) => errors.push(error),
  });
  const stranger = await playClient(server.port);
  await until(() => errors.length === 1, 'the server gave up');
  expect(errors[0]).toMatchObject({ code: 'ERR_TIMEOUT', limit: 30 });
  stranger.destroy();
  await expect(
    connect({ port: server.port }, { admit: () => new Promise(() => undefined), timeout: 20 }),
  ).rejects.toMatchObject({ code: 'ERR_CONNECT' });
});

test('a reset whose reason is too long for a header resets all the same', async () => {
  const seen: Channel[] = [];
  const { here } = await twoPeers((peer) => peer.handleChannel('x', (one) => void seen.push(one)));
  const channel = here.open('x');
  await here.ping();
  channel.reset('r'.repeat(20_000));
  expect(channel.destroyed).toBe(true);
  await until(() => seen[0]?.destroyed === true, 'the other side heard of it');
});

test('events that nobody awaits and nobody reads are refused in the end', async () => {
  const port = await playServer((socket) => void socket.pause().write(HELLO));
  const here = await dialPeer(port, { heartbeatInterval: Infinity });
  const body = Buffer.alloc(1024 * 1024);
  const codes = new Set<unknown>();
  for (let i = 0; i < 40; i++) {
    here.notify('fill', i, { body }).catch((error: { code: string }) => codes.add(error.code));
  }
  await until(() => codes.size > 0, 'one is refused');
  expect([...codes]).toEqual(['ERR_QUEUE_FULL']);
  here.destroy();
});
