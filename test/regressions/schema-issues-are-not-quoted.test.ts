// The issues that a schema reports were part of the error message, and some schemas quote the value in an
// issue.

import { expect, test } from 'vitest';
import type { StandardSchema } from '../../src/message/json-header.ts';
import { messages } from '../../src/message/messages.ts';
import { join } from '../support/bytes.ts';

test('the message of a refused header holds nothing of it; the issues are the cause', () => {
  const issues = [{ message: 'must be a number (was "secret")' }];
  const parseHeader: StandardSchema<never> = {
    '~standard': { version: 1, vendor: 'test', validate: () => ({ issues }) },
  };
  const decoder = messages({ parseHeader }).decoder();
  decoder.push(join(messages().encode({ header: { word: 'secret' } })));
  const refusal = { code: 'ERR_MESSAGE_HEADER_INVALID', reason: 'schema', cause: issues };
  expect(() => decoder.take()).toThrow(expect.objectContaining(refusal));
  expect(() => decoder.take()).not.toThrow('secret');
});
