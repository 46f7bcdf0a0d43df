// messageParts() ignored onSkip: a body that was too large ended the decoder even if there was an onSkip.

import { expect, test } from 'vitest';
import { messageParts } from '../../src/message/message-parts.ts';
import { messages } from '../../src/message/messages.ts';
import { inPieces, join } from '../support/bytes.ts';

test('messageParts with onSkip drops a message that is too large, and goes on', () => {
  const skipped: unknown[] = [];
  const decoder = messageParts({ maxBodyLength: 3 }).decoder({
    onSkip: ({ code, byteOffset, frameIndex }) => skipped.push([code, byteOffset, frameIndex]),
  });
  const kinds: string[] = [];
  const stream = ['ok', 'four', '', 'end'].flatMap((body) =>
    messages().encode({ header: {}, body }),
  );
  for (const byte of inPieces(join(stream), 1)) {
    decoder.push(byte);
    for (const { kind } of decoder) {
      kinds.push(kind);
    }
  }
  decoder.end();
  expect(decoder.take()).toBeUndefined();
  expect(decoder.done).toBe(true);
  expect(kinds.join(' ')).toBe('head body body end head end head body body body end');
  expect(skipped).toEqual([['ERR_BODY_TOO_LARGE', 22, 1]]);
});
