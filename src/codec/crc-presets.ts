// The CRCs of the reveng catalogue that protocols use. Each is an export of its own, so that a bundle holds
// only the CRCs that the program imports. No table is made before the first use of its CRC.

import { crc } from './crc.ts';
import type { RunningChecksum } from './running-checksum.ts';

/** CRC-3/GSM of the reveng catalogue: width 3 bits, polynomial 0x3. */
// prettier-ignore
export const CRC_3_GSM: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-3/GSM', width: 3, poly: 0x3, xorout: 0x7 });
/** CRC-4/G-704 of the reveng catalogue: width 4 bits, polynomial 0x3. */
// prettier-ignore
export const CRC_4_G_704: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-4/G-704', width: 4, poly: 0x3, refin: true });
/** CRC-5/USB of the reveng catalogue: width 5 bits, polynomial 0x05. */
// prettier-ignore
export const CRC_5_USB: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-5/USB', width: 5, poly: 0x05, init: 0x1f, refin: true, xorout: 0x1f });
/** CRC-6/G-704 of the reveng catalogue: width 6 bits, polynomial 0x03. */
// prettier-ignore
export const CRC_6_G_704: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-6/G-704', width: 6, poly: 0x03, refin: true });
/** CRC-7/MMC of the reveng catalogue: width 7 bits, polynomial 0x09. */
// prettier-ignore
export const CRC_7_MMC: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-7/MMC', width: 7, poly: 0x09 });
/** CRC-8/SMBUS of the reveng catalogue: width 8 bits, polynomial 0x07. */
// prettier-ignore
export const CRC_8: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-8/SMBUS', width: 8, poly: 0x07 });
/** CRC-8/I-432-1 of the reveng catalogue: width 8 bits, polynomial 0x07. */
// prettier-ignore
export const CRC_8_I_432_1: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-8/I-432-1', width: 8, poly: 0x07, xorout: 0x55 });
/** CRC-8/ROHC of the reveng catalogue: width 8 bits, polynomial 0x07. */
// prettier-ignore
export const CRC_8_ROHC: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-8/ROHC', width: 8, poly: 0x07, init: 0xff, refin: true });
/** CRC-8/MAXIM-DOW of the reveng catalogue: width 8 bits, polynomial 0x31. */
// prettier-ignore
export const CRC_8_MAXIM_DOW: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-8/MAXIM-DOW', width: 8, poly: 0x31, refin: true });
/** CRC-8/NRSC-5 of the reveng catalogue: width 8 bits, polynomial 0x31. */
// prettier-ignore
export const CRC_8_NRSC_5: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-8/NRSC-5', width: 8, poly: 0x31, init: 0xff });
/** CRC-8/SAE-J1850 of the reveng catalogue: width 8 bits, polynomial 0x1d. */
// prettier-ignore
export const CRC_8_SAE_J1850: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-8/SAE-J1850', width: 8, poly: 0x1d, init: 0xff, xorout: 0xff });
/** CRC-8/GSM-A of the reveng catalogue: width 8 bits, polynomial 0x1d. */
// prettier-ignore
export const CRC_8_GSM_A: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-8/GSM-A', width: 8, poly: 0x1d });
/** CRC-8/I-CODE of the reveng catalogue: width 8 bits, polynomial 0x1d. */
// prettier-ignore
export const CRC_8_I_CODE: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-8/I-CODE', width: 8, poly: 0x1d, init: 0xfd });
/** CRC-8/AUTOSAR of the reveng catalogue: width 8 bits, polynomial 0x2f. */
// prettier-ignore
export const CRC_8_AUTOSAR: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-8/AUTOSAR', width: 8, poly: 0x2f, init: 0xff, xorout: 0xff });
/** CRC-8/DVB-S2 of the reveng catalogue: width 8 bits, polynomial 0xd5. */
// prettier-ignore
export const CRC_8_DVB_S2: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-8/DVB-S2', width: 8, poly: 0xd5 });
/** CRC-8/DARC of the reveng catalogue: width 8 bits, polynomial 0x39. */
// prettier-ignore
export const CRC_8_DARC: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-8/DARC', width: 8, poly: 0x39, refin: true });
/** CRC-8/CDMA2000 of the reveng catalogue: width 8 bits, polynomial 0x9b. */
// prettier-ignore
export const CRC_8_CDMA2000: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-8/CDMA2000', width: 8, poly: 0x9b, init: 0xff });
/** CRC-8/WCDMA of the reveng catalogue: width 8 bits, polynomial 0x9b. */
// prettier-ignore
export const CRC_8_WCDMA: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-8/WCDMA', width: 8, poly: 0x9b, refin: true });
/** CRC-8/BLUETOOTH of the reveng catalogue: width 8 bits, polynomial 0xa7. */
// prettier-ignore
export const CRC_8_BLUETOOTH: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-8/BLUETOOTH', width: 8, poly: 0xa7, refin: true });
/** CRC-10/ATM of the reveng catalogue: width 10 bits, polynomial 0x233. */
// prettier-ignore
export const CRC_10_ATM: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-10/ATM', width: 10, poly: 0x233 });
/** CRC-11/FLEXRAY of the reveng catalogue: width 11 bits, polynomial 0x385. */
// prettier-ignore
export const CRC_11_FLEXRAY: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-11/FLEXRAY', width: 11, poly: 0x385, init: 0x01a });
/** CRC-12/DECT of the reveng catalogue: width 12 bits, polynomial 0x80f. */
// prettier-ignore
export const CRC_12_DECT: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-12/DECT', width: 12, poly: 0x80f });
/** CRC-12/UMTS of the reveng catalogue: width 12 bits, polynomial 0x80f. */
// prettier-ignore
export const CRC_12_UMTS: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-12/UMTS', width: 12, poly: 0x80f, refout: true });
/** CRC-15/CAN of the reveng catalogue: width 15 bits, polynomial 0x4599. */
// prettier-ignore
export const CRC_15_CAN: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-15/CAN', width: 15, poly: 0x4599 });
/** CRC-16/ARC of the reveng catalogue: width 16 bits, polynomial 0x8005. */
// prettier-ignore
export const CRC_16_ARC: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/ARC', width: 16, poly: 0x8005, refin: true });
/** CRC-16/MODBUS of the reveng catalogue: width 16 bits, polynomial 0x8005. */
// prettier-ignore
export const CRC_16_MODBUS: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/MODBUS', width: 16, poly: 0x8005, init: 0xffff, refin: true });
/** CRC-16/USB of the reveng catalogue: width 16 bits, polynomial 0x8005. */
// prettier-ignore
export const CRC_16_USB: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/USB', width: 16, poly: 0x8005, init: 0xffff, refin: true, xorout: 0xffff });
/** CRC-16/MAXIM-DOW of the reveng catalogue: width 16 bits, polynomial 0x8005. */
// prettier-ignore
export const CRC_16_MAXIM_DOW: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/MAXIM-DOW', width: 16, poly: 0x8005, refin: true, xorout: 0xffff });
/** CRC-16/UMTS of the reveng catalogue: width 16 bits, polynomial 0x8005. */
// prettier-ignore
export const CRC_16_UMTS: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/UMTS', width: 16, poly: 0x8005 });
/** CRC-16/CMS of the reveng catalogue: width 16 bits, polynomial 0x8005. */
// prettier-ignore
export const CRC_16_CMS: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/CMS', width: 16, poly: 0x8005, init: 0xffff });
/** CRC-16/DDS-110 of the reveng catalogue: width 16 bits, polynomial 0x8005. */
// prettier-ignore
export const CRC_16_DDS_110: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/DDS-110', width: 16, poly: 0x8005, init: 0x800d });
/** CRC-16/KERMIT of the reveng catalogue: width 16 bits, polynomial 0x1021. */
// prettier-ignore
export const CRC_16_KERMIT: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/KERMIT', width: 16, poly: 0x1021, refin: true });
/** CRC-16/XMODEM of the reveng catalogue: width 16 bits, polynomial 0x1021. */
// prettier-ignore
export const CRC_16_XMODEM: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/XMODEM', width: 16, poly: 0x1021 });
/** CRC-16/GSM of the reveng catalogue: width 16 bits, polynomial 0x1021. */
// prettier-ignore
export const CRC_16_GSM: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/GSM', width: 16, poly: 0x1021, xorout: 0xffff });
/** CRC-16/IBM-3740 of the reveng catalogue: width 16 bits, polynomial 0x1021. */
// prettier-ignore
export const CRC_16_IBM_3740: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/IBM-3740', width: 16, poly: 0x1021, init: 0xffff });
/** CRC-16/GENIBUS of the reveng catalogue: width 16 bits, polynomial 0x1021. */
// prettier-ignore
export const CRC_16_GENIBUS: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/GENIBUS', width: 16, poly: 0x1021, init: 0xffff, xorout: 0xffff });
/** CRC-16/IBM-SDLC of the reveng catalogue: width 16 bits, polynomial 0x1021. */
// prettier-ignore
export const CRC_16_IBM_SDLC: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/IBM-SDLC', width: 16, poly: 0x1021, init: 0xffff, refin: true, xorout: 0xffff });
/** CRC-16/MCRF4XX of the reveng catalogue: width 16 bits, polynomial 0x1021. */
// prettier-ignore
export const CRC_16_MCRF4XX: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/MCRF4XX', width: 16, poly: 0x1021, init: 0xffff, refin: true });
/** CRC-16/SPI-FUJITSU of the reveng catalogue: width 16 bits, polynomial 0x1021. */
// prettier-ignore
export const CRC_16_SPI_FUJITSU: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/SPI-FUJITSU', width: 16, poly: 0x1021, init: 0x1d0f });
/** CRC-16/RIELLO of the reveng catalogue: width 16 bits, polynomial 0x1021. */
// prettier-ignore
export const CRC_16_RIELLO: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/RIELLO', width: 16, poly: 0x1021, init: 0xb2aa, refin: true });
/** CRC-16/TMS37157 of the reveng catalogue: width 16 bits, polynomial 0x1021. */
// prettier-ignore
export const CRC_16_TMS37157: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/TMS37157', width: 16, poly: 0x1021, init: 0x89ec, refin: true });
/** CRC-16/ISO-IEC-14443-3-A of the reveng catalogue: width 16 bits, polynomial 0x1021. */
// prettier-ignore
export const CRC_16_ISO_IEC_14443_3_A: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/ISO-IEC-14443-3-A', width: 16, poly: 0x1021, init: 0xc6c6, refin: true });
/** CRC-16/DNP of the reveng catalogue: width 16 bits, polynomial 0x3d65. */
// prettier-ignore
export const CRC_16_DNP: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/DNP', width: 16, poly: 0x3d65, refin: true, xorout: 0xffff });
/** CRC-16/EN-13757 of the reveng catalogue: width 16 bits, polynomial 0x3d65. */
// prettier-ignore
export const CRC_16_EN_13757: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/EN-13757', width: 16, poly: 0x3d65, xorout: 0xffff });
/** CRC-16/T10-DIF of the reveng catalogue: width 16 bits, polynomial 0x8bb7. */
// prettier-ignore
export const CRC_16_T10_DIF: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/T10-DIF', width: 16, poly: 0x8bb7 });
/** CRC-16/CDMA2000 of the reveng catalogue: width 16 bits, polynomial 0xc867. */
// prettier-ignore
export const CRC_16_CDMA2000: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/CDMA2000', width: 16, poly: 0xc867, init: 0xffff });
/** CRC-16/PROFIBUS of the reveng catalogue: width 16 bits, polynomial 0x1dcf. */
// prettier-ignore
export const CRC_16_PROFIBUS: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/PROFIBUS', width: 16, poly: 0x1dcf, init: 0xffff, xorout: 0xffff });
/** CRC-16/OPENSAFETY-A of the reveng catalogue: width 16 bits, polynomial 0x5935. */
// prettier-ignore
export const CRC_16_OPENSAFETY_A: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/OPENSAFETY-A', width: 16, poly: 0x5935 });
/** CRC-16/OPENSAFETY-B of the reveng catalogue: width 16 bits, polynomial 0x755b. */
// prettier-ignore
export const CRC_16_OPENSAFETY_B: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/OPENSAFETY-B', width: 16, poly: 0x755b });
/** CRC-16/M17 of the reveng catalogue: width 16 bits, polynomial 0x5935. */
// prettier-ignore
export const CRC_16_M17: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/M17', width: 16, poly: 0x5935, init: 0xffff });
/** CRC-16/TELEDISK of the reveng catalogue: width 16 bits, polynomial 0xa097. */
// prettier-ignore
export const CRC_16_TELEDISK: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/TELEDISK', width: 16, poly: 0xa097 });
/** CRC-16/NRSC-5 of the reveng catalogue: width 16 bits, polynomial 0x080b. */
// prettier-ignore
export const CRC_16_NRSC_5: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-16/NRSC-5', width: 16, poly: 0x080b, init: 0xffff, refin: true });
/** CRC-24/OPENPGP of the reveng catalogue: width 24 bits, polynomial 0x864cfb. */
// prettier-ignore
export const CRC_24_OPENPGP: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-24/OPENPGP', width: 24, poly: 0x864cfb, init: 0xb704ce });
/** CRC-24/LTE-A of the reveng catalogue: width 24 bits, polynomial 0x864cfb. */
// prettier-ignore
export const CRC_24_LTE_A: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-24/LTE-A', width: 24, poly: 0x864cfb });
/** CRC-24/LTE-B of the reveng catalogue: width 24 bits, polynomial 0x800063. */
// prettier-ignore
export const CRC_24_LTE_B: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-24/LTE-B', width: 24, poly: 0x800063 });
/** CRC-24/BLE of the reveng catalogue: width 24 bits, polynomial 0x00065b. */
// prettier-ignore
export const CRC_24_BLE: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-24/BLE', width: 24, poly: 0x00065b, init: 0x555555, refin: true });
/** CRC-24/FLEXRAY-A of the reveng catalogue: width 24 bits, polynomial 0x5d6dcb. */
// prettier-ignore
export const CRC_24_FLEXRAY_A: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-24/FLEXRAY-A', width: 24, poly: 0x5d6dcb, init: 0xfedcba });
/** CRC-24/FLEXRAY-B of the reveng catalogue: width 24 bits, polynomial 0x5d6dcb. */
// prettier-ignore
export const CRC_24_FLEXRAY_B: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-24/FLEXRAY-B', width: 24, poly: 0x5d6dcb, init: 0xabcdef });
/** CRC-24/INTERLAKEN of the reveng catalogue: width 24 bits, polynomial 0x328b63. */
// prettier-ignore
export const CRC_24_INTERLAKEN: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-24/INTERLAKEN', width: 24, poly: 0x328b63, init: 0xffffff, xorout: 0xffffff });
/** CRC-32/ISO-HDLC of the reveng catalogue: width 32 bits, polynomial 0x04c11db7. */
// prettier-ignore
export const CRC_32: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-32/ISO-HDLC', width: 32, poly: 0x04c11db7, init: 0xffffffff, refin: true, xorout: 0xffffffff });
/** CRC-32/JAMCRC of the reveng catalogue: width 32 bits, polynomial 0x04c11db7. */
// prettier-ignore
export const CRC_32_JAMCRC: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-32/JAMCRC', width: 32, poly: 0x04c11db7, init: 0xffffffff, refin: true });
/** CRC-32/BZIP2 of the reveng catalogue: width 32 bits, polynomial 0x04c11db7. */
// prettier-ignore
export const CRC_32_BZIP2: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-32/BZIP2', width: 32, poly: 0x04c11db7, init: 0xffffffff, xorout: 0xffffffff });
/** CRC-32/MPEG-2 of the reveng catalogue: width 32 bits, polynomial 0x04c11db7. */
// prettier-ignore
export const CRC_32_MPEG_2: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-32/MPEG-2', width: 32, poly: 0x04c11db7, init: 0xffffffff });
/** CRC-32/CKSUM of the reveng catalogue: width 32 bits, polynomial 0x04c11db7. */
// prettier-ignore
export const CRC_32_CKSUM: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-32/CKSUM', width: 32, poly: 0x04c11db7, xorout: 0xffffffff });
/** CRC-32/ISCSI of the reveng catalogue: width 32 bits, polynomial 0x1edc6f41. */
// prettier-ignore
export const CRC_32C: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-32/ISCSI', width: 32, poly: 0x1edc6f41, init: 0xffffffff, refin: true, xorout: 0xffffffff });
/** CRC-32/BASE91-D of the reveng catalogue: width 32 bits, polynomial 0xa833982b. */
// prettier-ignore
export const CRC_32_BASE91_D: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-32/BASE91-D', width: 32, poly: 0xa833982b, init: 0xffffffff, refin: true, xorout: 0xffffffff });
/** CRC-32/AUTOSAR of the reveng catalogue: width 32 bits, polynomial 0xf4acfb13. */
// prettier-ignore
export const CRC_32_AUTOSAR: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-32/AUTOSAR', width: 32, poly: 0xf4acfb13, init: 0xffffffff, refin: true, xorout: 0xffffffff });
/** CRC-32/MEF of the reveng catalogue: width 32 bits, polynomial 0x741b8cd7. */
// prettier-ignore
export const CRC_32_MEF: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-32/MEF', width: 32, poly: 0x741b8cd7, init: 0xffffffff, refin: true });
/** CRC-32/CD-ROM-EDC of the reveng catalogue: width 32 bits, polynomial 0x8001801b. */
// prettier-ignore
export const CRC_32_CD_ROM_EDC: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-32/CD-ROM-EDC', width: 32, poly: 0x8001801b, refin: true });
/** CRC-32/AIXM of the reveng catalogue: width 32 bits, polynomial 0x814141ab. */
// prettier-ignore
export const CRC_32_AIXM: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-32/AIXM', width: 32, poly: 0x814141ab });
/** CRC-32/XFER of the reveng catalogue: width 32 bits, polynomial 0x000000af. */
// prettier-ignore
export const CRC_32_XFER: RunningChecksum = /* @__PURE__ */ crc({ name: 'CRC-32/XFER', width: 32, poly: 0x000000af });
