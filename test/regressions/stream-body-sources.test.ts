// Streamed sends that waited in line each listened to the socket, and Node warned of a leak. If `return` of a
// source gave no promise, its send ended with a TypeError.

import { expect, test } from 'vitest';
import { messageStream } from '../../src/stream/message-stream.ts';
import { tcpPair } from '../support/sockets.ts';

async function* oneByte(): AsyncGenerator<string> {
  yield 'x';
}

test('many streamed sends in line listen to the socket no more than one does', async () => {
  const { near } = await tcpPair();
  const stream = messageStream(near);
  const before = near.listenerCount('close');
  const sends = Array.from({ length: 20 }, () =>
    stream.send({ header: {}, body: oneByte(), bodyLength: 1 }),
  );
  expect(near.listenerCount('close')).toBeLessThanOrEqual(before + 1);
  await Promise.all(sends);
  expect(near.listenerCount('close')).toBe(before);
});

test('a source whose return gives no promise leaves the reason of the failure as it is', async () => {
  const { near } = await tcpPair();
  const source = {
    next: () => Promise.resolve({ done: false, value: 'too much' }),
    return: () => ({ done: true }),
  };
  const body = { [Symbol.asyncIterator]: () => source };
  const sent = messageStream(near).send({ header: {}, body, bodyLength: 1 } as never);
  await expect(sent).rejects.toMatchObject({ code: 'ERR_MESSAGE_BODY_MISMATCH' });
});
