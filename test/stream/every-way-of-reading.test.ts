// Promises that hold for every way of reading frames: no complete frame is lost, no two frames merge, and an
// end between frames is told apart from an end inside a frame.

import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { hex, join, utf8 } from '../support/bytes.ts';
import { resetAfter, tcpPair, write } from '../support/sockets.ts';
import { deferred, emitted, until } from '../support/waiting.ts';
import { allWays, framedWays } from '../support/ways-of-reading.ts';
import { lengthPrefixed } from '../../src/entries/main.ts';

const codec = lengthPrefixed();
const frame = (words: string): Uint8Array => join(codec.encode(utf8(words)));
const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `frame ${i}`);
const promptly = async (): Promise<void> => undefined;
const slowly = async (): Promise<void> => {
  await turn();
};
/** A frame whose prefix says five bytes, of which only two come. */
const HALF = hex('00000005 6865');
const TOO_LARGE = hex('ffffffff');

describe.each(allWays)('$name', ({ read, losesOnReset }) => {
  test('gives 1000 frames and then the end to a consumer that awaits after each', async () => {
    const { near, far } = await tcpPair();
    const expected = numbered(1000);
    far.end(join(expected.map(frame)));
    const { frames, error } = await read(near, slowly);
    expect(error).toBeUndefined();
    expect(frames).toEqual(expected);
  });

  test('gives frames that came in one-byte pieces one by one', async () => {
    const { near, far } = await tcpPair();
    const reading = read(near, promptly);
    for (const byte of join(['ab', 'c', 'def'].map(frame))) {
      await write(far, Uint8Array.of(byte));
      await turn();
    }
    far.end();
    expect(await reading).toEqual({ frames: ['ab', 'c', 'def'], error: undefined });
  });

  test('gives empty frames as frames', async () => {
    const { near, far } = await tcpPair();
    far.end(hex('00000000 00000001 61 00000000 00000000'));
    expect(await read(near, slowly)).toEqual({ frames: ['', 'a', '', ''], error: undefined });
  });

  test('ends with no frame and no error when the remote sends nothing', async () => {
    const { near, far } = await tcpPair();
    far.end();
    expect(await read(near, promptly)).toEqual({ frames: [], error: undefined });
  });

  test.each([
    ['prompt', promptly],
    ['slow', slowly],
  ])('gives the good frames before a bad one to a %s consumer', async (_, pause) => {
    const { near, far } = await tcpPair();
    const expected = numbered(100);
    await write(far, join([...expected.map(frame), TOO_LARGE]));
    const { frames, error } = await read(near, pause);
    expect(frames).toEqual(expected);
    expect(error).toMatchObject({ code: 'ERR_FRAME_TOO_LARGE', frameIndex: 100 });
  });

  test.each([
    ['prompt', promptly],
    ['slow', slowly],
  ])('reports FIN in mid-frame to a %s consumer, after the good frames', async (_, pause) => {
    const { near, far } = await tcpPair();
    const expected = numbered(100);
    far.end(join([...expected.map(frame), HALF]));
    const { frames, error } = await read(near, pause);
    expect(frames).toEqual(expected);
    expect(error).toMatchObject({ code: 'ERR_FRAME_TRUNCATED', frameIndex: 100, received: 6 });
  });

  test('reports FIN right after a prefix', async () => {
    const { near, far } = await tcpPair();
    far.end(join([frame('whole'), hex('00000005')]));
    const { frames, error } = await read(near, slowly);
    expect(frames).toEqual(['whole']);
    expect(error).toMatchObject({ code: 'ERR_FRAME_TRUNCATED', received: 4 });
  });

  test('reports RST in mid-frame after the good frames', async () => {
    const pair = await tcpPair();
    const expected = numbered(100);
    const sent = join([...expected.map(frame), HALF]);
    let count = 0;
    const reading = read(pair.near, async () => {
      // A stream of Node drops the bytes that it holds when its transport fails. So for those ways the reset
      // waits until the reader has read. A framed connection loses nothing, so there the reset need not wait.
      if (losesOnReset && ++count === expected.length) {
        await resetAfter(pair, sent.length);
      }
    });
    await write(pair.far, sent);
    if (!losesOnReset) {
      await resetAfter(pair, sent.length);
    }
    const { frames, error } = await reading;
    expect(frames).toEqual(expected);
    const reset: unknown = expect.objectContaining({ code: 'ECONNRESET' });
    expect(error).toBeInstanceOf(Error);
    expect([error, error instanceof Error && error.cause]).toContainEqual(reset);
  });
});

describe.each(framedWays)('$name of a framed connection', ({ read }) => {
  test('reports RST as ERR_CONNECTION_LOST with the remote address', async () => {
    const pair = await tcpPair();
    const remoteAddress = `127.0.0.1:${pair.near.remotePort}`;
    const reading = read(pair.near, promptly);
    await write(pair.far, HALF);
    await resetAfter(pair, HALF.length);
    const { error } = await reading;
    expect(error).toMatchObject({
      name: 'ConnectionError',
      code: 'ERR_CONNECTION_LOST',
      reason: 'ECONNRESET',
      remoteAddress,
    });
  });

  test('loses nothing of several chunks to a reset that comes while the consumer is busy', async () => {
    const pair = await tcpPair();
    const gate = deferred();
    const reading = read(pair.near, () => gate.promise);
    let sent = 0;
    for (const piece of [...['one', 'two', 'three'].map(frame), HALF]) {
      await write(pair.far, piece);
      sent += piece.length;
      await until(() => pair.near.bytesRead >= sent, 'the chunk read alone');
    }
    const broken = emitted(pair.near, 'close');
    await resetAfter(pair, sent);
    await broken;
    gate.resolve();
    const { frames, error } = await reading;
    expect(frames).toEqual(['one', 'two', 'three']);
    expect(error).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  });
});
