// Netstrings in defineCodec(): the shortest whole codec, as docs/framing-recipes.md builds it.

import { defineCodec } from '../../src/codec/define-codec.ts';

const utf8 = new TextEncoder();
const [ZERO, NINE, COLON, COMMA] = [48, 57, 58, 44];

export const netstringCodec = defineCodec({
  maxLength: 1000,
  encode: (payload: Uint8Array) => [utf8.encode(`${payload.length}:`), payload, utf8.encode(',')],
  next(queue) {
    let [at, length] = [0, 0];
    for (let byte = queue.byteAt(0); byte !== COLON || at === 0; byte = queue.byteAt(++at)) {
      if (byte === undefined) {
        return undefined;
      }
      if (byte < ZERO || byte > NINE || at === 9 || (at === 1 && length === 0)) {
        return queue.refuse('A netstring starts with decimal digits and a colon');
      }
      length = length * 10 + byte - ZERO;
    }
    const end = at + 1 + length;
    if (!queue.hasFrame(end + 1)) {
      return undefined;
    }
    if (queue.byteAt(end) !== COMMA) {
      return queue.refuse('A netstring ends with a comma');
    }
    const payload = queue.peek(length, at + 1);
    queue.skip(end + 1);
    return payload;
  },
});
