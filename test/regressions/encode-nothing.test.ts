// Where values are objects, encode(undefined) and encode(null) threw a TypeError of the engine.

import { describe, expect, test } from 'vitest';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { rawBytes } from '../../src/codec/raw-bytes.ts';
import { messageParts } from '../../src/message/message-parts.ts';
import { messages } from '../../src/message/messages.ts';

const codecs = {
  payload: lengthPrefixed(),
  parts: lengthPrefixed({ before: 1, deliver: 'parts' }),
  frame: lengthPrefixed({ deliver: 'frame' }),
  raw: rawBytes(),
  messages: messages(),
  messageParts: messageParts(),
};

describe.each(Object.entries(codecs))('a codec of %s', (_, codec) => {
  test.each([undefined, null, 7, 'text', [], {}])('refuses to encode %j', (value) => {
    const call = (): unknown => codec.encode(value as never);
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_FRAME_UNENCODABLE' }));
  });
});
