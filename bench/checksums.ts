// Checksums over payloads of one length, compared with hand-written code: one lookup in a table for each
// byte, and a loop that sums. `crc()` looks up four bytes at a time. A table CRC-16 should reach 200 MB/s.

import { CRC_16_IBM_3740, CRC_16_MODBUS, CRC_32, fletcher16, xor8 } from '../src/entries/main.ts';
import type { RunningChecksum } from '../src/entries/main.ts';
import { hold, seconds } from './harness.ts';
import type { Contender, Contest } from './harness.ts';

const MB = 1e6;
const TOTAL_LENGTH = 64 * MB;

/** Computes the checksum of the bytes. */
type Sum = (bytes: Uint8Array) => number;

function tableOf(polynomial: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let entry = byte;
    for (let bit = 0; bit < 8; bit++) {
      entry = (entry & 1) === 1 ? (entry >>> 1) ^ polynomial : entry >>> 1;
    }
    return entry;
  });
}

/** A reflected CRC by hand. */
function byHand(polynomial: number, start: number): Sum {
  const table = tableOf(polynomial);
  return (bytes) => {
    let register = start;
    for (let i = 0; i < bytes.length; i++) {
      register = (register >>> 8) ^ (table[(register ^ (bytes[i] ?? 0)) & 255] ?? 0);
    }
    return register;
  };
}

function xorByHand(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) {
    sum ^= bytes[i] ?? 0;
  }
  return sum;
}

const ofLibrary =
  (checksum: RunningChecksum): Sum =>
  (bytes) =>
    checksum.add(checksum.start, bytes);

/** A contender that computes many sums in a pass. Its figure is megabytes a second. */
function passes(length: number, sum: Sum): Contender {
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 31) % 256);
  const times = Math.ceil(TOTAL_LENGTH / length);
  return async () => {
    let all = 0;
    const time = await seconds(() => {
      for (let i = 0; i < times; i++) {
        all ^= sum(bytes);
      }
    });
    if (Number.isNaN(all)) {
      throw new Error('A sum is no number.');
    }
    return (times * length) / MB / time;
  };
}

const CRC_16_BY_HAND = 'CRC-16, a lookup a byte by hand';
const CRC_32_BY_HAND = 'CRC-32, a lookup a byte by hand';
const XOR_BY_HAND = 'xor by hand';

function contest(length: number): Contest {
  const sums: Readonly<Record<string, Sum>> = {
    [CRC_16_BY_HAND]: byHand(0xa001, 0xffff),
    CRC_16_MODBUS: ofLibrary(CRC_16_MODBUS),
    'CRC_16_IBM_3740, not reflected': ofLibrary(CRC_16_IBM_3740),
    [CRC_32_BY_HAND]: byHand(0xedb8_8320, 0xffff_ffff),
    CRC_32: ofLibrary(CRC_32),
    [XOR_BY_HAND]: xorByHand,
    xor8: ofLibrary(xor8),
    fletcher16: ofLibrary(fletcher16),
  };
  return {
    title: `checksums of ${length} B`,
    unit: 'MB/s',
    reference: CRC_16_BY_HAND,
    contenders: Object.fromEntries(
      Object.entries(sums).map(([name, sum]) => [name, passes(length, sum)]),
    ),
    targets: [
      { name: 'CRC_16_MODBUS', atLeast: 1 },
      { name: 'xor8', of: XOR_BY_HAND, atLeast: 0.9 },
    ],
  };
}

await hold(import.meta.url, [contest(64), contest(1024)]);
