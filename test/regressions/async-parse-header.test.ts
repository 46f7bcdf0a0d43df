// An async parseHeader function gave a promise as the header, and its rejection went unhandled.

import { expect, it } from 'vitest';
import { messages } from '../../src/message/messages.ts';
import { join } from '../support/bytes.ts';

it.each([
  ['resolves', async () => Promise.resolve({})],
  ['rejects', async () => Promise.reject(new Error('no'))],
])('a parseHeader that %s later is refused as a schema', (_, parseHeader) => {
  const codec = messages({ parseHeader });
  const decoder = codec.decoder();
  decoder.push(join(codec.encode({ header: {} })));
  const refusal = { code: 'ERR_MESSAGE_HEADER_INVALID', reason: 'schema' };
  expect(() => decoder.take()).toThrow(expect.objectContaining(refusal));
});
