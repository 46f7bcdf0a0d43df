// The same conversation over a proxy that cuts, joins and delays bytes: both sides receive the same messages.

import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { ChopOptions } from '../../src/chop/chop-options.ts';
import { peer, reply } from '../../src/entries/peer.ts';
import type { Channel, Peer } from '../../src/entries/peer.ts';
import { proxyTo } from '../chop/sockets.ts';
import { cutPair } from '../support/cut-pair.ts';
import { dialPeer, startPeers } from '../support/peers.ts';
import { rejection } from '../support/waiting.ts';

function digest(channel: Channel): Promise<string> {
  const hash = createHash('sha256');
  channel.on('data', (bytes: Buffer) => hash.update(bytes));
  return new Promise((resolve, reject) => {
    channel.once('end', () => resolve(hash.digest('hex')));
    channel.once('error', reject);
  });
}

/** Everything that a peer has, small: what is said and heard by both sides, and how it ends. */
async function converse(here: Peer, heard: unknown[], length: number): Promise<unknown[]> {
  const said: unknown[] = [];
  await here.ready;
  const channel = here.open('echo', { of: 'bytes' });
  const back = digest(channel);
  channel.write(Buffer.alloc(length, 'abc'));
  const answers = Array.from({ length: 5 }, (_, i) =>
    here.request('double', i, { body: `body ${i}` }),
  );
  for (const word of ['粘', '包', '']) {
    void here.notify('said', word);
  }
  for (const { result, body } of await Promise.all(answers)) {
    said.push([result, String(body)]);
  }
  channel.end('last');
  said.push(await back);
  said.push(Object(await rejection(here.request('nobody'))).remoteCode);
  const refused = here.open('nobody');
  await new Promise((resolve) => {
    refused.once('error', resolve);
  });
  said.push(Object(refused.errored).reason);
  const before = here.request('heard');
  await here.close();
  said.push((await before).result, here.failure);
  return [said, heard.splice(0)];
}

function setup(heard: unknown[]): (peer: Peer) => void {
  return (there) => {
    there.handle('double', (params, { body }) =>
      reply(Number(params) * 2, Buffer.concat([body, body])),
    );
    there.handle('heard', () => heard.length);
    there.handleEvent('said', (params) => void heard.push(params));
    there.handleChannel('echo', (channel, params) => {
      heard.push(params);
      channel.pipe(channel);
    });
  };
}

const chopped: [string, Omit<ChopOptions, 'listen' | 'to'>, number][] = [
  ['pieces of 700 bytes', { plan: 'mtu:700', patience: 5, pause: 1 }, 3000],
  ['pieces of 100 bytes', { plan: 'mtu:100', patience: 5, pause: 1 }, 300],
  ['pieces held together while the sender goes on', { plan: 'coalesce', quietTime: 2 }, 3000],
  ['halves, each late', { plan: 'halves', faults: ['delay:0-3ms'], seed: 3, quietTime: 2 }, 500],
];

test.each(chopped)('a conversation in %s over a proxy is the same', async (_, options, length) => {
  const heard: unknown[] = [];
  const server = await startPeers(setup(heard), { heartbeatInterval: Infinity });
  const proxy = await proxyTo(server.port, options);
  const straight = await converse(await dialPeer(server.port), heard, length);
  expect(await converse(await dialPeer(proxy.port), heard, length)).toEqual(straight);
  expect(server.errors).toEqual([]);
});

test.each([1, 2, 7, 1000])('a conversation in pieces of %s in memory is the same', async (size) => {
  const heard: unknown[] = [];
  const server = await startPeers(setup(heard), { window: 1000 });
  const straight = await converse(await dialPeer(server.port), heard, 5000);
  const [near, far] = cutPair(() => size);
  const there = peer(far, { window: 1000 });
  setup(heard)(there);
  expect(await converse(peer(near), heard, 5000)).toEqual(straight);
  await there.closed;
  expect(there.failure).toBeUndefined();
});

test.each(['rst@200', 'fin@200'])(
  'a connection that is cut by %s is lost for both, and said to be',
  async (fault) => {
    const met: Peer[] = [];
    const server = await startPeers((there) => {
      met.push(there);
      there.handle('echo', (params) => params);
    });
    const proxy = await proxyTo(server.port, { faults: [fault], direction: 'to-server' });
    const here = await dialPeer(proxy.port);
    const answers = Array.from({ length: 20 }, (_, i) => here.request('echo', i));
    const ends = await Promise.allSettled(answers);
    expect(ends.some(({ status }) => status === 'rejected')).toBe(true);
    await Promise.all([here.closed, met[0]?.closed]);
    expect(here.failure).toMatchObject({ name: 'ConnectionError' });
    expect(met[0]?.failure).toBeDefined();
  },
);
