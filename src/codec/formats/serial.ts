// Formats of the family `serial`.

// prettier-ignore
export const serial = {
  cobsStream: {
    codec: 'cobs', maxLength: 65_536,
    source: 'Cheshire and Baker, Consistent Overhead Byte Stuffing, 1999',
    note: 'a zero ends each frame; firmware logs (defmt, rzcobs is another), robots, sensors',
    known: 'specification',
  },
  kiss: {
    codec: 'delimited', start: 'c0', end: 'c0', escape: 'slip', maxLength: 4_096,
    source: 'Chepponis and Karn, The KISS TNC',
    note: 'amateur radio; the payload starts with port and command',
    known: 'specification',
  },
  nmea0183: {
    codec: 'delimited', start: '24', end: '0d 0a', maxLength: 1_024,
    source: 'NMEA 0183, 5.3',
    note: 'a sentence has at most 79 characters, but receivers send longer ones; it ends with * and two hex digits, the XOR of the characters between $ and *; AIS begins with !',
    known: 'capture', seen: 'test/interop/gpsd.test.ts',
  },
  rtcm3: {
    codec: 'lengthPrefixed', before: 'd3', prefix: { type: 'u16be', mask: '03ff' }, trailer: { checksum: 'CRC-24/LTE-A' }, maxPayloadLength: 1_023,
    source: 'RTCM 10403.3, 4.2',
    note: 'corrections for satellite receivers; the six bits beside the length are reserved and zero; CRC-24Q over the whole frame',
    known: 'device', seen: 'GNSS-SDR, rtcm_printer_test.cc',
  },
  slip: {
    codec: 'delimited', start: 'c0', end: 'c0', escape: 'slip', maxLength: 65_536,
    source: 'RFC 1055',
    note: 'an IP packet a frame; also ESP bootloaders',
    known: 'specification',
  },
  ubx: {
    codec: 'lengthPrefixed', before: ['b5 62', 2], prefix: 'u16le', trailer: { checksum: 'fletcher8', over: [{ part: 'before', from: 2 }, 'prefix', 'payload'] }, deliver: 'parts', maxPayloadLength: 65_535,
    source: 'u-blox interface description, UBX frame',
    note: 'before: class, id',
    known: 'device', seen: 'pyubx2, tests/test_parse.py',
  },
  xbeeApi: {
    codec: 'lengthPrefixed', before: '7e', prefix: 'u16be', trailer: { checksum: 'invertedSum8', over: ['payload'] }, maxPayloadLength: 65_535,
    source: 'Digi XBee user guide, API frame format',
    note: 'API mode 1, without escapes; the payload starts with the frame type',
    known: 'specification',
  },
} as const;
