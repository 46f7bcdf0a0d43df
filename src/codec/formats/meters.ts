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
} as const;
