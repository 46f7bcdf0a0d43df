// Formats of the family `meters`.

// prettier-ignore
export const meters = {
  cjt188: {
    codec: 'lengthPrefixed', before: ['68', 9], prefix: 'u8', trailer: [{ checksum: 'sum8' }, '16'], deliver: 'parts', maxPayloadLength: 255, resync: true,
    source: 'CJ/T 188-2018, 6',
    note: 'water, gas and heat meters; before: type, address (7), control; fe bytes in front of a frame are skipped as noise',
    known: 'specification',
  },
  dlmsWrapper: {
    codec: 'lengthPrefixed', before: ['00 01', 4], prefix: 'u16be', deliver: 'parts', maxPayloadLength: 65_535,
    source: 'IEC 62056-47, 7.3.3; DLMS Green Book, wrapper',
    note: 'before: source and destination; port 4059',
    known: 'device', seen: 'jDLMS, ClientServerITest',
  },
  dlt645: {
    codec: 'lengthPrefixed', before: ['68', 6, '68', 1], prefix: 'u8', trailer: [{ checksum: 'sum8' }, '16'], deliver: 'parts', maxPayloadLength: 200, resync: true,
    source: 'DL/T 645-2007, 5',
    note: 'electricity meters in China; before: address (6), control; data bytes are sent with 33 added; fe bytes in front of a frame are skipped as noise',
    known: 'specification',
  },
  mBus: {
    codec: 'lengthPrefixed', before: '68', prefix: 'u8', after: [1, '68'], trailer: [{ checksum: 'sum8', over: ['payload'] }, '16'], deliver: 'parts', maxPayloadLength: 252,
    source: 'EN 13757-2; M-Bus documentation, 5.4',
    note: 'long and control frames; after: the length once more; the payload starts with C, A and CI fields; the answer e5 and short frames (10 … 16, five bytes) are not of this format',
    known: 'device', seen: 'MBusParser, README',
  },
} as const;
