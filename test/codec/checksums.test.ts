// The algorithms: each gives the check value of the reveng catalogue over "123456789", and the same however
// the bytes are cut into pieces.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHECKSUMS } from '../../src/codec/checksum-names.ts';
import type { RunningChecksum } from '../../src/codec/running-checksum.ts';
import { crc } from '../../src/codec/crc.ts';
import { hex, toHex, utf8 } from '../support/bytes.ts';
import { cutsOf, split } from '../support/deliveries.ts';
import { unstickErrorOf } from '../support/outcomes.ts';
import { runs } from '../support/seed.ts';

const CHECK = utf8('123456789');

function checksumNamed(name: string): RunningChecksum {
  const found = CHECKSUMS[name];
  if (found === undefined) {
    throw new Error(`no checksum ${name}`);
  }
  return found;
}

/** The column `check` of the catalogue. Those that are no CRC are worked out by hand or by zlib. */
// prettier-ignore
const checks: Readonly<Record<string, string>> = {
  'CRC-3/GSM': '04',
  'CRC-4/G-704': '07',
  'CRC-5/USB': '19',
  'CRC-6/G-704': '06',
  'CRC-7/MMC': '75',
  'CRC-8/SMBUS': 'f4',
  'CRC-8/I-432-1': 'a1',
  'CRC-8/ROHC': 'd0',
  'CRC-8/MAXIM-DOW': 'a1',
  'CRC-8/NRSC-5': 'f7',
  'CRC-8/SAE-J1850': '4b',
  'CRC-8/GSM-A': '37',
  'CRC-8/I-CODE': '7e',
  'CRC-8/AUTOSAR': 'df',
  'CRC-8/DVB-S2': 'bc',
  'CRC-8/DARC': '15',
  'CRC-8/CDMA2000': 'da',
  'CRC-8/WCDMA': '25',
  'CRC-8/BLUETOOTH': '26',
  'CRC-10/ATM': '0199',
  'CRC-11/FLEXRAY': '05a3',
  'CRC-12/DECT': '0f5b',
  'CRC-12/UMTS': '0daf',
  'CRC-15/CAN': '059e',
  'CRC-16/ARC': 'bb3d',
  'CRC-16/MODBUS': '4b37',
  'CRC-16/USB': 'b4c8',
  'CRC-16/MAXIM-DOW': '44c2',
  'CRC-16/UMTS': 'fee8',
  'CRC-16/CMS': 'aee7',
  'CRC-16/DDS-110': '9ecf',
  'CRC-16/KERMIT': '2189',
  'CRC-16/XMODEM': '31c3',
  'CRC-16/GSM': 'ce3c',
  'CRC-16/IBM-3740': '29b1',
  'CRC-16/GENIBUS': 'd64e',
  'CRC-16/IBM-SDLC': '906e',
  'CRC-16/MCRF4XX': '6f91',
  'CRC-16/SPI-FUJITSU': 'e5cc',
  'CRC-16/RIELLO': '63d0',
  'CRC-16/TMS37157': '26b1',
  'CRC-16/ISO-IEC-14443-3-A': 'bf05',
  'CRC-16/DNP': 'ea82',
  'CRC-16/EN-13757': 'c2b7',
  'CRC-16/T10-DIF': 'd0db',
  'CRC-16/CDMA2000': '4c06',
  'CRC-16/PROFIBUS': 'a819',
  'CRC-16/OPENSAFETY-A': '5d38',
  'CRC-16/OPENSAFETY-B': '20fe',
  'CRC-16/M17': '772b',
  'CRC-16/TELEDISK': '0fb3',
  'CRC-16/NRSC-5': 'a066',
  'CRC-24/OPENPGP': '21cf02',
  'CRC-24/LTE-A': 'cde703',
  'CRC-24/LTE-B': '23ef52',
  'CRC-24/BLE': 'c25a56',
  'CRC-24/FLEXRAY-A': '7979bd',
  'CRC-24/FLEXRAY-B': '1f23b8',
  'CRC-24/INTERLAKEN': 'b4f3e6',
  'CRC-32/ISO-HDLC': 'cbf43926',
  'CRC-32/JAMCRC': '340bc6d9',
  'CRC-32/BZIP2': 'fc891918',
  'CRC-32/MPEG-2': '0376e6e7',
  'CRC-32/CKSUM': '765e7680',
  'CRC-32/ISCSI': 'e3069283',
  'CRC-32/BASE91-D': '87315576',
  'CRC-32/AUTOSAR': '1697d06a',
  'CRC-32/MEF': 'd2c22f51',
  'CRC-32/CD-ROM-EDC': '6ec2edc4',
  'CRC-32/AIXM': '3010bf7f',
  'CRC-32/XFER': 'bd0be338',
  xor8: '31',
  sum8: 'dd',
  sum16: '01dd',
  sum32: '000001dd',
  negatedSum8: '23',
  negatedSum16: 'fe23',
  invertedSum8: '22',
  internetSum: 'f62a',
  fletcher16: '1ede',
  fletcher8: 'dd15',
  adler32: '091e01de',
};

