// Checksums by name, for descriptions of framings. A program that loads this file loads all checksums, so no
// codec imports it.

import * as presets from './crc-presets.ts';
import type { RunningChecksum } from './running-checksum.ts';
import * as sums from './sums.ts';

/** Names that specifications use beside the names in the reveng catalogue. */
const ALIASES: Readonly<Record<string, RunningChecksum>> = {
  'CRC-8': presets.CRC_8,
  'CRC-16': presets.CRC_16_ARC,
  'CRC-16/IBM': presets.CRC_16_ARC,
  'CRC-16/X-25': presets.CRC_16_IBM_SDLC,
  'CRC-16/CCITT': presets.CRC_16_KERMIT,
  'CRC-16/CCITT-FALSE': presets.CRC_16_IBM_3740,
  'CRC-16/AUG-CCITT': presets.CRC_16_SPI_FUJITSU,
  'CRC-16/BUYPASS': presets.CRC_16_UMTS,
  'CRC-24': presets.CRC_24_OPENPGP,
  'CRC-24Q': presets.CRC_24_LTE_A,
  'CRC-32': presets.CRC_32,
  'CRC-32C': presets.CRC_32C,
  lrc: sums.negatedSum8,
};

/** Every checksum under its own name, and under other names that specifications use. */
export const CHECKSUMS: Readonly<Record<string, RunningChecksum>> = Object.freeze({
  ...Object.fromEntries(
    [...Object.values(presets), ...Object.values(sums)].map((one) => [one.name, one]),
  ),
  ...ALIASES,
});
