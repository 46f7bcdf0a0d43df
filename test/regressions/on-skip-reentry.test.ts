// If a decoder was used inside its own onSkip, it gave frames out of order, and messages() gave a body to the
// header that was skipped.

import { expect, test } from 'vitest';
import type { Decoder } from '../../src/codec/codec.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { messageParts } from '../../src/message/message-parts.ts';
import { messages } from '../../src/message/messages.ts';
import { hex, join } from '../support/bytes.ts';

const frames = join([hex('00000004 61616161'), hex('00000001 62')]);
const bodies = join([
  ...messages().encode({ header: { n: 1 }, body: 'aaaa' }),
  ...messages().encode({ header: { n: 2 }, body: 'b' }),
]);

test.each([
  ['lengthPrefixed', lengthPrefixed({ maxPayloadLength: 3 }), frames],
  ['messages', messages({ maxBodyLength: 3 }), bodies],
  ['messageParts', messageParts({ maxBodyLength: 3 }), bodies],
])('%s refuses take and takeRest inside onSkip, and goes on afterwards', (_, codec, stream) => {
  const seen: unknown[] = [];
  const attempt = (call: () => unknown): void => {
    try {
      seen.push(call());
    } catch (error) {
      seen.push((error as { code: string }).code);
    }
  };
  const decoder: Decoder<unknown> = codec.decoder({
    onSkip: ({ code }) => {
      seen.push(code);
      attempt(() => decoder.take());
      attempt(() => decoder.takeRest?.());
    },
  });
  decoder.push(stream);
  expect(decoder.take()).toBeDefined();
  expect(seen.slice(1)).toEqual(['ERR_DECODER_BUSY', 'ERR_DECODER_BUSY']);
  expect(seen[0]).toMatch(/TOO_LARGE/);
});
