// rawBytes() took text for bytes, and returned the text.

import { expect, test } from 'vitest';
import { rawBytes } from '../../src/codec/raw-bytes.ts';

test('a decoder of raw bytes refuses text', () => {
  const text: unknown = 'text';
  const call = (): void =>
    rawBytes()
      .decoder()
      .push(text as Uint8Array);
  expect(call).toThrow(expect.objectContaining({ name: 'UsageError', code: 'ERR_OPTION' }));
});
