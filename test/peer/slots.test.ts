// Channels end whatever their handlers leave open, so that none of them uses up a place of `maxChannels`.

import { describe, expect, test } from 'vitest';
import type { Channel, ChannelHandler } from '../../src/entries/peer.ts';
import { twoPeers } from '../support/peers.ts';
import { emitted, rejection, turns, until } from '../support/waiting.ts';

const read = async (channel: Channel): Promise<string> => {
  let text = '';
  for await (const bytes of channel) {
    text += String(bytes);
  }
  return text;
};

const finish = async (channel: Channel): Promise<void> => {
  channel.end('x');
  await emitted(channel, 'finish');
  channel.resume();
};

const HANDLERS: Readonly<Record<string, readonly [ChannelHandler, (one: Channel) => unknown]>> = {
  'only reads, with for await': [
    async (channel) => {
      for await (const _ of channel) {
      }
    },
    finish,
  ],
  'only writes': [(channel) => void channel.end('hello'), read],
  'only writes, to an opener that wrote': [
    (channel) => void channel.end('hello'),
    async (channel) => {
      channel.end('never read');
      await read(channel);
    },
  ],
  'is asynchronous and only writes': [
    async (channel) => {
      await turns(1);
      channel.write('hello');
    },
    read,
  ],
  'is asynchronous and does nothing': [() => Promise.resolve(), finish],
  'gives a thenable of its own': [
    // eslint-disable-next-line unicorn/no-thenable
    () => ({ then: (done: () => void) => setImmediate(done) }),
    finish,
  ],
};

describe('a handler uses no place up that', () => {
  test.each(Object.entries(HANDLERS))('%s', async (_, [handler, use]) => {
    const { here } = await twoPeers((peer) => peer.handleChannel('x', handler), { maxChannels: 4 });
    for (let i = 0; i < 40; i++) {
      const channel = here.open('x');
      await use(channel);
      expect(channel.errored).toBeNull();
    }
  });
});

test('what is piped into a channel goes on after its handler is done', async () => {
  const { here } = await twoPeers((peer) =>
    peer.handleChannel('echo', async (channel) => {
      channel.pipe(channel);
      await turns(1);
    }),
  );
  const channel = here.open('echo');
  await turns(20);
  channel.end('still there');
  expect(await read(channel)).toBe('still there');
});

test('a handler that only listens has its half ended after the channelTimeout', async () => {
  const { here } = await twoPeers(
    (peer) => peer.handleChannel('x', (channel) => void channel.on('data', () => undefined)),
    { channelTimeout: 40, maxChannels: 1 },
  );
  for (let i = 0; i < 3; i++) {
    const channel = here.open('x');
    channel.end('x');
    expect(await read(channel)).toBe('');
  }
});

test('one that is read later is there as long as there is room', async () => {
  const kept: Channel[] = [];
  const { here } = await twoPeers(
    (peer) =>
      peer.handleChannel('keep', (channel) => {
        channel.end();
        kept.push(channel);
      }),
    { maxChannels: 4 },
  );
  for (let i = 0; i < 8; i++) {
    const channel = here.open('keep', i);
    channel.end(`number ${i}`);
    await read(channel);
  }
  await until(() => kept.length === 8, 'all came');
  expect(await Promise.all(kept.map(read))).toEqual(kept.map((_, i) => `number ${i}`));
});

describe('a channel that stands still', () => {
  test('because the other side does not read is reset after the channelTimeout', async () => {
    const given: Channel[] = [];
    const { here } = await twoPeers(
      (peer) =>
        peer.handleChannel('give', (channel) => {
          given.push(channel);
          channel.end(Buffer.alloc(2 ** 20));
        }),
      { channelTimeout: 50 },
    );
    const channel = here.open('give');
    await emitted(channel, 'error');
    expect(channel.errored).toMatchObject({ code: 'ERR_CHANNEL_RESET', reason: 'STALLED' });
    expect(given[0]?.errored).toMatchObject({ code: 'ERR_TIMEOUT', limit: 50, reason: 'credit' });
  });

  test('because nobody reads it here likewise, and one that has nothing to say stays', async () => {
    const { here } = await twoPeers((peer) => peer.handleChannel('keep', () => undefined), {
      channelTimeout: 50,
    });
    const idle = here.open('keep');
    const channel = here.open('keep');
    channel.write('x');
    await emitted(channel, 'error');
    expect(channel.errored).toMatchObject({ remoteReason: 'STALLED' });
    expect(idle.destroyed).toBe(false);
    idle.destroy();
  });

  test('because there is no room for it fails, and says so', async () => {
    const { here } = await twoPeers(
      (peer) => peer.handleChannel('keep', () => undefined),
      { maxChannels: 1 },
      { channelTimeout: 50 },
    );
    const first = here.open('keep');
    const second = here.open('keep');
    await emitted(second, 'error');
    expect(second.errored).toMatchObject({ code: 'ERR_TIMEOUT', reason: 'opening' });
    first.destroy();
  });
});

describe('open', () => {
  test('fails after its timeout where there is no room, and is never opened', async () => {
    let opened = 0;
    const { here } = await twoPeers((peer) => peer.handleChannel('keep', () => void opened++), {
      maxChannels: 1,
    });
    const first = here.open('keep', null, { timeout: 30 });
    const second = here.open('keep', null, { timeout: 30 });
    await emitted(second, 'error');
    expect(second.errored).toMatchObject({ code: 'ERR_TIMEOUT', limit: 30 });
    expect(first.destroyed).toBe(false);
    first.destroy();
    await here.ping();
    expect(opened).toBe(1);
  });

  test('ends with its signal', async () => {
    const { here } = await twoPeers((peer) => peer.handleChannel('keep', () => undefined));
    const abort = new AbortController();
    const channel = here.open('keep', null, { signal: abort.signal });
    await here.ping();
    abort.abort(new Error('enough'));
    await emitted(channel, 'close');
    expect(channel.errored).toMatchObject({ code: 'ERR_ABORTED', cause: { message: 'enough' } });
    const late = here.open('keep', null, { signal: abort.signal });
    await emitted(late, 'close');
    expect(late.errored).toMatchObject({ code: 'ERR_ABORTED' });
  });
});

describe('a handler of requests that never answers', () => {
  test('is answered for, aborted and reported after the handlerTimeout', async () => {
    const reasons: unknown[] = [];
    const { here, errors } = await twoPeers(
      (peer) =>
        peer.handle('never', (_, { signal }) => {
          signal.addEventListener('abort', () => reasons.push(signal.reason));
          return new Promise(() => undefined);
        }),
      { handlerTimeout: 40, maxPendingRequests: 2 },
    );
    for (let i = 0; i < 2; i++) {
      expect(await rejection(here.request('never'))).toMatchObject({
        remoteCode: 'HANDLER_TIMEOUT',
      });
    }
    expect(reasons).toMatchObject([{ code: 'ERR_TIMEOUT' }, { code: 'ERR_TIMEOUT' }]);
    expect(errors).toMatchObject([{ reason: 'handler', limit: 40 }, { reason: 'handler' }]);
    // Two of them run on.
    expect(await rejection(here.request('never'))).toMatchObject({ remoteCode: 'BUSY' });
  });
});
