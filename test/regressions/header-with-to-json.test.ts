// A header with a toJSON function was written as the value that toJSON returned, without its body length. The
// body was then read as the next message.

import { expect, test } from 'vitest';
import { messages } from '../../src/message/messages.ts';

test('a header that would write itself is refused', () => {
  const header = { toJSON: () => ({ a: 1 }) };
  const call = (): unknown => messages().encode({ header, body: 'body' });
  expect(call).toThrow(expect.objectContaining({ code: 'ERR_FRAME_UNENCODABLE' }));
});