describe('a checksum over "123456789"', () => {
  test.each(Object.entries(checks))('%s is %s', (name, check) => {
    expect(toHex(checksumNamed(name).compute(CHECK))).toBe(check);
  });

  test('is in this table, whatever its name', () => {
    const own = new Set(Object.values(CHECKSUMS).map(({ name }) => name));
    expect([...own].toSorted()).toEqual(Object.keys(checks).toSorted());
  });
});

describe('a checksum', () => {
  test('is the same over pieces as over all bytes', () => {
    const cases = fc
      .uint8Array({ maxLength: 40 })
      .chain((bytes) => fc.tuple(fc.constant(bytes), cutsOf(bytes.length)));
    const all = fc.constantFrom(...new Set(Object.values(CHECKSUMS)));
    fc.assert(
      fc.property(all, cases, (checksum, [bytes, cuts]) => {
        const state = split(bytes, cuts).reduce(
          (sum, piece) => checksum.add(sum, piece),
          checksum.start,
        );
        expect(toHex(checksum.store(state))).toBe(toHex(checksum.compute(bytes)));
      }),
      runs(2000),
    );
  });

  test('of many bytes is reduced in time', () => {
    const bytes = new Uint8Array(1_000_000).fill(255);
    const expected: Record<string, string> = {
      adler32: adlerByHand(bytes),
      fletcher16: '0000',
      sum32: '0f32fdc0',
      internetSum: '0000',
    };
    for (const [name, value] of Object.entries(expected)) {
      expect([name, toHex(checksumNamed(name).compute(bytes))]).toEqual([name, value]);
    }
  });

  test('is a CRC of any parameters: the catalogue row by row is not needed', () => {
    const modbus = crc({ width: 16, poly: 0x8005, init: 0xffff, refin: true });
    expect(toHex(modbus.compute(hex('01 04 02 ff ff')))).toBe('80b8');
  });
});

function adlerByHand(bytes: Uint8Array): string {
  let [low, high] = [1n, 0n];
  for (const byte of bytes) {
    low += BigInt(byte);
    high += low;
  }
  return (((high % 65_521n) << 16n) + (low % 65_521n)).toString(16).padStart(8, '0');
}

describe('crc', () => {
  test.each([
    ['no width', { poly: 1 }, /width must be/],
    ['33 bits', { width: 33, poly: 1 }, /from 1 to 32/],
    ['a polynomial of more bits', { width: 8, poly: 0x131 }, /poly must be .* from 0 to 255/],
    ['a negative start', { width: 8, poly: 7, init: -1 }, /init must be/],
    ['a reflection in a word', { width: 8, poly: 7, refin: 'true' }, /refin must be/],
    ['a misspelt parameter', { width: 8, poly: 7, xorOut: 1 }, /no option "xorOut"/],
    ['a name that is none', { width: 8, poly: 7, name: 8 }, /name must be a string/],
  ])('refuses %s', (_, options, facts) => {
    const error = unstickErrorOf(() => crc(options as never));
    expect(error.code).toBe('ERR_OPTION');
    expect(error.message).toMatch(facts);
  });
});
