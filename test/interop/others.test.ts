// What docs/proving-findings.md says of packages of others, seen by hand. A fault that its package has
// mended fails here: then the findings are to be made again.

import { describe, expect, test } from 'vitest';
import { installedVersion, load } from '../../fuzz/others/load.ts';
import {
  bytesKept,
  garbledText,
  stackOverflow,
  truncatedPdu,
} from '../others-faults/confirmations.ts';

// npm ci --prefix fuzz/others --ignore-scripts
const installed = installedVersion('smpp') !== undefined;

describe.skipIf(!installed)('the packages of fuzz/others', () => {
  test('smpp 0.5.1 delivers a pdu that ends one byte early', async () => {
    expect(await truncatedPdu(await load('smpp'))).toBe('hell');
  });

  test('node-opcua-packet-assembler 2.182.0 overflows its stack in a read of 64 KiB', async () => {
    expect(String(stackOverflow(await load('node-opcua-packet-assembler')))).toBe(
      'RangeError: Maximum call stack size exceeded',
    );
  });

  test('ltx 3.1.2 garbles a character that is cut', async () => {
    expect(garbledText(await load('ltx'))).toBe('<m>\uFFFD\uFFFD\uFFFD包</m>');
  });

  test('packet-reader 1.0.0 keeps a million bytes that it has delivered', async () => {
    expect(bytesKept(await load('packet-reader'))).toBeGreaterThan(1_000_000);
  });
});
