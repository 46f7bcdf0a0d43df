// After ERR_BODY_TOO_LARGE, the next take() delivered the refused body.

import { expect, test } from 'vitest';
import { messageParts } from '../../src/message/message-parts.ts';
import { messages } from '../../src/message/messages.ts';
import { join, utf8 } from '../support/bytes.ts';

test.each([
  ['messages', messages({ maxBodyLength: 3 })],
  ['messageParts', messageParts({ maxBodyLength: 3 })],
])('%s gives the same error again after a body that is too large', (_, codec) => {
  const decoder = codec.decoder();
  const stream = join(messages().encode({ header: {}, body: 'four' }));
  decoder.push(join([stream, utf8('more')]));
  const errors = [1, 2, 3].map(() => {
    try {
      return decoder.take();
    } catch (error) {
      return error;
    }
  });
  expect(errors[0]).toMatchObject({ code: 'ERR_BODY_TOO_LARGE', length: 4, limit: 3 });
  expect(errors[1]).toBe(errors[0]);
  expect(errors[2]).toBe(errors[0]);
  expect(decoder.done).toBe(false);
  expect(join(decoder.takeRest?.() ?? [])).toEqual(join([stream, utf8('more')]));
});
