// If parseHeader was an async function, a promise became the header, and its rejection was unhandled.

import { expect, test } from 'vitest';
import { messages } from '../../src/message/messages.ts';
import { join } from '../support/bytes.ts';

test.each([
  ['resolves', async () => Promise.resolve({})],
  ['rejects', async () => Promise.reject(new Error('no'))],
  [
    'is a schema that resolves',
    {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: async () => Promise.resolve({ value: {} }),
      },
    },
  ],
])(
  'a parseHeader that %s later is a bug of ours, not a header that is refused',
  (_, parseHeader) => {
    const codec = messages({ parseHeader });
    const decoder = codec.decoder();
    decoder.push(join(codec.encode({ header: {} })));
    const refusal = { name: 'UsageError', code: 'ERR_OPTION' };
    expect(() => decoder.take()).toThrow(expect.objectContaining(refusal));
  },
);
