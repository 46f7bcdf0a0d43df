// diagnostics_channel: what is published, and that nothing is published when there are no subscribers.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, onTestFinished, test } from 'vitest';
import { decodeStream, framed, lengthPrefixed } from '../../src/entries/main.ts';
import { hex, join, utf8 } from '../support/bytes.ts';
import { tcpPair, write } from '../support/sockets.ts';
import { rejection } from '../support/waiting.ts';

const codec = lengthPrefixed({ maxPayloadLength: 3 });
const frame = (words: string): Uint8Array => join(lengthPrefixed().encode(utf8(words)));

function listen(name: string): unknown[] {
  const seen: unknown[] = [];
  const note = (message: unknown): void => void seen.push(message);
  subscribe(name, note);
  onTestFinished(() => {
    unsubscribe(name, note);
  });
  return seen;
}

test.each(['for await', 'batches', 'scan'])(
  'unstick:frame has every value read by %s',
  async (way) => {
    const { near, far } = await tcpPair();
    const seen = listen('unstick:frame');
    far.end(join(['a', 'b'].map(frame)));
    const connection = framed(near);
    if (way === 'scan') {
      await connection.scan(() => undefined);
    } else if (way === 'batches') {
      for await (const batch of connection.batches()) {
        void batch;
      }
    } else {
      for await (const value of connection) {
        void value;
      }
    }
    expect(seen).toEqual(['a', 'b'].map((words) => ({ connection, value: Buffer.from(words) })));
  },
);

test('unstick:frame has the values of a decodeStream', async () => {
  const seen = listen('unstick:frame');
  const stream = decodeStream(codec);
  stream.end(frame('a'));
  for await (const value of stream) {
    void value;
  }
  expect(seen).toEqual([{ connection: stream, value: Buffer.from('a') }]);
});

test('unstick:error has a bad frame once, however often it is read', async () => {
  const { near, far } = await tcpPair();
  const seen = listen('unstick:error');
  const connection = framed(near, codec);
  await write(far, hex('ffffffff'));
  const error = await rejection(connection.receive());
  await rejection(connection.receive());
  expect(seen).toEqual([{ connection, error }]);
});

test('unstick:error has the loss of a connection, and not its regular end', async () => {
  const published = listen('unstick:error');
  const lost = await tcpPair();
  const connection = framed(lost.near);
  const reading = rejection(connection.receive());
  lost.far.resetAndDestroy();
  const error = await reading;
  expect(error).toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  const ended = await tcpPair();
  const other = framed(ended.near);
  ended.far.end();
  expect(await other.receive()).toBeUndefined();
  await other.end();
  other.destroy();
  // Sockets of other tests may still be closing, so count only those of this test.
  const seen = published.filter((message) => {
    const { connection: source } = Object(message);
    return source === connection || source === other;
  });
  expect(seen).toEqual([{ connection, error }]);
});

test('unstick:skip has every frame that was skipped', async () => {
  const { near, far } = await tcpPair();
  const seen = listen('unstick:skip');
  const skipped: unknown[] = [];
  const connection = framed(near, codec, { onSkip: (error) => skipped.push(error) });
  far.end(join([frame('large'), frame('ok')]));
  expect(String(await connection.receive())).toBe('ok');
  expect(skipped).toHaveLength(1);
  expect(seen).toEqual(skipped.map((error) => ({ connection, error })));
});
