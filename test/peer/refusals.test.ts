// Every function of peers refuses wrong options with a readable message, and no message has raw text of a
// remote.

import { describe, expect, test } from 'vitest';
import { connect, listen, reply, RemoteError } from '../../src/entries/peer.ts';
import type { Peer } from '../../src/entries/peer.ts';
import { HELLO, messageBytes, playClient, startPeers, twoPeers } from '../support/peers.ts';
import { emitted, rejection, until } from '../support/waiting.ts';

/** Calls with arguments that the types would refuse. */
const CALLS: Readonly<Record<string, (peer: Peer, wrong: never) => unknown>> = {
  request: (peer, wrong) => peer.request('x', null, wrong),
  notify: (peer, wrong) => peer.notify('x', null, wrong),
  open: (peer, wrong) => peer.open('x', null, wrong),
  ping: (peer, wrong) => peer.ping(wrong),
  close: (peer, wrong) => peer.close(wrong),
  connect: (_, wrong) => connect({ port: 1 }, wrong),
  'connect, the address': (_, wrong) => connect(wrong),
  listen: (_, wrong) => listen(() => undefined, wrong),
};

const WRONG: readonly (readonly [string, unknown, RegExp])[] = [
  ['request', { timout: 5 }, /request has no option "timout"/],
  ['request', { timeout: '5' }, /timeout must be .* not the string "5"/],
  ['request', { timeout: -1 }, /timeout must be/],
  ['request', { signal: 5 }, /signal must be an AbortSignal/],
  ['request', null, /takes an options object, not null/],
  ['notify', { timeout: 5 }, /notify has no option "timeout"/],
  ['open', { body: 'x' }, /open has no option "body"/],
  ['open', { timeout: Number.NaN }, /timeout must be/],
  ['ping', { timeout: '5' }, /timeout must be/],
  ['ping', { within: 5 }, /ping has no option/],
  ['close', { timeout: 5 }, /close has no option "timeout". It has within/],
  ['close', { within: '5' }, /within must be/],
  ['connect', { timeout: 0 }, /timeout must be .*For no limit say Infinity/],
  ['connect', { retry: { attempts: 0 } }, /retry.attempts must be/],
  ['connect', { retry: { atempts: 2 } }, /retry has no option/],
  ['connect', { retry: { minDelay: 50, maxDelay: 5 } }, /longer than/],
  ['connect', { retry: 3 }, /takes an options object/],
  ['connect', { setup: 5 }, /setup must be a function/],
  ['connect', { admit: 5 }, /admit must be a function/],
  ['connect', { helloTimeout: 0 }, /helloTimeout must be .*Infinity/],
  ['connect', { maxConnections: 5 }, /connect has no option/],
  ['connect, the address', { port: '9000' }, /port must be .* not the string "9000"/],
  ['connect, the address', { port: 9000, hots: 'x' }, /has no option "hots"/],
  ['connect, the address', { port: 9000, host: 5 }, /host must be text of/],
  ['connect, the address', { port: 9000, path: '/x' }, /a unix socket has neither/],
  ['connect, the address', { port: 9000, tls: true }, /tls must be an options object/],
  ['connect, the address', 9000, /takes an options object, not 9000/],
  ['listen', { tls: true }, /tls must be an options object/],
  ['listen', { tls: {} }, /tls has no certificate/],
  ['listen', { tls: null }, /tls must be an options object/],
  ['listen', { reusePort: 1 }, /reusePort must be true or false, not 1/],
  ['listen', { path: '/x', reusePort: true }, /reusePort is given beside path/],
  ['listen', { listen: false }, /listen has no option "listen"/],
  ['listen', { handshakeTimeout: 5 }, /listen has no option "handshakeTimeout"/],
  ['listen', { port: '9000' }, /port must be .* not the string "9000"/],
  ['listen', { maxConnections: -1 }, /maxConnections must be/],
  ['listen', { admit: 'x' }, /admit must be a function/],
  ['listen', { signal: {} }, /signal must be an AbortSignal/],
  ['listen', { admitTimeout: 0 }, /admitTimeout must be/],
  ['listen', { floodRate: 0 }, /floodRate must be/],
  ['listen', { floodBurst: 0 }, /floodBurst must be/],
  ['listen', { maxBodyLength: 4095 }, /maxBodyLength must be .* from 4096/],
  ['listen', { grace: 5 }, /listen has no option "grace"/],
];

