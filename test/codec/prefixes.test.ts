// The table of length prefixes: every prefix in it can be read, written and named on the command line, and
// every property tries it. Incomplete rows are found.

import { describe, expect, expectTypeOf, test } from 'vitest';
import { lengthPrefixed } from '../../src/codec/length-prefixed.ts';
import { isPrefixName, PREFIX_NAMES } from '../../src/codec/prefixes.ts';
import type { FixedRow, LengthPrefix, PrefixRow, PREFIXES } from '../../src/codec/prefixes.ts';
import { parseFraming } from '../../src/framing/words.ts';
import { hex, join, toHex } from '../support/bytes.ts';
import { isVarint, WIDTHS } from '../support/slow-frames.ts';

test('the type of prefixes is the names of the table', () => {
  expectTypeOf<LengthPrefix>().toEqualTypeOf<keyof typeof PREFIXES>();
});

test('half a row does not compile', () => {
  // @ts-expect-error no byte order
  const noOrder: FixedRow = { kind: 'fixed', width: 9 };
  // @ts-expect-error a kind that nobody reads
  const noReader: PrefixRow = { kind: 'decimal', width: 4 };
  expect([noOrder, noReader]).toHaveLength(2);
});

describe.each(PREFIX_NAMES.filter(isPrefixName))('%s', (prefix) => {
  const word = parseFraming(prefix, '--frames', String);

  test('is a word of the command line', () => {
    expect(word).toEqual({ codec: 'lengthPrefixed', prefix });
  });

  test('is as wide as its name says, and known to the oracle', () => {
    const head = join(lengthPrefixed({ prefix }).encode(hex('')));
    expect(head).toHaveLength(isVarint(prefix) ? 1 : (WIDTHS[prefix] ?? NaN));
  });

  test('reads what it writes', () => {
    const codec = lengthPrefixed({ prefix });
    const decoder = codec.decoder();
    decoder.push(join(codec.encode(new Uint8Array(200).fill(7))));
    expect(decoder.take()).toEqual(new Uint8Array(200).fill(7));
  });
});

test('a varint in more bytes than it needs is refused where the format forbids it, at its last byte', () => {
  for (const bytes of ['8000', '80808000', '8200 6869', 'ff80808000']) {
    const strict = lengthPrefixed({ prefix: 'minimalVarint' }).decoder();
    strict.push(hex(bytes));
    expect(() => strict.take()).toThrow(
      expect.objectContaining({ code: 'ERR_PREFIX_MALFORMED', byteOffset: 0 }),
    );
  }
  const mild = lengthPrefixed({ prefix: 'varint' }).decoder();
  mild.push(hex('8200 6869'));
  expect(toHex(mild.take() ?? hex(''))).toBe('6869');
});
