// Heads by the name of their format: directions, markers and escapes, and values that are no plain numbers.

import { describe, expect, test } from 'vitest';
import { fieldsOf } from '../../src/heads/fields.ts';
import { HEAD_NAMES, headOf } from '../../src/heads/heads.ts';
import type { HeadField } from '../../src/heads/head-field.ts';
import { FORMAT_NAMES } from '../support/format-vectors.ts';
import { hex } from '../support/bytes.ts';

function values(fields: readonly HeadField[] | undefined): unknown {
  return fields && Object.fromEntries(fields.map(({ name, value }) => [name, value]));
}

const place = { offset: 0, payloadOffset: 4, direction: 'a>b' } as const;

describe('a declared head', () => {
  test('is that of a format, and there are many', () => {
    expect(HEAD_NAMES.length).toBeGreaterThanOrEqual(15);
    expect(HEAD_NAMES.filter((name) => !FORMAT_NAMES.some((one) => one === name))).toEqual([]);
  });

  test('differs by direction where requests and answers do', () => {
    const bytes = hex('0000000a 0012 0003 00000007 0000');
    expect(values(headOf('kafka', { ...place, bytes }))).toEqual({
      length: 10,
      apiKey: 18,
      apiVersion: 3,
      correlationId: 7,
    });
    expect(values(headOf('kafka', { ...place, bytes, direction: 'b>a' }))).toEqual({
      length: 10,
      correlationId: 0x0012_0003,
    });
  });

  const head = '0200 4001 012345678901 0007 aa';

  test('stands behind a marker, which may belong to the frame before', () => {
    const wanted = { messageId: 0x0200, phone: '012345678901', serial: 7 };
    const own = { ...place, payloadOffset: 1, bytes: hex(`7e ${head} 7e`) };
    const shared = { ...place, offset: 16, payloadOffset: 16, bytes: hex(`${head} 7e`) };
    expect(values(headOf('jtt808', own))).toMatchObject(wanted);
    expect(values(headOf('jtt808', shared))).toMatchObject(wanted);
    expect(headOf('jtt808', shared)?.[0]).toMatchObject({ name: 'messageId', offset: 16 });
    expect(headOf('jtt808', own)?.[1]).toMatchObject({ name: 'properties', offset: 3, length: 2 });
  });

  test('is not read where it is escaped, cut off, or unknown', () => {
    const escaped = hex(`7e 0200 0001 01237d0256789010 07 aa 7e`);
    expect(headOf('jtt808', { ...place, payloadOffset: 1, bytes: escaped })).toBeUndefined();
    expect(headOf('bgp', { ...place, bytes: hex('ffffffff') })).toBeUndefined();
    expect(headOf('u32be', { ...place, bytes: hex('00000000') })).toBeUndefined();
    expect(headOf('toString', { ...place, bytes: hex('00000000') })).toBeUndefined();
  });
});

describe('the value of a field', () => {
  test.each([
    ['a number beyond 2^53 as text', 2n ** 60n, '1152921504606846976'],
    ['bytes as hex', Uint8Array.of(1, 255), '01ff'],
    ['a list as JSON', [1, 2n], '[1,"2"]'],
    ['long text cut', 'x'.repeat(1000), `${'x'.repeat(400)}…`],
    ['long bytes cut', new Uint8Array(5000), `${'0'.repeat(400)}…`],
  ])('is %s', (_, given, wanted) => {
    const plan = [{ name: 'one', from: '$at0', to: '$at1' }];
    const read = (): object => ({ one: given, $at0: 0, $at1: 2 });
    expect(fieldsOf({ plan, read }, new Uint8Array(4), 10)).toEqual([
      { name: 'one', offset: 10, length: 2, value: wanted },
    ]);
  });
});