test.each(WRONG)('%s refuses %j', async (call, wrong, message) => {
  const { here } = await twoPeers(() => undefined);
  const act = async (): Promise<unknown> => CALLS[call]?.(here, wrong as never);
  expect(await rejection(act())).toMatchObject({
    name: 'UsageError',
    code: 'ERR_OPTION',
    message: expect.stringMatching(message),
  });
  await here.ping();
});

test('names that are no text, bodies that are no bytes and handlers that are none are refused', async () => {
  const { here } = await twoPeers(() => undefined);
  const wrong = 5 as never;
  for (const act of [
    () => here.request(wrong),
    () => here.notify(wrong),
    async () => here.open(wrong),
    async () => here.handle(wrong, () => 1),
    async () => here.handle('x', wrong),
    async () => here.handleEvent('x', wrong),
    async () => here.handleChannel('x', wrong),
  ]) {
    expect(await rejection(act())).toMatchObject({ code: 'ERR_OPTION' });
  }
  expect(() => reply(1, wrong)).toThrow(expect.objectContaining({ code: 'ERR_FRAME_UNENCODABLE' }));
});

const EVIL = '\u001b]0;title\u0007\u001b[2J\nSep 01 sshd: Accepted\u009b31m\u202e';
// eslint-disable-next-line no-control-regex
const RAW = /[\u0000-\u001f\u007f-\u009f\u202e]/;

describe('text of a remote', () => {
  test('is raw in the field and escaped in the message of a reset', async () => {
    const { here } = await twoPeers((peer) =>
      peer.handleChannel(EVIL, (channel) => channel.reset(EVIL)),
    );
    const channel = here.open(EVIL);
    await emitted(channel, 'error');
    expect(channel.errored).toMatchObject({ remoteReason: EVIL });
    expect(channel.errored?.message).not.toMatch(RAW);
    expect(channel.errored?.message.length).toBeLessThan(500);
  });

  test('is raw in the fields and escaped in the message of a RemoteError', async () => {
    const { here } = await twoPeers((peer) =>
      peer.handle('x', () => {
        throw new RemoteError(EVIL, EVIL.repeat(100), { details: EVIL });
      }),
    );
    const error = await rejection(here.request('x'));
    expect(error).toMatchObject({
      remoteCode: EVIL,
      remoteMessage: EVIL.repeat(100),
      details: EVIL,
    });
    expect(String(error)).not.toMatch(RAW);
    expect(String(error).length).toBeLessThan(300);
  });

  test('is escaped where it names nothing that is handled, and where its kind is none', async () => {
    const { here } = await twoPeers(() => undefined);
    expect(await rejection(here.request(EVIL))).toMatchObject({ remoteCode: 'NO_HANDLER' });
    expect(String(await rejection(here.request(EVIL)))).not.toMatch(RAW);
    const met: Peer[] = [];
    const server = await startPeers((peer) => void met.push(peer));
    const stranger = await playClient(server.port);
    stranger.resume();
    stranger.write(Buffer.concat([HELLO, messageBytes({ kind: EVIL })]));
    await until(() => met[0]?.failure !== undefined, 'it was found out');
    expect(String(met[0]?.failure)).not.toMatch(RAW);
  });
});

describe('without onError', () => {
  const ours = new Error('of our own');
  const CASES: Readonly<Record<string, readonly [number, (peer: Peer) => void]>> = {
    'a bug of a handler warns': [1, (peer) => peer.handle('x', () => Promise.reject(ours))],
    'a handler that is cancelled does not': [
      0,
      (peer) =>
        peer.handle('x', (_, { signal }) => {
          return new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason));
          });
        }),
    ],
    'a RemoteError does not': [
      0,
      (peer) =>
        peer.handle('x', () => {
          throw new RemoteError('E', 'no');
        }),
    ],
  };

  test.each(Object.entries(CASES))('%s', async (_, [count, setup]) => {
    const warnings: unknown[] = [];
    const warn = (warning: unknown): void => void warnings.push(warning);
    process.on('warning', warn);
    const { here } = await twoPeers(setup, { onError: undefined });
    await rejection(here.request('x', null, { timeout: 30 }));
    await here.ping();
    await here.close();
    process.off('warning', warn);
    expect(warnings).toHaveLength(count);
  });
});
