// The words of --frames, and where the frames of a format lie in given bytes.

import { describe, expect, test } from 'vitest';
import { frameSpans, parseFormat } from '../../src/cli/frame-spans.ts';
import { UsageError } from '../../src/errors.ts';
import { hex } from '../support/bytes.ts';

describe('a word of --frames', () => {
  test.each<[string, string, ...number[][]]>([
    ['u32be', '00000002 6869 00000000', [4, 6], [10, 10]],
    ['u8', '01 61', [1, 2]],
    ['varint', `8001 ${'61'.repeat(128)} 00`, [2, 130], [131, 131]],
    ['postgres', '51 00000006 4100 58 00000004', [5, 7], [12, 12]],
    ['kafka', '00000001 61', [4, 5]],
    ['amqp091', '080000 00000001 61 ce 080000 00000000 ce', [7, 9], [16, 17]],
    ['mqtt', '10 0161 c000', [2, 3], [5, 5]],
    ['http2', '000001 040000000000 61', [9, 10]],
    ['berTlv', '300161 0500', [2, 3], [5, 5]],
    ['syslogOctetCounting', '3120 61 31 20 62', [2, 3], [5, 6]],
  ])('%s tells where frames lie', (word, bytes, ...spans) => {
    let start = 0;
    const expected = spans.map(([payloadStart = 0, end = 0]) => {
      const span = { start, payloadStart, end };
      start = end;
      return span;
    });
    expect(frameSpans(hex(bytes), parseFormat(word))).toEqual(expected);
  });

  test.each(['u33be', '', 'toString', '__proto__', 'Postgres'])('may not be %j', (word) => {
    const call = (): unknown => parseFormat(word);
    expect(call).toThrow(UsageError);
    expect(call).toThrow(/A frame format cannot be the string .*Formats are .*u32be.*postgres/);
  });

  test.each([
    ['u32be', '00000002 61'],
    ['amqp091', '080000 00000000 cd'],
  ])('%s says which bytes are not its frames', (word, bytes) => {
    const given = hex(bytes);
    const call = (): unknown => frameSpans(given, parseFormat(word));
    expect(call).toThrow(/The requests are not frames of this format: .*frame 0, byte 0/);
  });
});
