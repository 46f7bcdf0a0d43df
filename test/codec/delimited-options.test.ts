// Options of delimited() that are refused when the codec is made.

import { describe, expect, test } from 'vitest';
import { delimited } from '../../src/codec/delimited/delimited.ts';
import { dle, hdlc, slip } from '../../src/codec/delimited/escapes.ts';
import type { DelimitedOptions } from '../../src/codec/delimited/layout.ts';
import { xor8 } from '../support/delimited-arbitraries.ts';
import { unstickErrorOf } from '../support/outcomes.ts';

const sevenE = { start: '7e', end: '7e' };

describe('delimited()', () => {
  test.each<[unknown, RegExp]>([
    [undefined, /options object/],
    [{}, /end must be bytes, or hex, not undefined/],
    [{ end: '' }, /end must be bytes in hex/],
    [{ end: '\r\n' }, /two hexadecimal digits/],
    [{ end: new Uint8Array(0) }, /1 to 256 bytes/],
    [{ end: new Uint8Array(257) }, /1 to 256 bytes/],
    [{ end: 10 }, /bytes, or hex/],
    [{ end: '0a', start: null }, /start must be/],
    [{ end: '0a', maxPayloadLength: 1 }, /no option "maxPayloadLength"/],
    [{ end: '0a', maxLength: -1 }, /maxLength/],
    [{ end: '0a', strip: 1 }, /strip must be true or false/],
    [{ ...sevenE, skipEmpty: false }, /skipEmpty must be true/],
    [{ end: '0a', checksum: {} }, /checksum must be/],
    [{ end: '0a', checksum: { ...xor8, length: 0 } }, /checksum.length/],
    [{ end: '0a', checksum: { checksum: 'xor8' } }, /checksum.checksum must be/],
    [{ end: '0a', checksum: { checksum: xor8, order: 'mixed' } }, /checksum.order/],
    [{ end: '0a', checksum: { checksum: xor8, over: [] } }, /no option "over"/],
    [{ end: '0a', escape: 'slip' }, /escape must be an escape map/],
    [{ end: '0a', escape: { escape: 256, codes: {} } }, /escape.escape/],
    [{ end: '0a', escape: { escape: 1, codes: 2 } }, /escape.codes must be/],
    [{ end: '0a', escape: { escape: 1, codes: { 2: 3 } } }, /no code for the escape byte 1/],
    [{ end: '0a', escape: { escape: 1, codes: { 1: 3, 2: 3 } } }, /code 3 twice/],
    [{ end: '0a', escape: { escape: 1, codes: { 1: 3, x: 4 } } }, /key of escape.codes/],
    [{ end: '0a', escape: { escape: 1, codes: { 1: 256 } } }, /code of byte 1/],
    [{ end: '0a', escape: { ...hdlc, xor: -1 } }, /escape.xor/],
    [{ end: '0a', escape: { ...hdlc, escape: '125' } }, /escape.escape must be a whole number/],
    [{ end: '0a', escape: [] }, /a list of 1 to 8/],
    [{ end: '0a', escape: [hdlc, 7] }, /escape must be an escape map/],
    [{ end: '0a', escape: [hdlc, hdlc] }, /Two escape maps have the escape byte 125/],
    [
      { end: '0a', escape: [slip, { escape: 1, codes: { 1: 2, 0xc0: 3 } }] },
      /code for the byte 192/,
    ],
    [{ end: '0a', escape: { escape: 1, codes: { 1: 0x0a } } }, /also a code of the escape map/],
    [{ end: '0a 7d', escape: hdlc }, /holds the escape byte/],
    [{ end: '7d', escape: hdlc }, /begins with the escape byte/],
    [{ end: '10 10', escape: dle }, /begins with the escape byte/],
    [{ end: '10 03 03', escape: dle }, /begins with the escape byte/],
  ])('refuses the options %j', (options, message) => {
    const error = unstickErrorOf(() => delimited(options as DelimitedOptions));
    expect(error.code).toBe('ERR_OPTION');
    expect(error.message).toMatch(message);
  });
});
