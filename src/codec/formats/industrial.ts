// Formats of industrial.

// prettier-ignore
export const industrial = {
  iec104: {
    codec: 'lengthPrefixed', before: '68', prefix: 'u8', maxPayloadLength: 253,
    source: 'IEC 60870-5-104, 5',
    note: 'the payload starts with four control octets',
    known: 'specification',
  },
  modbusTcp: {
    codec: 'lengthPrefixed', before: 4, prefix: 'u16be', after: 1, counts: ['after', 'payload'], deliver: 'parts', maxPayloadLength: 253,
    source: 'Modbus Messaging on TCP/IP, 3.1.3',
    note: 'before: transaction and protocol id; after: unit id, which is counted',
    known: 'specification',
  },
  opcUa: {
    codec: 'lengthPrefixed', before: 4, prefix: 'u32le', counts: ['before', 'prefix', 'payload'], deliver: 'parts', maxPayloadLength: 16_777_216,
    source: 'OPC UA part 6, 7.1.2',
    note: 'before: message type, chunk type',
    known: 'specification',
  },
  tpkt: {
    codec: 'lengthPrefixed', before: '03 00', prefix: 'u16be', counts: ['before', 'prefix', 'payload'],
    source: 'RFC 1006, 6',
    note: 'before: version 3, reserved; RDP, S7, H.323',
    known: 'specification',
  },
} as const;
