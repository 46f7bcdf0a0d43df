// Two faults of a message stream. A value that is no message threw a TypeError of the engine. And a message
// with a field `kind` of its own was taken for a part of a message.

import { expect, test } from 'vitest';
import { messageStream } from '../../src/stream/message-stream.ts';
import { tcpPair } from '../support/sockets.ts';

for (const value of [null, undefined, 'text', 7]) {
  test(`refuses ${String(value)} as a message`, async () => {
    const { near } = await tcpPair();
    await expect(messageStream(near).send(value as never)).rejects.toMatchObject({
      name: 'UsageError',
      code: 'ERR_FRAME_UNENCODABLE',
    });
  });
}

test('sends header and body of a message that has other fields as well', async () => {
  const { near, far } = await tcpPair();
  const greeting = { kind: 'end', header: { said: 'hello' }, body: 'hi' };
  await messageStream(near).send(greeting);
  const received = await messageStream(far).receive();
  expect(received?.header).toEqual({ said: 'hello', bodyLength: 2 });
  expect(await received?.text()).toBe('hi');
});
