// A Uint8Array of a vm context (jsdom, an iframe, a sandboxed plug-in) was refused as a value that is no
// bytes.

import vm from 'node:vm';
import { expect, test } from 'vitest';
import { headerPrefixed } from '../../src/codec/header-prefixed.ts';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { netstrings } from '../../src/codec/netstrings.ts';
import { rawBytes } from '../../src/codec/raw-bytes.ts';
import { messageParts } from '../../src/message/message-parts.ts';
import { messages } from '../../src/message/messages.ts';
import { proveDecoder } from '../../src/prove/decoder/prove-decoder.ts';
import { resolveProveServerOptions } from '../../src/prove/server/options.ts';
import { hex, join, toHex } from '../support/bytes.ts';

function foreign(...bytes: number[]): Uint8Array {
  const made: unknown = vm.runInNewContext(`new Uint8Array([${bytes.join()}])`);
  expect(made).not.toBeInstanceOf(Uint8Array);
  // Another realm has other classes, so `instanceof` of this realm cannot recognise its values.
  return made as Uint8Array;
}

const sent: [string, () => Uint8Array[], string][] = [
  ['a payload', () => lengthPrefixed().encode(foreign(65)), '0000000141'],
  [
    'a whole frame',
    () => lengthPrefixed({ deliver: 'frame' }).encode(foreign(0, 0, 0, 1, 65)),
    '0000000141',
  ],
  [
    'parts',
    () =>
      lengthPrefixed({ before: 1, deliver: 'parts' }).encode({
        before: foreign(1),
        payload: foreign(65),
      }),
    '010000000141',
  ],
  [
    'fixed bytes',
    () => lengthPrefixed({ before: foreign(0xca) }).encode(hex('41')),
    'ca0000000141',
  ],
  [
    'a checksum',
    () => lengthPrefixed({ trailer: { length: 1, compute: () => foreign(7) } }).encode(hex('')),
    '0000000007',
  ],
  [
    'a length',
    () => {
      const prefix = {
        maxWidth: 1,
        fixed: true,
        read: (b: Uint8Array, at: number) => ({ length: b[at] ?? 0, width: 1 }),
        write: (n: number) => foreign(n),
      };
      return lengthPrefixed({ prefix }).encode(hex('41'));
    },
    '0141',
  ],
  [
    'a header',
    () =>
      headerPrefixed({
        header: { parse: (b) => b[0] ?? 0 },
        headerLength: 1,
        payloadLength: (length) => length,
        write: (_, length) => foreign(length),
      }).encode({ header: 0, payload: foreign(65) }),
    '0141',
  ],
  ['a netstring', () => netstrings().encode(foreign(65)), '313a412c'],
  ['raw bytes', () => rawBytes().encode(foreign(65)), '41'],
  [
    'a body',
    () =>
      messages({ prefix: 'u8' })
        .encode({ header: {}, body: foreign(65) })
        .slice(1),
    '41',
  ],
  ['a body part', () => messageParts().encode({ kind: 'body', bytes: foreign(65) }), '41'],
];

test.each(sent)('%s of another realm is sent', (_, encode, wanted) => {
  expect(toHex(join(encode()))).toBe(wanted);
});

test('a target of another realm is written', () => {
  const target = foreign(0, 0, 0, 0, 0);
  expect(lengthPrefixed().encodeInto(hex('41'), target, 0)).toBe(5);
  expect(Array.from(target)).toEqual([0, 0, 0, 1, 65]);
});

test.each([
  ['one', [[0, 0, 0, 2, 104, 105]]],
  ['several', [[0, 0, 0], [2, 104], [105]]],
])('%s chunks of another realm are read', (_, chunks) => {
  for (const codec of [lengthPrefixed(), rawBytes()]) {
    const decoder = codec.decoder();
    for (const bytes of chunks) {
      decoder.push(foreign(...bytes));
    }
    const all = Array.from(decoder, (bytes) => Array.from(bytes)).flat();
    expect(all.slice(-2)).toEqual([104, 105]);
  }
  const seen: number[][] = [];
  const decoder = lengthPrefixed().decoder();
  for (const bytes of chunks) {
    decoder.scan(foreign(...bytes), (b, start, end) => seen.push(Array.from(b).slice(start, end)));
  }
  expect(seen).toEqual([[104, 105]]);
});

test('the provers take them as samples and requests', async () => {
  const sample = foreign(0, 0, 0, 1, 65);
  const report = await proveDecoder(lengthPrefixed(), { samples: [sample], runs: 20 });
  expect(report.verdict).toBe('SAFE');
  const { requests } = resolveProveServerOptions({ to: '127.0.0.1:1', send: [sample] });
  expect(requests.map(toHex)).toEqual(['0000000141']);
});

test.each([
  ['text', 'hi'],
  ['a DataView', new DataView(new ArrayBuffer(4))],
  ['a Uint16Array', new Uint16Array(2)],
  ['an array', [1]],
  ['what only says so', { [Symbol.toStringTag]: 'Uint8Array', length: 1 }],
  ['nothing', null],
])('%s is still no bytes', (_, value) => {
  const wrong = value as never;
  expect(() => lengthPrefixed().decoder().push(wrong)).toThrow(
    expect.objectContaining({ code: 'ERR_OPTION' }),
  );
  const refusal = expect.objectContaining({ code: 'ERR_FRAME_UNENCODABLE' });
  for (const codec of [lengthPrefixed(), rawBytes(), netstrings()]) {
    expect(() => codec.encode(wrong)).toThrow(refusal);
  }
});
