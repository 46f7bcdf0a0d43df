// Many channels on one connection: a slow channel stops only its own writer, and all channels take turns.

import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Channel } from '../../src/entries/peer.ts';
import { anyOf, keeping, opened, text } from '../support/channels.ts';
import { twoPeers } from '../support/peers.ts';
import { deferred, emitted, settled, turns, until } from '../support/waiting.ts';

describe('a reader that stops', () => {
  test('stops its writer when the window is full, and nobody else', async () => {
    const { setup, taken } = keeping();
    const window = 64 * 1024;
    const { here } = await twoPeers(setup, { window });
    const [near, far] = await opened(here, taken);
    let written = 0;
    const source = new Readable({
      read() {
        written += 16 * 1024;
        this.push(Buffer.alloc(16 * 1024, 1));
      },
    });
    source.pipe(near);
    await settled(() => written);
    // The window, what the two streams hold, and the source's own buffer.
    expect(written).toBeLessThan(window + 300 * 1024);
    const other = here.open('echo');
    other.end('other');
    expect(await text(other)).toBe('other');
    expect((await here.request('echo', 1)).result).toBe(1);
    let read = 0;
    far.on('data', (bytes: Buffer) => {
      read += bytes.length;
    });
    await until(() => read > 4 * 2 ** 20, 'it goes on');
    source.destroy();
    near.destroy();
  });

  test('loses nothing when it goes on', async () => {
    const { setup, taken } = keeping();
    const { here } = await twoPeers(setup, { window: 1000 });
    const [near, far] = await opened(here, taken);
    near.end(Buffer.from(Array.from({ length: 20_000 }, (_, i) => i % 251)));
    const seen: Buffer[] = [];
    for await (const bytes of far) {
      seen.push(Buffer.from(bytes));
      await turns(3);
    }
    const whole = Buffer.concat(seen);
    expect(whole).toHaveLength(20_000);
    expect(whole.every((byte, i) => byte === i % 251)).toBe(true);
  });

  test('that never reads costs its window: thousands of one-byte writes are few bytes', async () => {
    const { setup, taken } = keeping();
    const { here } = await twoPeers(setup, { window: 4096 });
    const [near, far] = await opened(here, taken);
    let done = 0;
    for (let i = 0; i < 100_000; i++) {
      near.write(Buffer.of(i & 0xff), () => done++);
    }
    await settled(() => done);
    expect(done).toBeLessThan(100_000);
    let next = 0;
    let inOrder = true;
    far.on('data', (bytes: Buffer) => {
      for (const byte of bytes) {
        inOrder &&= byte === (next++ & 0xff);
      }
    });
    await until(() => next === 100_000, 'all came');
    expect(inOrder).toBe(true);
  });
});

describe('many channels', () => {
  test('300 at once take turns in 128 places, and all are served', async () => {
    let open = 0;
    let most = 0;
    const { here } = await twoPeers((peer) => {
      peer.handleChannel('echo', (channel) => {
        most = Math.max(most, ++open);
        channel.pipe(channel);
        channel.once('close', () => open--);
      });
    });
    const texts = await Promise.all(
      Array.from({ length: 300 }, (_, i) => {
        const channel = here.open('echo', i);
        channel.write(`number `);
        channel.end(String(i));
        return text(channel);
      }),
    );
    expect(texts).toEqual(Array.from({ length: 300 }, (_, i) => `number ${i}`));
    expect(most).toBeLessThanOrEqual(256);
    expect(most).toBeGreaterThan(1);
  });

  test('beyond the limit wait, with what was written to them, until one is closed', async () => {
    const { setup, taken } = keeping();
    const { here } = await twoPeers(setup, { maxChannels: 2 });
    const channels = ['a', 'b', 'c'].map((params) => {
      const channel = here.open('take', params);
      channel.write(params);
      return channel;
    });
    await until(() => taken.length === 2, 'two came');
    await turns(20);
    expect(taken).toHaveLength(2);
    channels[0]?.reset();
    await until(() => taken.length === 3, 'the third came');
    const [third] = taken.slice(2);
    if (third === undefined) {
      throw new Error('no third');
    }
    const [bytes]: unknown[] = await third.take(1).toArray();
    expect(String(bytes)).toBe('c');
  });

  test('that are opened and reset at once leave room for those after them', async () => {
    const { here } = await twoPeers(anyOf);
    for (let i = 0; i < 1000; i++) {
      here.open('take').reset();
    }
    const channel = here.open('echo');
    channel.end('the last');
    expect(await text(channel)).toBe('the last');
  });

  test('opened before the hello wait for it', async () => {
    let early: Channel | undefined;
    await twoPeers(
      anyOf,
      {},
      {
        setup: (peer) => {
          early = peer.open('echo');
          early.end('early');
        },
      },
    );
    if (early === undefined) {
      throw new Error('not opened');
    }
    expect(await text(early)).toBe('early');
  });
});

test('an answer waits for nobody: it overtakes bytes that wait for credit', async () => {
  const gate = deferred();
  const { here } = await twoPeers((peer) => {
    peer.handleChannel('slow', async (channel) => {
      await gate.promise;
      channel.resume();
    });
    peer.handle('echo', (params) => params);
  });
  const slow = here.open('slow');
  slow.end(Buffer.alloc(2 ** 20));
  expect((await here.request('echo', 'fast')).result).toBe('fast');
  expect(slow.writableFinished).toBe(false);
  gate.resolve();
  await emitted(slow, 'finish');
});
