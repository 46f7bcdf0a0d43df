// diagnose(): recognises what bytes are (text, HTTP, TLS) that make no sense as a length.

import { describe, expect, test } from 'vitest';
import { diagnose } from '../../src/codec/diagnose.ts';
import { hex, utf8 } from '../support/bytes.ts';

describe('diagnose', () => {
  test.each([
    ['GET / HTTP/1.1', 'HTTP'],
    ['POST /', 'HTTP'],
    ['HTTP/1.1 400 Bad Request', 'HTTP'],
    ['PRI * HTTP/2.0', 'HTTP'],
    ['SSH-2.0-OpenSSH', 'SSH'],
    ['220 mail.example', 'mail'],
    ['{"json": 1}', 'sending text'],
    ['hello', 'sending text'],
    ['hi', 'sending text'],
  ])('tells %j apart', (words, name) => {
    expect(diagnose(utf8(words))).toContain(name);
  });

  test.each(['16 03 01 00', '16 03 03', '16 03'])('knows the TLS record %s', (bytes) => {
    expect(diagnose(hex(bytes))).toContain('TLS');
  });

  test.each(['', '00', '41', 'ffffffff', '00000010', '16020000', '160305', '4745ff20'])(
    'says nothing of %s',
    (bytes) => {
      expect(diagnose(hex(bytes))).toBeUndefined();
    },
  );

  test('quotes four bytes at most', () => {
    expect(diagnose(utf8('secret payload'))).not.toContain('et p');
  });
});
